#!/bin/sh
# The same numbers on every processor and from every compiler, up to rounding:
#
#   tests/cross_processor.sh PROGRAM...
#
# runs the shipped batch experiments, reduced in points, dimension and runs, and reports of exponents
# with the first program on this processor, with every other program on this processor, and with all
# of them on the processors that qemu-user imitates (Nehalem: SSE only, Haswell: AVX2 and FMA). All
# numbers of curves.csv and of the reports must agree to 1e-9. Dense simulations and one-pass runs
# are left out: some 10^4 steps amplify the last bit of a sum until other numbers, of the same law,
# come out.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

reduce() {
  sed -e 's/^points *=.*/points = 512/' -e 's/^scrambles *=.*/scrambles = 2/' \
      -e 's/^dimension *=.*/dimension = 100/' -e 's/^runs *=.*/runs = 2/' "$1"
}

# compare REFERENCE OTHER: the largest relative difference; status 1 above 1e-9.
compare() {
  awk -F, '
    NR == FNR { line[FNR] = $0; n = FNR; next }
    { split(line[FNR], expected); m = FNR
      for (i = 1; i <= NF; ++i) {
        if ($i == expected[i]) continue
        a = $i + 0; b = expected[i] + 0; difference = a > b ? a - b : b - a
        size = (a < 0 ? -a : a) + (b < 0 ? -b : b)
        relative = difference <= 1e-14 ? 0 : 2 * difference / size
        if (relative == 0 && difference == 0) relative = 1
        if (relative > worst) { worst = relative; at = $0 "  instead of  " line[FNR] }
      } }
    END { if (n != m) { print "other lines"; exit 1 }
          printf "%.1e\n", worst
          if (worst > 1e-9) { print "  " at; exit 1 } }' "$1" "$2"
}

# numbers_of experiment|exponents WHAT OUT PROGRAM...: curves.csv of a run, every number of a report.
numbers_of() {
  kind=$1 what=$2 out=$3
  shift 3
  case $kind in
    experiment)
      rm -rf "$folder/run"
      "$@" run "$what" --out "$folder/run" --threads 1 -q || return 1
      cp "$folder/run/curves.csv" "$out" ;;
    exponents)
      "$@" exponents "$what" --json > "$folder/report" || return 1
      grep -v time "$folder/report" | grep -oE -e '-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?' > "$out" ;;
  esac
}

status=0
# on_all NAME KIND WHAT PROGRAM...
on_all() {
  name=$1 kind=$2 what=$3
  shift 3
  reference=
  for program in "$@"; do
    for processor in native Nehalem Haswell; do
      case $processor in
        native) emulator= ;;
        *) emulator="qemu-x86_64 -cpu $processor" ;;
      esac
      out=$folder/numbers
      numbers_of "$kind" "$what" "$out" $emulator "$program" 2> "$folder/errors" \
        || { cat "$folder/errors"; exit 1; }
      if [ -z "$reference" ]; then
        reference=$folder/reference
        cp "$out" "$reference"
        continue
      fi
      printf '%-32s %-8s %s: ' "$name" "$processor" "$program"
      compare "$reference" "$out" || status=1
    done
  done
}

for file in "$root"/data/examples/first.toml "$root"/data/papers/dandi2024/[bf]*.toml; do
  name=$(basename "$file" .toml)
  reduce "$file" > "$folder/$name.toml"
  on_all "$name" experiment "$folder/$name.toml" "$@"
done
# A label that its outermost function rounds to one value, a polynomial, jumps.
for expression in "tanh(z1 + He3(z2))" "He3(z1) + z1*z2" "sign(z1*z2*z3)"; do
  on_all "$expression" exponents "$expression" "$@"
done
exit $status
