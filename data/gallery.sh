#!/bin/sh
# Writes data/GALLERY.md and the pictures in data/figures/gallery from data/gallery.txt.
# usage: sh data/gallery.sh [--program PROGRAM] [NAME...]
#            runs and draws all (some minutes), or the named ones
#        sh data/gallery.sh [--program PROGRAM] --check
#            says whether the page and the pictures of the quick ones are what would be written,
#            numbers within a tenth of a pixel, where gnuplot is of the same version
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$here/../build/release/apps/reprise
mode=make
while [ $# -gt 0 ]; do
  case $1 in
    --program) program=$(cd "$(dirname "$2")" && pwd)/$(basename "$2"); shift 2 ;;
    --check) mode=check; shift ;;
    *) break ;;
  esac
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
export REPRISE_DATA="$here"
pictures=$here/figures/gallery
mkdir -p "$pictures"
"$program" list >"$folder/list"

# A name of its picture.
picture_of() {
  case $1 in
    exponents*) echo exponents.svg ;;
    *) echo "$(echo "$1" | tr / -).svg" ;;
  esac
}

# What a user types.
command_of() {
  case $1 in
    exponents*) echo "reprise $1 --figure spectrum.svg" ;;
    *) if grep -q "^  $1 .*\[sweep\]$" "$folder/list"; then echo "reprise sweep $1"; else echo "reprise run $1"; fi ;;
  esac
}

title_of() {
  case $1 in
    exponents*) echo "$1" | sed 's/^exponents "\(.*\)"$/Exponents of \1/' ;;
    *) sed -n "s|^  $1  *\(.*\)|\1|p" "$folder/list" | sed 's/  \[sweep\]$//' ;;
  esac
}

# Draws one to the file.
draw() {
  case $1 in
    exponents*)
      expression=${1#exponents \"}
      "$program" exponents "${expression%\"}" --figure "$2" >/dev/null ;;
    *)
      status=0
      # 4: a claim that did not come out, said in the test of the experiment
      # shellcheck disable=SC2086,SC2046  # two words
      "$program" $(command_of "$1" | cut -d ' ' -f 2-) --quiet --out "$folder/out" >"$folder/messages" 2>&1 || status=$?
      [ $status = 0 ] || [ $status = 4 ] || { cat "$folder/messages" >&2; echo "$1: status $status" >&2; exit 1; }
      cp "$folder/out/figure.svg" "$2"
      rm -rf "$folder/out" ;;
  esac
}

page() {
  echo "# Gallery"
  echo
  echo "What the experiments and studies that come with Reprise show: one picture, one command, one sentence each. The page is written by"
  echo '`sh data/gallery.sh`; `reprise list` has the rest, and the README beside each file says what should come out and what does.'
  sed -e '/^# /d' -e '/^#$/d' "$here/gallery.txt" | while IFS='|' read -r name _ sentence; do
    name=$(echo "$name" | sed 's/ *$//')
    case $name in
      '') ;;
      '## '*) printf '\n%s\n' "$name" ;;
      *) printf '\n### %s\n\n%s\n\n    %s\n\n![%s](figures/gallery/%s)\n' \
           "$(title_of "$name" | sed 's/\*/\\*/g')" "$(echo "$sentence" | sed 's/^ *//')" "$(command_of "$name")" \
           "$(title_of "$name" | sed 's/[][*]/\\&/g')" "$(picture_of "$name")" ;;
    esac
  done
}

# Whether two pictures are one: the same texts and elements, numbers within a pixel's tenth.
same_picture() {
  awk '
    # The letters of a line without its numbers, the numbers apart.
    function split_up(line, numbers) {
      gsub(/[-+]?[0-9]+\.?[0-9]*/, " & ", line)
      return split(line, numbers, /[^-+.0-9]+/)
    }
    /GNUPLOT/ { next }
    NR == FNR { old[++n] = $0; next }
    { if (++m > n) exit 1
      a = old[m]; b = $0
      if (a == b) next
      gsub(/[-+]?[0-9]+\.?[0-9]*/, "#", a); gsub(/[-+]?[0-9]+\.?[0-9]*/, "#", b)
      if (a != b) exit 1
      k = split_up(old[m], x); split_up($0, y)
      for (i = 1; i <= k; i++) if (x[i] - y[i] > 0.1 || y[i] - x[i] > 0.1) exit 1 }
    END { if (m != n) exit 1 }' "$1" "$2"
}

version_of() { grep -o 'GNUPLOT.*' "$1" | head -n 1; }

if [ $mode = make ]; then
  sed -n 's/^\([^#|][^|]*[^| ]\) *|.*/\1/p' "$here/gallery.txt" >"$folder/names"
  while read -r name; do
    if [ $# -gt 0 ]; then
      is_asked=no
      for asked in "$@"; do [ "$asked" != "$name" ] || is_asked=yes; done
      [ $is_asked = yes ] || continue
    fi
    echo "$name"
    draw "$name" "$pictures/$(picture_of "$name")" </dev/null
  done <"$folder/names"
  page >"$here/GALLERY.md"
  exit 0
fi

page >"$folder/GALLERY.md"
diff "$here/GALLERY.md" "$folder/GALLERY.md" || { echo "data/GALLERY.md is out of date: sh data/gallery.sh" >&2; exit 1; }
grep -o 'figures/gallery/[^)]*' "$here/GALLERY.md" | sort >"$folder/named"
(cd "$here" && ls figures/gallery/*) | sort | diff "$folder/named" - || { echo "pictures and page differ" >&2; exit 1; }
sed -n 's/^\([^#|][^|]*[^| ]\) *| *quick *|.*/\1/p' "$here/gallery.txt" >"$folder/names"
while read -r name; do
  old=$pictures/$(picture_of "$name")
  draw "$name" "$folder/new.svg" </dev/null
  if [ "$(version_of "$old")" != "$(version_of "$folder/new.svg")" ]; then
    echo "$name: drawn by another gnuplot, not compared"
  elif same_picture "$old" "$folder/new.svg"; then
    echo "$name"
  else
    echo "$name: the picture is out of date: sh data/gallery.sh '$name'" >&2
    exit 1
  fi
done <"$folder/names"
