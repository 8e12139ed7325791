#!/usr/bin/env python3
"""Breaks live machines and a live cluster in the ways of the catalogue of causes, and asks the doctor what it is.

    scripts/doctor-inject.py PROGRAM [--stage machines|cluster|all] [--only CODE|ROW,...] [--smoke] [--verbose] [--keep]

Machines are namespaces of this host (network, mounts, processes, host name) with a root file system of their own over
the host's, made to look like a node of Flannel, of a routed network (Calico, AWS) or of a plain bridge, with the
reference plugins of Debian (containernetworking-plugins) and pods that `poplin cni add` attached, or a real containerd
as the sandboxes that kubelet asks for. A second machine is the other end of tunnels, routes and sessions, and what is
between them has the world behind it. The cluster is `poplin lab`.

Before a row the machine is well: no finding. Then one thing is broken (and, where the row names a witness, it must
really be broken: the witness fails), `poplin doctor node` is asked, the thing is mended, and the machine must be well
again. Where pods of both machines reach each other, both are also judged as one bundle with the objects an API server
would have, five connections are tried, and `poplin doctor why` must say of each what is true, by the row's own cause;
`poplin explain` is given the message with which a pod is refused. One line for each row, one more for what of those
columns is not as it should be, and a total; exit 1 when a machine that is well got a finding or a row was not
understood.

Root, iproute2, nft, iptables, ipset, clang, bird2, frr, containerd, busybox and containernetworking-plugins are needed;
the cluster needs POPLIN_CNI, POPLIN_DEPLOY and kubectl.
"""

import argparse
import os
import signal
import sys
import time

from inject.certificates import doors
from inject.rows import Score
from inject.stage_cluster import cluster
from inject.stage_machines import machines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--stage", choices=["machines", "cluster", "all"], default="machines")
    parser.add_argument("--only", help="codes, names of rows or flavours, separated by commas")
    parser.add_argument("--smoke", action="store_true", help="a few rows of each kind")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--screen", action="store_true")
    parser.add_argument("--doctor", help="cluster: another program than the lab's")
    parser.add_argument("--skip", type=int, default=0, help="so many rows at the beginning of each stage")
    parser.add_argument("--alone", action="store_true", help="machines: only the machine's own doctor")
    parser.add_argument("--name", default="inject", help="of the lab")
    parser.add_argument("--keep", action="store_true", help="stop when the first row is broken")
    options = parser.parse_args()
    options.verbose = options.verbose or options.screen
    score = Score(options.verbose)

    def stop(number, _):
        # The machines end with the script, also where a shell started it in the background and ignores interrupts.
        raise SystemExit(f"ended by signal {number}")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    program = os.path.realpath(options.program)
    started = time.monotonic()
    if options.stage in ("machines", "all"):
        machines(options, score, program)
        doors(options, score, program)
    if options.stage in ("cluster", "all"):
        cluster(options, score, program)
    for column, counts in score.others.items():
        print(f"{column:12} " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    total = sum(score.counts.values())
    parts = ", ".join(f"{score.counts[key]} {key}" for key in ["hit", "unasked", "miss", "silent", "mended", "wrong", "alarm", "error"]
                      if key in score.counts)
    print(f"{total} rows: {parts}; {score.alarms} findings on machines that were well; {time.monotonic() - started:.0f} s")
    sys.exit(1 if score.alarms or any(score.counts.get(key) for key in ["miss", "silent", "wrong", "alarm", "error"]) else 0)


if __name__ == "__main__":
    main()
