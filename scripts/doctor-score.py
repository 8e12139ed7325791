#!/usr/bin/env python3
"""How well `poplin doctor` diagnoses recorded clusters: scripts/doctor-score.py PROGRAM FIXTURES

Each folder of FIXTURES holds evidence and expect.json ({"cause": CODE or null, "also": [], "may": []}); "also" are other
faults of the same cluster: the answer is right only when it lists them too. Prints the table of the targets, the time and
memory of a large bundle, of a cluster of that size behind an API server, well and ailing, and of this machine, and every
miss; exit 1 when a target is missed. Times are the best of three runs.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures"))
from live import AILMENTS, LiveCluster, Proxy, measured  # noqa: E402

program, fixtures = os.path.abspath(sys.argv[1]), sys.argv[2]
# Of the large cluster: the agent of one node is gone.
LARGE = "INS-01"
BUDGET = 600
broken = right = healthy = quiet = wrong = 0
misses = []


def causes(text):
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    report = json.loads(text) if text.startswith("{") else {"causes": []}
    return report, [cause["code"] for cause in report["causes"]]


for name in sorted(os.listdir(fixtures)):
    path = os.path.join(fixtures, name)
    try:
        expected = json.load(open(os.path.join(path, "expect.json")))
    except (FileNotFoundError, NotADirectoryError):
        continue
    inner = os.path.join(path, "bundle")
    if os.path.isdir(inner):
        path = inner
    answer = subprocess.run([program, "doctor", "--bundle", path, "-o", "json"], capture_output=True, text=True)
    report, codes = causes(answer.stdout)
    allowed = {expected["cause"], *expected.get("also", []), *expected.get("may", [])}
    sure = [cause["code"] for cause in report["causes"] if cause["confidence"] == "certain"]
    wrong += bool(sure) and codes[0] == sure[0] and codes[0] not in allowed
    if expected["cause"] is None:
        healthy += 1
        quiet += not codes
        is_right = not codes
    else:
        broken += 1
        is_right = codes[:1] == [expected["cause"]] and set(expected.get("also", [])) <= set(codes)
        right += is_right
    if not is_right:
        misses.append((name, expected["cause"], codes))

rows = [
    ("fixtures with a fault: the right cause first", broken, 100 * right / max(1, broken), 90, "%", True),
    ("healthy and merely suspicious fixtures: no finding", healthy, 100 * quiet / max(1, healthy), 100, "%", True),
    ("not certain of something else", broken + healthy, 100 - 100 * wrong / max(1, broken + healthy), 99, "%", True),
]


def large(name, output, row):
    """A row of the large cluster stands only when its one fault was found."""
    codes = causes(output)[1]
    if codes[:1] != [LARGE]:
        misses.append((name, LARGE, codes))
        row = (*row[:2], float("inf"), *row[3:])
    rows.append(row)


with tempfile.TemporaryDirectory() as folder:
    bundle = os.path.join(folder, "large.tar.gz")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "doctor-large-bundle.py")
    subprocess.run([sys.executable, script, bundle], check=True, stdout=sys.stderr)
    runs = [measured([program, "doctor", "--bundle", bundle, "-o", "json"]) for _ in range(3)]
    seconds, mebibytes = min(run[0] for run in runs), min(run[1] for run in runs)
    size = "bundle of 5,000 pods and 500 nodes"
    large(size, runs[0][3], (f"{size}: time", 1, seconds, 2, "s", False))
    rows.append(("the same: memory", 1, mebibytes, 300, "MiB", False))
    print(f"{size}: {min(run[2] for run in runs):.2f} s of processor time", file=sys.stderr)
    with LiveCluster(program, bundle) as cluster:
        runs = [measured([program, "doctor", "--kubeconfig", cluster.kubeconfig, "--no-this-machine", "-o", "json"])
                for _ in range(2)]
        size = "live cluster of that size"
        large(size, runs[0][3], (f"{size}: time", 1, min(run[0] for run in runs), 30, "s", False))
        rows.append(("the same: memory", 1, min(run[1] for run in runs), 300, "MiB", False))
        with Proxy(cluster) as proxy:
            output = measured([program, "doctor", "--kubeconfig", proxy.kubeconfig, "--no-this-machine", "-o", "json"])[3]
            said = causes(output)[0].get("collection", {})
            rows.append((f"the same: API requests (it said {said.get('requests')})", 1, proxy.requests, BUDGET, "", False))
        for name, fault in AILMENTS:
            with Proxy(cluster, fault) as proxy:
                seconds, _, _, output = measured(
                    [program, "doctor", "--kubeconfig", proxy.kubeconfig, "--no-this-machine", "-o", "json"])
                large(name, output, (f"ailing API: {name}", 1, seconds, 30, "s", False))
                for line in causes(output)[0].get("collection", {}).get("leftOut", []):
                    print(f"{name}: left out: {line}", file=sys.stderr)
node = min(measured([program, "doctor", "node", "-o", "json"])[0] for _ in range(3))
rows.append(("this machine: time", 1, node, 1, "s", False))

print("| measure | of | reached | target |\n|---|---|---|---|")
missed = False
for title, number, value, target, unit, is_least in rows:
    missed |= value < target if is_least else value > target
    sign = "≥" if is_least else "≤"
    reached = f"{value:.1f} {unit}" if unit else f"{value}"
    print(f"| {title} | {number} | {reached} | {sign} {target} {unit}".rstrip() + " |")
for name, cause, codes in misses:
    print(f"  {name}: {cause or 'healthy'}, said {', '.join(codes) or 'nothing'}")
sys.exit(missed)
