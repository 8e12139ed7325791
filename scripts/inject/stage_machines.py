"""The stage of machines: each row on a machine that was well before and must be well again."""
import hashlib
import json
import signal
import textwrap
import time

from inject.certificates import tls_rows
from inject.lab import Lab
from inject.pair import Pair
from inject.rows import Row, judged, script
from inject.rows_first import machine_rows
from inject.rows_fresh import fresh_rows
from inject.rows_later import later_rows
from inject.rows_runtime import runtime_rows
from inject.rows_unseen import unseen_rows
from inject.sessions import bird_rows, frr_rows
from inject.space import Failed, run


def tell_well(pair, score, options):
    """Machines that are well: no finding, and every connection is open."""
    healthy = Row.__new__(Row)
    healthy.name, healthy.flavour, healthy.expect, healthy.objects = "machines that are well", pair.flavour, None, None
    score.tell_others(healthy, pair.judged(healthy, pair.tried(patience=12)))


def explained(machine, row, program):
    """What `poplin explain` makes of the message with which a pod is refused now, where one is."""
    if row.expect is None or not row.code[:3] in ("INS", "CFG", "IPM", "API") or machine.flavour not in ("flannel", "bridge", "tiny"):
        return []
    outcome = machine.pod("asked", check=False, keep=False)
    if outcome.returncode == 0:
        identifier = hashlib.sha256(f"{machine.name} asked".encode()).hexdigest()
        space = f"cni-{identifier[:8]}-0000-4000-8000-{identifier[8:20]}"
        machine.sh(f"/opt/poplin cni del {machine.network} {space} --container-id {identifier} --plugin-dir /opt/cni/bin; ip netns del {space} 2>/dev/null || true", check=False)
        return []
    machine.sh(f"ip netns del cni-{hashlib.sha256(f'{machine.name} asked'.encode()).hexdigest()[:8]}-0000-4000-8000-{hashlib.sha256(f'{machine.name} asked'.encode()).hexdigest()[8:20]} 2>/dev/null || true", check=False)
    message = (outcome.stderr or outcome.stdout).strip()
    said = json.loads(run(program, "explain", "-", "-o", "json", text=message, check=False).stdout)
    codes = [item["code"] for item in said.get("causes", [])]
    if codes and codes[0] in row.expect:
        return [("explain", "hit", "")]
    sure = bool(said.get("causes")) and said["causes"][0].get("confidence") == "certain"
    state = "contains" if set(codes) & set(row.expect) else "wrong" if sure else "miss" if codes else "silent"
    return [("explain", state, f"{' '.join(codes)} of: {message[:200]}")]


def machines(options, score, program):
    machine_rows()
    unseen_rows()
    bird_rows()
    fresh_rows()
    later_rows()
    tls_rows()
    runtime_rows()
    frr_rows()
    wanted = set(options.only.split(",")) if options.only else None
    rows = [row for row in Row.rows if (not wanted or row.code in wanted or row.name in wanted or row.flavour in wanted
                                        or row.kind in wanted or f"{row.kind}-{row.flavour}" in wanted)
            and (row.smoke or not options.smoke)]
    rows.sort(key=lambda row: row.flavour)
    rows = rows[options.skip:]
    lab = Lab(program)
    slowest = 0
    proven = set()
    try:
        for row in rows:
            try:
                machine, _ = lab.pair(row.flavour)
                pair = Pair(lab, row.flavour) if row.flavour in Pair.flavours and not options.alone else None
                if pair and row.flavour not in proven:
                    proven.add(row.flavour)
                    tell_well(pair, score, options)
                report = machine.doctor()
                slowest = max(slowest, machine.took)
                if report["causes"]:
                    score.alarms += 1
                    text = "; ".join(f"{c['code']} {c['confidence']} {c['title']}" for c in report["causes"])
                    print(f"alarm   {row.code:7} {row.flavour:8} before: {row.name}: {text}", flush=True)
                    if options.verbose:
                        print(textwrap.indent(machine.screen(), "        "))
                if row.witness:
                    try:
                        script(machine, row.witness)
                    except Failed as failure:
                        raise Failed(f"the witness fails on the machine that is well: {failure}")
                script(machine, row.inject)
                if row.witness:
                    try:
                        script(machine, row.witness)
                        raise AssertionError
                    except Failed:
                        pass
                    except AssertionError:
                        raise Failed("the witness does not see that anything is broken")
                # A busy host takes a moment until what was broken shows; the answer that is judged is the last one.
                for _ in range(2):
                    report = machine.doctor()
                    slowest = max(slowest, machine.took)
                    verdict, text = judged(report, row)
                    if verdict in ("hit", "alarm"):
                        break
                    time.sleep(2)
                if not row.alone and verdict == "silent":
                    verdict = "unasked"
                more = machine.screen() if options.verbose or options.screen else ""
                score.tell("machines", row, verdict, text, more)
                if pair:
                    score.tell_others(row, pair.judged(row, pair.tried()))
                score.tell_others(row, explained(machine, row, program))
                if options.keep:
                    print(f"kept: nsenter --target {machine.process} --net --mount --uts --pid --root=/proc/{machine.process}/root")
                    signal.pause()
                if row.mend:
                    script(machine, row.mend)
                if row.renew:
                    lab.renew(row.flavour)
            # Whatever it is, the rows after this one are asked all the same, on machines that are made anew.
            except Exception as failure:
                score.tell("machines", row, "error", f"{type(failure).__name__}: {failure}"[:60000])
                # What stands between the machines is not made anew with them.
                lab.fabric.sh("nft delete table bridge fw 2>/dev/null || true", check=False)
                lab.renew(row.flavour)
    finally:
        lab.end()
    print(f"the slowest answer took {slowest:.2f} s")
