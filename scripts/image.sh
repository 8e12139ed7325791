#!/usr/bin/env bash
# Builds the container image that deploy/ runs, from scratch: our two programs and nothing else, as an OCI archive.
#
#   scripts/image.sh OUT [NAME]     OUT such as dist/poplin-image.tar; NAME such as localhost/poplin:latest
#
# A program that is not static brings the libraries it is linked to, and their loader. `make image STATIC=1` links
# poplin fully static first, which takes a build of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:?"usage: scripts/image.sh OUT [NAME]"}
name=${2:-localhost/poplin:latest}
programs=(dist/bin/poplin dist/bin/poplin-cni)
for program in "${programs[@]}"; do
    [[ -x $program ]] || { echo "image: there is no $program: run make build" >&2; exit 1; }
done

root=$(mktemp -d)
container=
cleanup() {
    [[ -z $container ]] || buildah rm "$container" >/dev/null
    rm -rf "$root"
}
trap cleanup EXIT

install -m 0755 "${programs[@]}" "$root"
# Directories that a runtime mounts on; the root of the image may be read-only.
mkdir -p "$root"/{etc/poplin,etc/cni/net.d,host/opt/cni/bin,proc,run/poplin,sys,tmp,var/lib/poplin,var/run/secrets}
chmod 1777 "$root/tmp"

# `ldd` fails for a static program, which has nothing to bring.
libraries=$(ldd dist/bin/poplin 2>/dev/null | grep -o '/[^ ]*' || true)
for library in $libraries; do
    install -D -m 0755 "$(readlink -f "$library")" "$root$library"
done
[[ -z $libraries ]] || echo "image: poplin is not static; its $(wc -l <<<"$libraries") libraries come with it"

container=$(buildah from scratch)
buildah copy --quiet "$container" "$root" / >/dev/null
buildah config --entrypoint '["/poplin"]' --cmd '["--help"]' --user 0:0 \
    --label org.opencontainers.image.title=poplin \
    --label "org.opencontainers.image.version=$(dist/bin/poplin-cni --version | cut -d' ' -f2)" "$container"
mkdir -p "$(dirname "$out")"
rm -f "$out"
buildah commit --quiet --timestamp "${SOURCE_DATE_EPOCH:-0}" "$container" "oci-archive:$out:$name" >/dev/null
echo "$out  $(stat -c %s "$out") bytes, $name"
