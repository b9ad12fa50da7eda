#!/bin/sh
# Installs what is missing, builds Reprise, and runs its headline experiment: batches that are used
# again find a direction that fresh ones never do, in theory and in simulation.
# usage: sh apps/demo.sh [DIRECTORY FOR THE RESULTS]
set -eu
cd "$(dirname "$0")/.."
out=${1:-results/reuse_or_fresh}

sh apps/install_dependencies.sh
cmake --preset release >/dev/null
echo "Building (some four minutes on 2 cores)"
cmake --build --preset release --target reprise_program >/dev/null
exec build/release/apps/reprise sweep dandi2024/reuse_or_fresh --out "$out"
