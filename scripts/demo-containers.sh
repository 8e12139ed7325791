#!/usr/bin/env bash
# Containers on a Poplin network, run by podman: addresses, traffic, a published port, shaping, filtering, and nothing
# left at the end. Everything happens in network, mount and process namespaces of the demo's own, so that this
# machine's links, rules and containers are neither used nor touched.
#
#   POPLIN_CNI_DIR   the plugins (default dist/cni; /usr/lib/cni shows the reference plugins doing the same)
#   NO_COLOR         plain output on a terminal too
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=scripts/demo-screen.sh
source scripts/demo-screen.sh

# ---------------------------------------------------------------------------------------------------------------------
# Outside: what is needed, the namespaces, and a look at what remains of them.

if [[ ${1-} != inside ]]; then
    ((EUID == 0)) || die "the demo makes network namespaces and needs root: sudo make demo-containers"
    plugins=$(realpath -m "${POPLIN_CNI_DIR:-dist/cni}")
    for plugin in bridge host-local portmap firewall bandwidth tuning; do
        [[ -x $plugins/$plugin ]] || die "no plugin $plugin in $plugins; run \`make build\` first"
    done
    scripts/packages.sh demo-containers

    work=$(mktemp -d "${TMPDIR:-/tmp}/poplin-demo.XXXXXX")
    group=${work##*/}
    remove_all() {
        # Empty cgroups only: the kernel refuses to remove one that is in use.
        find /sys/fs/cgroup -depth -type d -path "*/$group*" -exec rmdir {} + 2>/dev/null || true
        rm -rf --one-file-system "$work"
    }
    trap remove_all EXIT
    # The inner run handles the signal and cleans up; this one waits for it.
    trap : INT TERM
    status=0
    POPLIN_CNI_DIR=$plugins unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
        "${BASH_SOURCE[0]}" inside "$work" || status=$?
    remove_all
    if ((status == 0)); then
        left=0
        [[ -e $work ]] && left=$((left + 1))
        left=$((left + $(find /sys/fs/cgroup -type d -path "*/$group*" | wc -l)))
        left=$((left + $(ip -o link | grep -c ' poplin-demo' || true)))
        ((left == 0)) || die "$left things of the demo are still on this machine"
        printf '\n%s%s0 leftovers%s\n' "$bold" "$green" "$plain"
    fi
    exit "$status"
fi

# ---------------------------------------------------------------------------------------------------------------------
# Inside.

work=$2
plugins=$POPLIN_CNI_DIR
group=${work##*/}
bridge=poplin-demo0
subnet4=10.86.0.0/24 subnet6=fd00:86::/64
rate=80 # Mbit/s, each direction of each container

for directory in /run /dev/shm /var/lib; do mount -t tmpfs tmpfs "$directory"; done
mkdir -p /run/netns /run/lock "$work"/{net.d,networks,tuning}
ip link set lo up

podman() {
    CONTAINERS_CONF="$work/containers.conf" command podman --root "$work/p/root" --runroot "$work/p/run" \
        --tmpdir "$work/p/tmp" --storage-driver vfs "$@"
}

# A container with limits that every machine grants.
container() {
    local name=$1
    shift
    podman run -d --name "$name" --network demo --cgroup-parent "/$group" --ulimit nofile=1024:1024 \
        --ulimit nproc=1000:1000 "$@"
}

started=$EPOCHREALTIME
cleanup() {
    podman rm -f -t 0 -a >/dev/null 2>&1 || true
    ip netns delete neighbour 2>/dev/null || true
}
trap cleanup EXIT
trap 'printf "\n%sinterrupted, cleaning up%s\n" "$red" "$plain"; exit 130' INT TERM

out=''

fetch() { timeout 5 busybox wget -qO- "$1"; }
from_neighbour() { ip netns exec neighbour "$@"; }
in_container() { podman exec "$@"; }
# A step that must not succeed.
refused() { ! "$@"; }

address_of() { podman inspect --format "{{(index .NetworkSettings.Networks \"demo\").$2}}" "$1"; }

# --- the machine -----------------------------------------------------------------------------------------------------

make_rootfs() {
    local root=$work/rootfs name
    mkdir -p "$root"/{bin,proc,sys,dev,etc,tmp,www,run,var}
    cp "$(command -v busybox)" "$root/bin/busybox"
    for name in sh ping ping6 httpd wget timeout sleep ip cat time; do ln -s busybox "$root/bin/$name"; done
    echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
    echo 'hello from a container on a Poplin network' >"$root/www/index.html"
    truncate -s 10M "$root/www/ten-megabytes"
}

# A machine one hop away, and what Docker leaves behind: a FORWARD policy of DROP.
make_neighbour() {
    ip netns add neighbour
    ip link add uplink0 type veth peer name eth0 netns neighbour
    ip addr add 198.51.100.1/24 dev uplink0
    ip -6 addr add 2001:db8:51::1/64 dev uplink0 nodad
    ip link set uplink0 up
    from_neighbour ip link set lo up
    from_neighbour ip addr add 198.51.100.2/24 dev eth0
    from_neighbour ip -6 addr add 2001:db8:51::2/64 dev eth0 nodad
    from_neighbour ip link set eth0 up
    from_neighbour ip route add $subnet4 via 198.51.100.1
    nft -f - <<'NFT'
table ip filter { chain FORWARD { type filter hook forward priority filter; policy drop; }; }
table ip6 filter { chain FORWARD { type filter hook forward priority filter; policy drop; }; }
NFT
    # busybox's httpd goes to the background by itself and answers with what it serves.
    mkdir -p "$work/neighbour"
    echo 'hello from the neighbour' >"$work/neighbour/index.html"
    from_neighbour busybox httpd -p 198.51.100.2:80 -h "$work/neighbour"
}

write_configuration() {
    cat >"$work/net.d/10-demo.conflist" <<JSON
{
  "cniVersion": "1.0.0",
  "name": "demo",
  "plugins": [
    { "type": "bridge", "bridge": "$bridge", "isGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": { "type": "host-local", "dataDir": "$work/networks",
                "ranges": [[{ "subnet": "$subnet4" }], [{ "subnet": "$subnet6" }]],
                "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0" }] } },
    { "type": "portmap", "capabilities": { "portMappings": true } },
    { "type": "firewall" },
    { "type": "bandwidth", "ingressRate": ${rate}000000, "ingressBurst": 800000,
                           "egressRate": ${rate}000000, "egressBurst": 800000 },
    { "type": "tuning", "dataDir": "$work/tuning", "sysctl": { "net.core.somaxconn": "1024" } }
  ]
}
JSON
    cat >"$work/containers.conf" <<TOML
[containers]
apparmor_profile = "unconfined"
[network]
network_backend = "cni"
cni_plugin_dirs = ["$plugins"]
network_config_dir = "$work/net.d"
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "none"
TOML
}

