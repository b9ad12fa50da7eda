#!/bin/sh
# The same numbers on every processor and from every compiler, up to rounding:
#
#   tests/cross_processor.sh PROGRAM...
#
# runs the shipped batch experiments, reduced in points, dimension and runs, with the first program
# on this processor, with every other program on this processor, and with all of them on the
# processors that qemu-user imitates (Nehalem: SSE only, Haswell: AVX2 and FMA). All numbers of
# curves.csv must agree to 1e-9. Dense simulations and one-pass runs are left out: some 10^4 steps
# amplify the last bit of a sum until other numbers, of the same law, come out.
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

status=0
for file in "$root"/data/examples/first.toml "$root"/data/papers/dandi2024/[bf]*.toml; do
  name=$(basename "$file" .toml)
  reduce "$file" > "$folder/$name.toml"
  reference=
  for program in "$@"; do
    for processor in native Nehalem Haswell; do
      out=$folder/$name.$processor
      case $processor in
        native) emulator= ;;
        *) emulator="qemu-x86_64 -cpu $processor" ;;
      esac
      rm -rf "$out"
      $emulator "$program" run "$folder/$name.toml" --out "$out" --threads 1 -q 2> "$folder/errors" \
        || { cat "$folder/errors"; exit 1; }
      if [ -z "$reference" ]; then
        reference=$folder/$name.csv
        cp "$out/curves.csv" "$reference"
        continue
      fi
      printf '%-32s %-8s %s: ' "$name" "$processor" "$program"
      compare "$reference" "$out/curves.csv" || status=1
    done
  done
done
exit $status
