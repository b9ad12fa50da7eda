#!/bin/sh
# Executes every notebook; what they claim is asserted in them.
# usage: notebooks.sh PYTHON BUILD
set -eu
here=$(cd "$(dirname "$0")" && pwd)
package=$(cd "$2/apps/python" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The kernel named python3 may be another interpreter's.
mkdir -p "$scratch/share/kernels/reprise"
cat >"$scratch/share/kernels/reprise/kernel.json" <<END
{"argv": ["$1", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Reprise", "language": "python"}
END
cd "$scratch"
for notebook in "$here"/../notebooks/*.ipynb; do
  echo "$(basename "$notebook")"
  JUPYTER_PATH="$scratch/share" PYTHONPATH="$package" PYTHONDONTWRITEBYTECODE=1 MPLBACKEND= \
    "$1" -m nbconvert --to notebook --execute --ExecutePreprocessor.kernel_name=reprise \
    --output-dir "$scratch" "$notebook" >"$scratch/log" 2>&1 || { tail -n 30 "$scratch/log"; exit 1; }
done
