#!/bin/sh
# Installs what is missing, builds Reprise, and runs its headline experiment: full-batch gradient
# descent that learns a direction which one pass over the data never finds.
# usage: sh apps/demo.sh [DIRECTORY FOR THE RESULTS]
set -eu
cd "$(dirname "$0")/.."
out=${1:-results/benchmark_a}

sh apps/install_dependencies.sh
cmake --preset release >/dev/null
echo "Building (some four minutes on 2 cores)"
cmake --build --preset release --target reprise_program >/dev/null
exec build/release/apps/reprise run dandi2024/benchmark_a --out "$out"
