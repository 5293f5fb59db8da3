#!/bin/sh
# Runs `make TARGET` for the newest commit in another Debian, with its Python and its RabbitMQ.
# Usage, as root: debian.sh SUITE TARGET
#
# The other Debian lies in a temporary folder, and has nothing but what the README asks for. Its
# mounts are seen by nobody else and end with the command. It takes the settings of pip, the
# certificates and the name servers of this machine.
set -eu

SUITE=$1
TARGET=$2
MIRROR=${MIRROR:-http://deb.debian.org/debian}
PACKAGES=ca-certificates,curl,git,make,procps,python3-venv

[ "$(id -u)" = 0 ] || { echo "error: another Debian is made by root: sudo make test-debian" >&2; exit 1; }
for program in debootstrap unshare; do
    command -v "$program" >/dev/null || {
        echo "error: $program is missing: apt-get install debootstrap util-linux" >&2
        exit 1
    }
done

root=$(mktemp -d /var/tmp/carafe-debian.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM

echo "Making a Debian $SUITE in $root, a minute or so"
debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$root" "$MIRROR" >"$root.log" 2>&1 || {
    tail -n 3 "$root.log" >&2
    echo "error: debootstrap failed; all that it said is in $root.log" >&2
    exit 1
}
rm "$root.log"
git clone --quiet --no-hardlinks "$(git rev-parse --show-toplevel)" "$root/srv/carafe"

# shellcheck disable=SC2016 # the inner shell expands these
unshare --mount --fork sh -c '
    set -eu
    root=$1 target=$2
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    for path in /etc/pip.conf "$HOME/.config/pip" /etc/resolv.conf /etc/ssl/certs; do
        [ -e "$path" ] || continue
        if [ -d "$path" ]; then mkdir -p "$root$path"; else mkdir -p "$(dirname "$root$path")"; touch "$root$path"; fi
        mount --bind "$path" "$root$path"
    done
    exec chroot "$root" env --chdir /srv/carafe PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin make "$target"
' sh "$root" "$TARGET"
