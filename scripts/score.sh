#!/usr/bin/env bash
# How well `poplin explain` understands messages: scripts/score.sh PROGRAM CASES [--tell]
#
# CASES is JSON lines: {"id", "lines": [], "cause", "accept": [], "line_alone_decides"}. Prints the table of the
# targets and every miss; exit 1 when a target is missed, but with --tell, which is for what no target is set for.
set -euo pipefail
program=$1 cases=$2 told=${3:-}
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT
# One message a line: what belongs together is joined.
python3 - "$cases" <<'PYTHON' | { "$program" explain - --each -o json || [[ $? -eq 1 ]]; } >"$answers"
import json, sys
for line in open(sys.argv[1]):
    if line.strip():
        print(" ".join(" ".join(json.loads(line)["lines"]).split()))
PYTHON
python3 - "$cases" "$answers" "$told" <<'PYTHON'
import json, sys
cases = [json.loads(line) for line in open(sys.argv[1]) if line.strip()]
answers = [json.loads(line)["causes"] for line in open(sys.argv[2])]
assert len(cases) == len(answers), f"{len(cases)} cases, {len(answers)} answers"
contained = deciding = first = wrong = 0
misses = []
for case, said in zip(cases, answers):
    codes = [one["code"] for one in said]
    accept = set(case.get("accept") or []) | {case["cause"]}
    has = case["cause"] in codes
    leads = bool(codes) and codes[0] in accept
    contained += has
    decides = case.get("line_alone_decides", False)
    deciding += decides
    first += decides and leads
    wrong += bool(said) and said[0]["confidence"] == "certain" and not leads
    if not has or (decides and not leads):
        misses.append((case["id"], case["cause"], codes))
rows = [
    ("the set of causes contains the true one", contained, len(cases), 95),
    ("the first is true where the line alone decides", first, deciding, 90),
    ("not certain of something else", len(cases) - wrong, len(cases), 99),
]
print(f"{sys.argv[1]}\n\n| measure | of | reached | target |\n|---|---|---|---|")
for name, count, total, target in rows:
    print(f"| {name} | {total} | {100 * count / max(1, total):.1f} % | {target} % |")
for name, cause, codes in misses:
    print(f"  {name}: {cause}, said {', '.join(codes) or 'nothing'}")
sys.exit(not sys.argv[3] and any(100 * count < target * total for _, count, total, target in rows))
PYTHON
