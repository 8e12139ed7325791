#!/usr/bin/env python3
"""How well `poplin doctor` diagnoses recorded clusters: scripts/doctor-score.py PROGRAM FIXTURES

Each folder of FIXTURES holds evidence and expect.json ({"cause": CODE or null, "also": [], "may": []}). Prints the
table of the targets, the time and memory of a large bundle and of this machine, and every miss; exit 1 when a target
is missed.
"""
import json, os, resource, subprocess, sys, tempfile, time

program, fixtures = sys.argv[1], sys.argv[2]
broken = right = healthy = quiet = wrong = confident = 0
misses = []
for name in sorted(os.listdir(fixtures)):
    path = os.path.join(fixtures, name)
    try:
        expected = json.load(open(os.path.join(path, "expect.json")))
    except (FileNotFoundError, NotADirectoryError):
        continue
    answer = subprocess.run([program, "doctor", "--bundle", path, "-o", "json"], capture_output=True, text=True)
    report = json.loads(answer.stdout) if answer.stdout.startswith("{") else {"causes": []}
    codes = [cause["code"] for cause in report["causes"]]
    allowed = {expected["cause"], *expected.get("also", []), *expected.get("may", [])}
    sure = [cause["code"] for cause in report["causes"] if cause["confidence"] == "certain"]
    wrong += bool(sure) and codes[0] == sure[0] and codes[0] not in allowed
    if expected["cause"] is None:
        healthy += 1
        quiet += not codes
        is_right = not codes
    else:
        broken += 1
        is_right = codes[:1] == [expected["cause"]]
        right += is_right
    if not is_right:
        misses.append((name, expected["cause"], codes))


def measured(*arguments):
    """Seconds and MiB of one run."""
    before = time.monotonic()
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return time.monotonic() - before, usage.ru_maxrss / 1024


with tempfile.TemporaryDirectory() as folder:
    bundle = os.path.join(folder, "large.tar.gz")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "doctor-large-bundle.py")
    subprocess.run([sys.executable, script, bundle], check=True)
    seconds, mebibytes = min(measured("doctor", "--bundle", bundle, "-o", "json") for _ in range(3))
node = min(measured("doctor", "node", "-o", "json")[0] for _ in range(3))

rows = [
    ("fixtures with a fault: the right cause first", broken, 100 * right / max(1, broken), 90, "%", True),
    ("healthy and merely suspicious fixtures: no finding", healthy, 100 * quiet / max(1, healthy), 100, "%", True),
    ("not certain of something else", broken + healthy, 100 - 100 * wrong / max(1, broken + healthy), 99, "%", True),
    ("bundle of 5,000 pods and 500 nodes: time", 1, seconds, 2, "s", False),
    ("the same: memory", 1, mebibytes, 300, "MiB", False),
    ("this machine: time", 1, node, 1, "s", False),
]
print("| measure | of | reached | target |\n|---|---|---|---|")
missed = False
for title, number, value, target, unit, is_least in rows:
    missed |= value < target if is_least else value > target
    sign = "≥" if is_least else "≤"
    print(f"| {title} | {number} | {value:.1f} {unit} | {sign} {target} {unit} |")
for name, cause, codes in misses:
    print(f"  {name}: {cause or 'healthy'}, said {', '.join(codes) or 'nothing'}")
sys.exit(missed)
