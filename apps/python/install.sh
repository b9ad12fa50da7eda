#!/bin/sh
# Installs the Debian or Ubuntu packages that the Python module needs and that are missing, makes a
# virtual environment with the system's packages in it, and builds and installs the module there.
# usage: sh apps/python/install.sh ENVIRONMENT
set -eu
[ $# = 1 ] || { echo "usage: sh apps/python/install.sh ENVIRONMENT" >&2; exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
sh "$root/apps/install_dependencies.sh" $(cat "$root/apps/python/packages")

# The first that imports numpy: another python3 may come before the system's in PATH.
for python in python3 /usr/bin/python3; do
  if "$python" -c "import numpy, pybind11" 2>/dev/null; then break; fi
done
"$python" -m venv --system-site-packages "$1"
echo "Building for $("$python" -c "import sys; print(sys.executable)")"
# Nothing is downloaded: the system's packages are there.
"$1/bin/pip" install --quiet --no-index --no-build-isolation --no-deps "$root/apps/python"
"$1/bin/python" -c "import reprise; print('reprise', reprise.__version__, 'in', '$1')"
