#!/usr/bin/env bash
# House rules that a compiler does not know: formatting, floors, what the plugins may link, what may be committed.
set -euo pipefail
cd "$(dirname "$0")/.."

failures=0
fail() {
    printf 'lint: %s\n' "$1" >&2
    failures=$((failures + 1))
}

swift format lint --strict --parallel --recursive Package.swift Sources Tests Fuzz || fail "swift format: run \`make format\`"

# Rooms that only parse and decide do no I/O and start fast.
pure=(Findings KubernetesModel KubernetesSchema Policy Diagnosis)
for room in "${pure[@]}"; do
    if hits=$(grep -rnE '^ *(public |internal |private |@_exported )*import (Foundation|FoundationEssentials|Glibc|Musl|Dispatch|NIO|Logging|Yams)' "Sources/$room"); then
        fail "a forbidden import in a room that only decides:"$'\n'"$hits"
    fi
done

# Rooms that the plugins reach stay free of Foundation, NIO, concurrency and direct libc (CLinux is the door).
low=(SystemCalls Addressing JSONTree Netlink LinuxHost CNI CNIRuntime IPAM AgentProtocol CNIPlugins poplin-cni)
for room in "${low[@]}"; do
    if hits=$(grep -rnE '^ *(public |internal |private |@_exported )*import (Foundation|FoundationEssentials|Glibc|Musl|Dispatch|NIO|_Concurrency|Logging)' "Sources/$room"); then
        fail "a forbidden import in a low room:"$'\n'"$hits"
    fi
    if hits=$(grep -rnE '\b(await|async)\b|\bTask *[{.(]|^ *actor ' "Sources/$room" --include='*.swift' | grep -vE '^[^:]*:[0-9]+: *(//|\*)'); then
        fail "concurrency in a low room:"$'\n'"$hits"
    fi
done

# Unfinished marks are issues, not comments.
if hits=$(grep -rnE '\b(TODO|FIXME|XXX)\b|\btry!|\bas!' Sources --include='*.swift' --include='*.h' --include='*.c'); then
    fail "unfinished or unsafe marks:"$'\n'"$hits"
fi

# Product code never executes the tools it replaces.
if hits=$(grep -rnE '"(/usr)?/?s?bin/(ip|iptables|nft|tc|bpftool)"' Sources --include='*.swift'); then
    fail "product code names a tool it must not execute:"$'\n'"$hits"
fi

# Whoever looks for a thing finds its room in the table.
for room in Sources/*/; do
    grep -q "\`$(basename "$room")\`" <(sed -n '/^| floor/,/^$/p' CONTRIBUTING.md) ||
        fail "$room is not in the table of rooms in CONTRIBUTING.md"
done

for file in $(git ls-files | grep -E '(^|/)(Package\.resolved|\.build)(/|$)'); do
    fail "$file must not be committed"
done

if command -v shellcheck >/dev/null; then
    shellcheck scripts/*.sh .ci/run || fail "shellcheck"
fi

if ((failures)); then
    printf 'lint: %d rule(s) broken\n' "$failures" >&2
    exit 1
fi
echo "lint: clean"
