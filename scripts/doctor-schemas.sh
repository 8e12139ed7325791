#!/usr/bin/env bash
# Holds what `poplin` prints as JUnit and SARIF against published schemas (see scripts/doctor-formats.py):
# scripts/doctor-schemas.sh PROGRAM. Exit status 77 when the schemas cannot be had.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/doctor-fixtures.py" "$work/fixtures" CFG- RTE-0 HEALTHY- >/dev/null || exit 1
mapfile -t bundles < <(find "$work/fixtures" -mindepth 1 -maxdepth 1 -type d | sort | head -n 6)
cat >"$work/policy.yaml" <<'POLICY'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: odd & "quoted", namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/33]}}]}]
POLICY

good=0
bad=0
unknown=0
# held FORMAT COMMAND...: the command's own status says what it found, not how it is written.
held() {
    local format=$1 said
    shift
    "$program" "$@" -o "$format" >"$work/out" 2>"$work/err"
    if [[ ! -s $work/out ]]; then
        printf '%s: nothing printed: %s\n' "$*" "$(head -c 300 "$work/err")"
        bad=$((bad + 1))
        return
    fi
    said=$("$here/doctor-formats.py" --schemas "$here/../.build/schemas" "$format" <"$work/out")
    case $? in
        0) good=$((good + 1)) ;;
        77) unknown=$((unknown + 1)) ;;
        *)
            bad=$((bad + 1))
            printf '%s -o %s:\n%s\n' "$*" "$format" "$said"
            ;;
    esac
    last=$said
}

for format in junit sarif; do
    for bundle in "${bundles[@]}"; do held "$format" doctor --bundle "$bundle"; done
    held "$format" doctor --pre --bundle "${bundles[0]}"
    held "$format" doctor runbook cross-node --bundle "${bundles[0]}"
    held "$format" explain 'failed to find plugin "loopback" in path [/opt/cni/bin]'
    held "$format" explain 'all is well'
    held "$format" explain RTE-02
    held "$format" policy lint -f "$work/policy.yaml"
done
if ((bad == 0 && unknown > 0)); then
    printf '%s\n' "$last"
    exit 77
fi
printf 'schemas: %d documents hold, %d do not\n' "$good" "$bad"
((bad == 0))
