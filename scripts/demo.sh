#!/usr/bin/env bash
# A Kubernetes cluster on this machine, an application of three workloads on three nodes that call each other, and
# nothing left at the end. The nodes are namespaces: this machine's own network is neither used nor touched.
#
#   POPLIN       the program (default dist/bin/poplin, else the debug build)
#   POPLIN_CNI   the plugins' program (default dist/bin/poplin-cni)
#   KEEP=1       leave the cluster running
#   NO_COLOR     plain output on a terminal too
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=scripts/demo-screen.sh
source scripts/demo-screen.sh
width=66

((EUID == 0)) || die "the demo makes network namespaces and needs root: sudo make demo"
poplin=${POPLIN-}
for candidate in dist/bin/poplin .build/debug/poplin; do
    [[ -n $poplin ]] || { [[ -x $candidate ]] && poplin=$PWD/$candidate; }
done
[[ -x $poplin ]] || die "there is no poplin; run \`make build\` first"
export POPLIN_CNI=${POPLIN_CNI:-$PWD/dist/bin/poplin-cni}
[[ -x $POPLIN_CNI ]] || die "there is no $POPLIN_CNI; run \`make build\` first"
scripts/packages.sh demo

work=$(mktemp -d "${TMPDIR:-/tmp}/poplin-demo.XXXXXX")
export POPLIN_LAB=demo
started=$EPOCHREALTIME
out='' isDown=''
cleanup() {
    [[ -n $isDown || -n ${KEEP-} ]] || "$poplin" lab down >/dev/null 2>&1 || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'printf "\n%sinterrupted, cleaning up%s\n" "$red" "$plain"; exit 130' INT TERM

on_failure() { "$poplin" lab status 2>&1 | sed 's/^/    /' || true; }

# What the machine's own network is made of, to be the same at the end.
own_network() {
    ip -o link | cut -d: -f2
    ip -o addr | awk '{ print $2, $4 }'
    # What routers advertise has a time to live that counts down.
    ip route show table all | sed 's/ expires [0-9]*sec//'
    ip netns list 2>/dev/null
    nft list tables 2>/dev/null
}

printf '%sPoplin: a Kubernetes cluster on this machine, networked by Poplin%s\n' "$bold" "$plain"
show "three nodes, each a machine of its own in namespaces; a Kubernetes API over TLS; one agent per node"
own_network >"$work/before"
# What an earlier demo left when it was killed.
"$poplin" lab down >/dev/null 2>&1 || true

title "A cluster"
"$poplin" lab up --nodes 3
KUBECONFIG=$("$poplin" lab kubeconfig)
export KUBECONFIG
step "kubectl get nodes" kubectl get nodes -o wide
show "$out"

title "An application of three workloads on three nodes"
workload() { # NAME NODE IMAGE
    cat <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: { name: $1, labels: { app: $1 } }
spec:
  replicas: 2
  selector: { matchLabels: { app: $1 } }
  template:
    metadata: { labels: { app: $1 } }
    spec:
      nodeSelector: { kubernetes.io/hostname: $2 }
      containers:
        - { name: $1, image: $3, ports: [{ containerPort: 80 }] }
---
YAML
}
{
    workload web node-1 nginx
    workload api node-2 httpd
    workload store node-3 whoami
} >"$work/application.yaml"
step "kubectl apply: web on node-1, api on node-2, store on node-3" kubectl apply -f "$work/application.yaml"
ready() {
    local name
    for name in web api store; do kubectl rollout status "deployment/$name" --timeout 60s || return 1; done
}
step "all six pods are ready" ready
step "kubectl get pods" kubectl get pods -o wide
show "$(awk '{ print $1, $2, $3, $6, $7 }' <<<"$out" | column -t 2>/dev/null || printf '%s' "$out")"

declare -A pod address
for name in web api store; do
    pod[$name]=$(kubectl get pods -l app="$name" -o 'jsonpath={.items[0].metadata.name}')
    address[$name]=$(kubectl get pods -l app="$name" -o 'jsonpath={.items[0].status.podIP}')
done

title "They call each other, by the addresses of pods"
call() { "$poplin" lab exec "${pod[$1]}" -- busybox timeout 5 busybox wget -qO- "http://${address[$2]}/"; }
for pair in 'web api' 'api store' 'store web' 'web store'; do
    read -r from to <<<"$pair"
    step "$from ($(kubectl get pod "${pod[$from]}" -o 'jsonpath={.spec.nodeName}')) calls http://${address[$to]}/ ($to)" \
        call "$from" "$to"
done
show "$(head -c 300 <<<"$out" | head -4)"
step "a packet of full size crosses: ping with the pods' own MTU" \
    "$poplin" lab exec "${pod[web]}" -- sh -c \
    "ping -c 2 -i 0.2 -W 2 -M do -s \$((\$(cat /sys/class/net/eth0/mtu) - 28)) ${address[store]}"
show "$(grep -E 'bytes of data|received' <<<"$out")"

has() { "$poplin" --help | grep -q "^  $1 "; }
if has conntest; then
    title "Every way through the network"
    step "poplin conntest" "$poplin" conntest
    show "$(tail -4 <<<"$out")"
else
    show "poplin conntest is not in this version: skipped"
fi

title "Status"
step "poplin lab status" "$poplin" lab status
show "$out"
if has status; then
    step "poplin status" "$poplin" status
    show "$out"
fi

if [[ -n ${KEEP-} ]]; then
    printf '\nThe cluster keeps running. Take it down with: %s lab down --name demo\n' "$poplin"
    exit 0
fi

title "The end"
step "poplin lab down" "$poplin" lab down
isDown=1
show "$out"
grep -q '^0 leftovers$' <<<"$out" || die "the lab left something"
own_network >"$work/after"
if ! diff "$work/before" "$work/after" >"$work/difference"; then
    show "$(<"$work/difference")"
    die "this machine's own network is not what it was"
fi
awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "\n%.1f s in all. ", b - a }'
program=${poplin#"$PWD"/}
# shellcheck disable=SC2016 # to be read, not run
printf 'Next:\n  sudo %s lab up\n  sudo kubectl --kubeconfig $(sudo %s lab kubeconfig) get pods -A -o wide\n  sudo %s lab down\n' \
    "$program" "$program" "$program"
