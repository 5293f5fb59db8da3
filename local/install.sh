#!/bin/sh
# Makes .venv and installs everything into it: what requirements-dev.txt names, or what the arguments
# tell pip to install instead. Called by `make install`.
set -eu

if [ $# = 0 ]; then
    set -- --requirement requirements-dev.txt
fi

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# What is packaged runs in AWS Lambda on the same Python: first those that Lambda supports longest. A
# command may be there and not work: pyenv has one for every Python, also for those that are not chosen.
python=${PYTHON:-}
for each in python3.13 python3.14 python3.12 python3.11 python3; do
    [ -n "$python" ] || ! is_new_enough "$each" || python=$(command -v "$each")
done
if [ -z "$python" ] || ! is_new_enough "$python"; then
    echo "error: Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3" >&2
    exit 1
fi

# Debian has what venv needs in a separate package.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "error: Python cannot make virtual environments yet: sudo apt-get install $package" >&2
        exit 1
    fi
    echo "Installing $package ..."
    mkdir -p .local
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes "$package"; } \
        >.local/install.log 2>&1 || {
        echo "error: $package could not be installed; see .local/install.log" >&2
        exit 1
    }
fi

# Progress is shown as dots; the output goes to the log, in case the installation fails.
dots() {
    while kill -0 "$$" 2>/dev/null; do
        printf .
        sleep 1
    done
}

install() {
    "$python" -m venv .venv && .venv/bin/python -m pip install \
        --disable-pip-version-check --no-input "$@"
}

printf "Making .venv and installing its packages, a minute or two, this once "
mkdir -p .local
dots &
dots=$!
trap 'kill "$dots"; echo; exit 130' INT TERM HUP
install "$@" >.local/install.log 2>&1 && failed= || failed=yes
kill "$dots"
echo
if [ "$failed" ]; then
    grep --max-count 3 '^ERROR:' .local/install.log >&2 || tail -n 3 .local/install.log >&2
    echo "error: the packages could not be installed; see .local/install.log" >&2
    exit 1
fi

touch .venv/.installed

# Said last, where it is still seen.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case $version in
3.11) lasts=2027-06-30 ;;
3.12) lasts=2028-10-31 ;;
*) lasts= ;;
esac
if [ "$lasts" ]; then
    echo "note: this is Python $version, which AWS Lambda supports until $lasts; 3.13 and 3.14 last longer:" \
        "PYTHON=/path/to/python3.13 make clean install" >&2
fi
