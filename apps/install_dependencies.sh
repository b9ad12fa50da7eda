#!/bin/sh
# Installs the Debian or Ubuntu packages that Reprise needs and that are missing: as root, or with
# sudo. Where it may not install, it prints the one command to ask an administrator for, and fails.
# usage: sh apps/install_dependencies.sh [ANOTHER_PACKAGE ...]
set -eu

packages="g++ cmake ninja-build libboost-dev libeigen3-dev libcli11-dev libtomlplusplus-dev
  nlohmann-json3-dev libsqlite3-dev libzip-dev doctest-dev gnuplot-nox $*"

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "This system has no dpkg. Reprise is tested on Debian 12 and Ubuntu 24.04; elsewhere install" >&2
  echo "the equivalents of: $(echo $packages)" >&2
  exit 1
fi

missing=""
for package in $packages; do
  case "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)" in
    "install ok installed") ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  as_root="sudo"
else
  echo "These packages are missing, and installing them needs root or sudo:$missing" >&2
  echo "Ask an administrator for:  apt-get update && $command" >&2
  exit 1
fi
echo "Installing:$missing"
# An installation that was interrupted refuses every further one until it is finished.
if [ -n "$(dpkg --audit)" ]; then $as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >/dev/null; fi
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive $command >/dev/null
