#!/bin/sh
# Installs what is missing, builds Reprise and its tests, and runs them all.
# usage: sh tests/run.sh [OPTIONS OF CTEST], for example  sh tests/run.sh -L unit
set -eu
cd "$(dirname "$0")/.."

sh apps/install_dependencies.sh
cmake --preset release >/dev/null
echo "Building"
cmake --build --preset release >/dev/null
exec ctest --preset release --output-on-failure -j"$(nproc)" "$@"
