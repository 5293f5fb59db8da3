#!/bin/sh
# Makes .venv and installs everything into it: what requirements-dev.txt names, or what the arguments
# tell pip to install instead. Called by `make install`.
set -eu

if [ $# = 0 ]; then
    set -- --requirement requirements-dev.txt
fi

python=${PYTHON:-}
if [ -z "$python" ]; then
    # What is packaged runs in AWS Lambda on the same Python: first those that Lambda supports longest.
    python=$(command -v python3.13 || command -v python3.14 || command -v python3.12 ||
        command -v python3.11 || command -v python3 || true)
fi
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "error: Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3" >&2
    exit 1
fi

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
case $("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') in
3.11) lasts=2027-06-30 ;;
3.12) lasts=2028-10-31 ;;
*) lasts= ;;
esac
if [ "$lasts" ]; then
    echo "note: there is no Python 3.13 or 3.14 here, so that AWS Lambda supports what is packaged until" \
        "$lasts; with a newer one: PYTHON=/path/to/python3.13 make clean install" >&2
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

printf "Making .venv and installing its packages, a minute or less, this once "
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
