#!/usr/bin/env bash
# Whether a program needs nothing but itself: no loader, no library, no file, no /proc.
#
#   scripts/check-static.sh PROGRAM
#
# With root it is run in a directory that holds nothing else.
set -euo pipefail

program=${1:?"usage: scripts/check-static.sh PROGRAM"}
if readelf -lW "$program" | grep -q INTERP; then
    echo "check-static: $program asks for a loader" >&2
    exit 1
fi
((EUID == 0)) || { echo "check-static: not run in an empty root, which takes root"; exit 0; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp "$program" "$root/poplin"
for words in version help "explain --help" "policy --help"; do
    # shellcheck disable=SC2086  # words are words
    if ! out=$(env -i "$(command -v chroot)" "$root" /poplin $words 2>&1); then
        printf 'check-static: "poplin %s" fails in an empty root:\n%s\n' "$words" "$out" >&2
        exit 1
    fi
done
