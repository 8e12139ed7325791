#!/usr/bin/env bash
# Installs the Debian packages that a task needs and that are missing: one line for each, silence when there is
# nothing to do.
#
#   scripts/packages.sh SET...      sets: build, demo, demo-containers, test, bench, image, lint
#
# A package counts as present when its program is: whoever built podman by hand keeps that one.
set -euo pipefail

# package:program, the program as a path or looked up in PATH and root's directories.
network=(iproute2:ip nftables:nft util-linux:nsenter procps:sysctl)
containers=(podman:podman runc:runc busybox-static:busybox)
peers=(containernetworking-plugins:/usr/lib/cni/bridge iptables:iptables ipset:ipset conntrack:conntrack strace:strace
    containerd:containerd iputils-ping:ping ethtool:ethtool bpftool:bpftool kubernetes-client:kubectl python3:python3
    python3-venv:/usr/lib/python3.11/ensurepip frr:/usr/lib/frr/bgpd)

wanted=()
for set in "$@"; do
    case $set in
        build) wanted+=(libsqlite3-dev:/usr/include/sqlite3.h zlib1g-dev:/usr/include/zlib.h) ;;
        demo) wanted+=("${network[@]}" busybox-static:busybox iputils-ping:ping kubernetes-client:kubectl) ;;
        demo-containers) wanted+=("${network[@]}" "${containers[@]}" iputils-ping:ping) ;;
        test) wanted+=("${network[@]}" "${containers[@]}" "${peers[@]}") ;;
        bench) wanted+=("${network[@]}" "${peers[@]}" gcc:gcc libc6-dev:/usr/include/stdio.h) ;;
        image) wanted+=(buildah:buildah) ;;
        lint) wanted+=(shellcheck:shellcheck) ;;
        *)
            echo "packages: no set named $set (build, demo, demo-containers, test, bench, image, lint)" >&2
            exit 2
            ;;
    esac
done

present() {
    local program=$1
    [[ $program == /* ]] && { [[ -e $program ]]; return; }
    PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$program" >/dev/null
}

missing=()
for entry in "${wanted[@]}"; do
    package=${entry%%:*}
    present "${entry#*:}" || [[ " ${missing[*]-} " == *" $package "* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
    printf 'packages: missing, and there is no apt-get here to install them: %s\n' "${missing[*]}" >&2
    exit 1
fi
if ((EUID != 0)); then
    printf 'packages: as root, install what is missing: apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Services that a package would start (containerd) are not started: the tests run their own.
# One package at a time, so that each has its line and an error names the culprit.
install_package() {
    RUNLEVEL=1 apt-get install -y -q --no-install-recommends "$1" >"$log" 2>&1
}

updated=
for package in "${missing[@]}"; do
    printf 'installing %s\n' "$package"
    install_package "$package" && continue
    # The package lists may be missing (a fresh image) or too old to name files that still exist.
    if [[ -z $updated ]]; then
        apt-get update -q >"$log" 2>&1 || true
        updated=1
        install_package "$package" && continue
    fi
    tail -n 5 "$log" >&2
    printf 'packages: could not install %s\n' "$package" >&2
    exit 1
done
