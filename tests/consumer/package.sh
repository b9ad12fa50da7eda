#!/bin/sh
# Installs the build into a folder of its own and builds and runs a project that finds it there,
# and the C++ programs of the README.
# usage: sh package.sh CMAKE BUILD_DIR SOURCE_DIR CXX_COMPILER CXX_FLAGS
set -eu
cmake=$1 build=$2 source_dir=$3 compiler=$4 flags=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/prefix" >/dev/null
# Program n between the n-th pair of ```cpp and ``` becomes readme_n.cpp.
awk -v folder="$work" '/^```cpp$/ { ++n; file = folder "/readme_" n ".cpp"; next }
                       /^```$/ { file = "" }
                       file { print > file }' "$source_dir/README.md"
programs=$(ls "$work"/readme_*.cpp | paste -s -d ";" -)

"$cmake" -G Ninja -S "$source_dir/tests/consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DREADME_PROGRAMS="$programs" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" >/dev/null
"$cmake" --build "$work/build" >/dev/null
"$work/build/consumer" "$source_dir/data/examples/first.toml"

test "$("$work/build/readme_1")" = "M_11 = 0.228"
"$work/build/readme_2" >"$work/second"
grep -qx "leap 1" "$work/second"
grep -q "^overlap 0.1 from 0\." "$work/second"

# The installed program finds the experiments that were installed with it.
cd "$work"
env -u REPRISE_DATA prefix/bin/reprise list | grep -q "dandi2024/benchmark_a "
env -u REPRISE_DATA prefix/bin/reprise run examples/first --quiet
test -s results/first/curves.csv