# Things in the packet filter that name a container: its addresses, its id, its port.
filter_entries() {
    nft -n list ruleset 2>/dev/null | grep -cE "10\.86\.0\.([2-9]|[1-9][0-9]+)([^0-9/]|\$)|fd00:86::[2-9a-f]|8088" || true
}

printf '%sPoplin: podman containers on a network made by poplin-cni%s\n' "$bold" "$plain"
show "podman $(command podman --version | cut -d' ' -f3), runc $(runc --version | sed -n '1s/.* //p'); plugins in ${plugins#"$PWD"/}" \
    "in namespaces of the demo's own: nothing of this machine's network is used or changed"

title "A machine with a network"
step "a root file system (busybox), no image is pulled" make_rootfs
step "a neighbour at 198.51.100.2; our FORWARD policy is DROP, as Docker's" make_neighbour
step "the network: bridge, portmap, firewall, bandwidth, tuning" write_configuration
show "$subnet4 and $subnet6 on $bridge, $rate Mbit/s each way, CNI 1.0.0"
step "before: nothing of ours in the packet filter" test "$(filter_entries)" = 0

title "Containers"
step "podman run web, port 8088 published" \
    container web -p 8088:80 --rootfs "$work/rootfs" /bin/httpd -f -p 80 -h /www
