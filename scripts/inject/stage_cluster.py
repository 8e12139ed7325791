"""The stage of the cluster."""
import time

from inject.cluster import Cluster
from inject.cluster_rows import ClusterRow, cluster_rows
from inject.rows import judged


def cluster(options, score, program):
    cluster_rows()
    wanted = set(options.only.split(",")) if options.only else None
    rows = [row for row in ClusterRow.rows if (not wanted or row.code in wanted or row.name in wanted
                                               or ("unseen" if row.unseen else "seen") in wanted
                                        or f"unseen-{row.flavour}" in wanted and row.unseen)
            and (row.smoke or not options.smoke)]
    rows = rows[options.skip:]
    lab = Cluster(program, options.name, options.doctor)
    slowest = 0

    def well(row):
        """Nothing is found, when what the last row did has settled."""
        report = None
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            report = lab.doctor(*row.options)
            if not report["causes"]:
                return report
            time.sleep(3)
        return report
    try:
        lab.up()
        for row in rows:
            try:
                report = well(row)
                if report["causes"]:
                    score.alarms += 1
                    text = "; ".join(f"{c['code']} {c['confidence']} {c['title']}" for c in report["causes"])
                    print(f"alarm   {row.code:7} {row.flavour:8} before: {row.name}: {text}", flush=True)
                row.inject(lab)
                if row.settled:
                    lab.wait(row.name, lambda: row.settled(lab), row.patience)
                # Controllers and agents take a moment; the answer that is judged is the last one.
                deadline = time.monotonic() + row.patience
                while True:
                    report = lab.doctor(*row.options)
                    slowest = max(slowest, lab.took)
                    verdict, text = judged(report, row)
                    if verdict == "hit" and row.expect or time.monotonic() > deadline:
                        break
                    if row.expect is None and time.monotonic() > deadline - row.patience + 10:
                        break
                    time.sleep(2)
                if row.broken and verdict == "silent" and lab.lab(
                        "shell", "node-2", "--", "sh", "-c", row.broken, check=False).returncode:
                    verdict, text = "mended", "by the agent itself"
                more = lab.screen(*row.options) if options.screen else ""
                score.tell("cluster", row, verdict, text, more)
                if row.why:
                    score.tell_others(row, [lab.why(row)])
                row.mend(lab)
            except Exception as failure:
                score.tell("cluster", row, "error", f"{type(failure).__name__}: {failure}"[:600])
                try:
                    row.mend(lab)
                except Exception:
                    pass
    finally:
        if not options.keep:
            lab.down()
    print(f"the slowest answer took {slowest:.2f} s")
