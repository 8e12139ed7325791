#!/usr/bin/env bash
# Findings of `poplin doctor --logs` in ordinary logs, of which there should be none: scripts/healthy-score.sh PROGRAM
set -euo pipefail
program=$1
folder=.build/healthy-logs
rm -rf "$folder"
python3 "$(dirname "$0")/healthy-logs.py" "$folder"
logs=0 quiet=0 lines=0
for log in "$folder"/*.log; do
    logs=$((logs + 1))
    lines=$((lines + $(wc -l <"$log")))
    said=$("$program" doctor --logs "$log" -o json | python3 -c '
import json, sys
print(*[one["code"] for one in json.load(sys.stdin).get("causes", [])])') || true
    if [[ -z $said ]]; then quiet=$((quiet + 1)); else echo "  $(basename "$log"): $said"; fi
done
echo "ordinary logs ($lines lines): no finding in $quiet of $logs"
[[ $quiet -eq $logs ]]