web4=$(address_of web IPAddress) web6=$(address_of web GlobalIPv6Address)
show "web     $web4  $web6"
entries=$(filter_entries)
step "podman run client" container client --rootfs "$work/rootfs" /bin/sleep 3600
client4=$(address_of client IPAddress) client6=$(address_of client GlobalIPv6Address)
show "client  $client4  $client6"

title "Traffic"
step "client pings web over IPv4" in_container client ping -c 3 -i 0.1 -W 2 "$web4"
show "$(grep 'round-trip' <<<"$out")"
step "client pings web over IPv6" in_container client ping6 -c 3 -i 0.1 -W 2 "$web6"
show "$(grep 'round-trip' <<<"$out")"
step "client fetches http://web/" in_container client timeout 5 wget -qO- "http://$web4/"
show "$out"
step "this machine fetches http://127.0.0.1:8088/" fetch http://127.0.0.1:8088/
show "$out"
step "the neighbour fetches http://198.51.100.1:8088/" from_neighbour timeout 5 busybox wget -qO- http://198.51.100.1:8088/
show "$out"
step "client fetches from the neighbour, masqueraded" in_container client timeout 5 wget -qO- http://198.51.100.2/
show "$out"

title "Limits"
step "the neighbour cannot connect to web past the published port" \
    refused from_neighbour timeout 1 busybox wget -qO- "http://$web4/"
step "client fetches 10 MiB from web" \
    in_container client sh -c "time timeout 30 wget -qO /dev/null http://$web4/ten-megabytes"
# busybox's time says "real 0m 1.05s".
seconds=$(sed -n 's/^real[^0-9]*\([0-9]*\)m *\([0-9.]*\)s.*/\1 \2/p' "$work/stderr" | awk '{ print $1 * 60 + $2 }')
measured=$(awk -v s="$seconds" 'BEGIN { printf "%.1f", 10 * 1.048576 * 8 / s }')
show "$measured Mbit/s in ${seconds} s, where $rate Mbit/s are allowed"
awk -v m="$measured" -v r="$rate" 'BEGIN { exit !(m > r * 0.5 && m < r * 1.3) }' || die "the limit does not hold"
step "net.core.somaxconn as configured" in_container web cat /proc/sys/net/core/somaxconn
[[ $out == 1024 ]] || die "net.core.somaxconn is $out in the container, not 1024"
show "packet filter: $entries entries name web, $(($(filter_entries) - entries)) more name client"

title "The end"
step "podman rm -f web client" podman rm -f -t 0 web client

# Whatever could be left is looked for, not assumed.
left=0
count() {
    local number=$2
    left=$((left + number))
    if ((number)); then
        printf '%s%s%s %-24s %d\n' "$red" "$cross" "$plain" "$1" "$number"
    else
        printf '%s%s%s %-24s 0\n' "$green" "$mark" "$plain" "$1"
    fi
}
count "containers" "$(podman ps -aq | wc -l)"
count "links" "$(ip -o link | grep -cvE ": (lo|uplink0(@[^:]*)?|$bridge): " || true)"
count "addresses" "$(ip -o addr | grep -cF -e "$web4/" -e "$web6/" -e "$client4/" -e "$client6/" || true)"
count "routes to containers" "$({ ip route show table all; ip -6 route show table all; } | grep -cwF -e "$web4" -e "$web6" -e "$client4" -e "$client6" || true)"
count "queues and filters" "$(tc qdisc | grep -cE ' (tbf|ingress|clsact) ' || true)"
count "packet-filter entries" "$(filter_entries)"
count "packet-filter rules" "$(nft -n list ruleset 2>/dev/null | grep -c 'poplin' || true)"
# Files named by an address, and what host-local's index keeps for each container.
count "reservations" "$({
    find "$work/networks/demo" -maxdepth 1 -name '[0-9a-f]*[.:]*'
    find "$work/networks" -path '*/by/*'
} | wc -l)"
count "saved settings" "$(find "$work/tuning" -type f | wc -l)"
count "namespaces" "$(ip netns list | grep -cv '^neighbour' || true)"
((left == 0)) || die "$left leftovers"
show "$bridge stays for the next container and goes with the network"
awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "\n%.1f s in all\n", b - a }'
