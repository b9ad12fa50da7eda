#!/bin/sh
# `pip install ./apps/python` in a virtual environment, offline, and the module that it leaves there.
# usage: installed.sh PYTHON [BUILD]   BUILD: a configured build folder, whose library is taken; else all is compiled
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=$1
if [ -n "${2:-}" ]; then REPRISE_PYTHON_BUILD=$(cd "$2" && pwd); export REPRISE_PYTHON_BUILD; fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Debian's pip refuses outside an environment; the system's packages keep Debian's numpy in it.
"$python" -m venv --system-site-packages "$scratch/venv"
# pip writes beside the sources that it builds.
cp -r "$here/.." "$scratch/python"
mkdir -p "$scratch/tree/apps"
root=$(cd "$here/../../.." && pwd)
for entry in CMakeLists.txt lib data tests README.md LICENSE; do ln -s "$root/$entry" "$scratch/tree/$entry"; done
for entry in "$root"/apps/*; do
  name=$(basename "$entry")
  if [ "$name" = python ]; then mv "$scratch/python" "$scratch/tree/apps/python"; else ln -s "$entry" "$scratch/tree/apps/$name"; fi
done
"$scratch/venv/bin/pip" install --quiet --no-index --no-build-isolation --no-deps "$scratch/tree/apps/python"
cd "$scratch"
env -u PYTHONPATH -u REPRISE_DATA "$scratch/venv/bin/python" - <<'END'
import pathlib, sys
import reprise as rp

assert pathlib.Path(rp.__file__).is_relative_to(sys.prefix), rp.__file__
results = rp.run(rp.Experiment.from_file("examples/first", ["curve.theory.points=1024", "training.steps=3"]))
assert results.verdict == "agree", results
assert (pathlib.Path(rp.__file__).parent / "py.typed").exists()
print("installed:", rp.__version__, results)
END
