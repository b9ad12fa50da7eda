#!/bin/sh
# Installs what is missing, builds Reprise and its tests, and runs them.
# usage: sh tests/run.sh [OPTIONS OF CTEST]
#            units, the program as people use it, the installed package: some minutes
#        sh tests/run.sh --verification [OPTIONS OF CTEST]
#            theory against simulation, published numbers, studies, stores under kills
set -eu
cd "$(dirname "$0")/.."

targets="reprise_program unit_tests" labels="unit|cli|package"
if [ "${1:-}" = --verification ]; then
  shift
  targets="reprise_program verification_tests" labels="verification|study|store"
fi
sh apps/install_dependencies.sh
cmake --preset release >/dev/null
# The Python module is tested where there is an interpreter for it.
if [ "$labels" = "unit|cli|package" ] && grep -q "^REPRISE_WITH_PYTHON:BOOL=ON" build/release/CMakeCache.txt; then
  targets="$targets reprise_python"
fi
echo "Building"
# shellcheck disable=SC2086  # a list
cmake --build --preset release --target $targets >/dev/null
exec ctest --preset release --output-on-failure -j"$(nproc)" -L "$labels" "$@"
