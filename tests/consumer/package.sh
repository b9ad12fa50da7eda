#!/bin/sh
# Installs the build into a folder of its own and builds and runs a project that finds it there.
# usage: sh package.sh CMAKE BUILD_DIR SOURCE_DIR CXX_COMPILER CXX_FLAGS
set -eu
cmake=$1 build=$2 source_dir=$3 compiler=$4 flags=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/prefix" >/dev/null
"$cmake" -G Ninja -S "$source_dir/tests/consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" >/dev/null
"$cmake" --build "$work/build" >/dev/null
"$work/build/consumer" "$source_dir/data/examples/first.toml"

# The installed program finds the experiments that were installed with it.
cd "$work"
env -u REPRISE_DATA prefix/bin/reprise list | grep -q "dandi2024/benchmark_a "
env -u REPRISE_DATA prefix/bin/reprise run examples/first --quiet
test -s results/first/curves.csv
