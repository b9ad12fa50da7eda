#!/bin/sh
# Experiments and sweeps, reduced in points, dimension and runs, through one program: that of a build
# with sanitizers, which ends at the first fault that it sees.
#
#   tests/every_experiment.sh PROGRAM SECONDS FILE...
#
# What is reduced may diverge (status 3) and need not be as its file expects (4). What is no experiment
# any more, with fewer dimensions than a step has batches, runs as it is. What still runs, without a
# fault, after SECONDS is stopped, and said to be.
set -eu

program=$1 seconds=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

failed=0
for file in "$@"; do
  sed -e 's/^points *=.*/points = 512/' -e 's/^scrambles *=.*/scrambles = 2/' \
      -e 's/^dimension *=.*/dimension = 100/' -e 's/^runs *=.*/runs = 2/' "$file" \
      > "$folder/experiment.toml"
  command=run
  if grep -q '^\[sweep\]' "$file"; then command=sweep; fi
  for run in "$folder/experiment.toml" "$file"; do
    status=0
    timeout "$seconds" "$program" "$command" "$run" --out "$folder/out" --quiet \
      > "$folder/messages" 2>&1 || status=$?
    rm -rf "$folder/out"
    [ $status = 2 ] || break
  done
  case $status in
    0 | 3 | 4) echo "$file" ;;
    124) echo "$file  (stopped after $seconds s)" ;;
    *) cat "$folder/messages"; echo "$file  FAILED with status $status"; failed=1 ;;
  esac
done
exit $failed
