#!/usr/bin/env python3
"""Faults against a whole lab: flows that do not cross a fault lose nothing, and nothing leaks.

    scripts/lab-faults.py PROGRAM [--name NAME] [--only NAME,...] [--pods N] [--keep]

Through all of it run, between pods of two nodes that no fault cuts off, a ping each millisecond and a stream of
messages over one TCP connection, one each millisecond; and the same between one of them and the third node, which
counts while a fault leaves that node's traffic alone. Root, kubectl, nft and nsenter are needed, and POPLIN_CNI; for
`clock`, which has a lab of its own, cc.

agents     kill -9 of every agent, twice
control    kill -9 of supervisor, API server, controllers and kubelets
reload     a changed ConfigMap is in force without a restart, and says what is not
cutoff     a node does not reach the API while its pods are deleted; they are cleaned up later
expired    a node comes back to the API when what it has seen is forgotten there (410 for every watch it has)
slow       the API server stands still for 600 of each 650 ms: pods come and go
partition  a node's cable is pulled and plugged in again
diskfull   no room for the agent's record: a pod waits and says why, and starts when there is room
daemon     kill -9 of a node's container daemon: its pods come back
reboot     a node starts anew: its pods come back
readd      a node is removed and added again
clock      the time of day of every program goes two hours forward, then 40 minutes back, while pods come and go
churn      N pods come and go while everything is killed at random; then nothing is left of any

One line for each; exit 1 when one fails.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time

CALM = ["node-1", "node-2"]
FAULTY = "node-3"
PATIENCE = 180


class Failed(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failed(text)


def pod(name, node, image, args=None, command=None, privileged=False, labels=None, annotations=None, restart="Always"):
    container = {"name": "main", "image": image}
    if args:
        container["args"] = args
    if command:
        container["command"] = command
    if privileged:
        container["securityContext"] = {"privileged": True}
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "labels": labels or {}, "annotations": annotations or {}},
            "spec": {"nodeName": node, "terminationGracePeriodSeconds": 1, "restartPolicy": restart,
                     # A node that is away for a while keeps its pods.
                     "tolerations": [{"operator": "Exists"}], "containers": [container]}}


class Lab:
    def __init__(self, program, name):
        self.program = os.path.realpath(program)
        self.name = name
        self.directory = f"/var/lib/poplin/lab/{name}"
        self.environment = dict(os.environ, NO_COLOR="1", KUBECONFIG=f"{self.directory}/kubeconfig",
                                # Few enough that a node that is away for some seconds has missed them.
                                POPLIN_APISERVER_HISTORY="100")

    def run(self, *words, text=None, check=True, timeout=240):
        outcome = subprocess.run(words, input=text, capture_output=True, text=True, env=self.environment,
                                 timeout=timeout)
        if check and outcome.returncode:
            raise Failed(f"{' '.join(words)[:200]}: {outcome.returncode}: {(outcome.stdout + outcome.stderr)[-800:]}")
        return outcome

    def poplin(self, *words, **more):
        return self.run(self.program, *words, **more)

    def lab(self, *words, **more):
        separator = words.index("--") if "--" in words else len(words)
        return self.poplin("lab", *words[:separator], "--name", self.name, *words[separator:], **more)

    def kubectl(self, *words, **more):
        return self.run("kubectl", *words, **more).stdout

    def node(self, name, script, **more):
        return self.lab("shell", name, "--", "sh", "-c", script, **more).stdout

    def apply(self, *objects):
        self.kubectl("apply", "-f", "-", text="\n".join(json.dumps(item) for item in objects))

    def objects(self, *words):
        return json.loads(self.kubectl("get", *words, "-o", "json"))["items"]

    def state(self):
        with open(f"{self.directory}/lab.json") as file:
            return json.load(file)

    def process(self, name):
        return self.state()["processes"].get(name, {}).get("pid")

    def end(self, name):
        """kill -9 of a program of the lab's own; False when it had gone already."""
        process = self.process(name)
        if not process:
            return False
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def wait(self, what, condition, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while True:
            try:
                found = condition()
            except Failed:
                found = None
            if found:
                return found
            expect(time.monotonic() < deadline, f"waited {patience} s for {what}")
            time.sleep(0.2)

    def ready(self, *names, patience=PATIENCE):
        for name in names:
            self.kubectl("wait", "--for=condition=Ready", f"pod/{name}", f"--timeout={patience}s")

    def address(self, name):
        return self.kubectl("get", "pod", name, "-o", "jsonpath={.status.podIP}")

    def kill(self, node, pattern):
        """kill -9 inside a node, where no process of anybody else is seen; the brackets keep the shell out of it."""
        pattern = f"[{pattern[0]}]{pattern[1:]}"
        return self.node(node, f"pkill -9 -f '{pattern}'; true")

    def running(self, node, pattern):
        pattern = f"[{pattern[0]}]{pattern[1:]}"
        return self.node(node, f"pgrep -f '{pattern}'; true").split()

    def nodes_ready(self):
        items = self.objects("nodes")
        return len(items) == 3 and all(
            any(c["type"] == "Ready" and c["status"] == "True" for c in item["status"]["conditions"])
            for item in items)

    def agents_ready(self):
        pods = self.objects("pods", "-n", "poplin-system", "-l", "app.kubernetes.io/name=poplin-agent")
        return len(pods) == 3 and all(
            any(c["type"] == "Ready" and c["status"] == "True" for c in item["status"].get("conditions", []))
            for item in pods)

    def settle(self):
        self.lab("up")
        self.wait("three nodes that are ready", self.nodes_ready)
        self.wait("three agents that are ready", self.agents_ready)


class Flow:
    """A ping each millisecond and a TCP stream from one node to the echo on another, from the start to the end."""

    def __init__(self, lab, name, source, target):
        self.lab, self.name, self.source, self.target = lab, name, source, target

    def start(self):
        self.lab.apply(pod(f"{self.name}-echo", self.target, "poplin-workload", ["echo"]))
        self.lab.ready(f"{self.name}-echo")
        address = self.lab.address(f"{self.name}-echo")
        # The first packets of all may come before the other node has heard of a new block of addresses.
        reach = f"until ping -c 1 -W 1 {address} >/dev/null; do :; done"
        self.lab.apply(
            pod(f"{self.name}-ping", self.source, "host", privileged=True, restart="Never",
                command=["sh", "-c", f"{reach}; exec nice -n -20 ping -q -i 0.001 {address}"]),
            pod(f"{self.name}-stream", self.source, "poplin-workload", restart="Never", args=[
                "client", f"tcp://{address}:7", "--interval", "1ms", "--timeout", "60s", "--report", "250ms"]))
        self.lab.ready(f"{self.name}-ping", f"{self.name}-stream")
        self.lab.wait("the first answers", lambda: self.counts()[0] > 100)
        return self

    def counts(self):
        """(pings sent, answered, messages sent, answered, lost, breaks of the connection), now."""
        self.lab.kubectl("exec", f"{self.name}-ping", "--", "kill", "-QUIT", "1")
        time.sleep(0.5)
        # Of iputils on SIGQUIT: `12345/12345 packets, 0% loss, ...`
        pings = re.findall(r"(\d+)/(\d+) packets", self.lab.kubectl("logs", f"{self.name}-ping", "--tail=3"))
        lines = self.lab.kubectl("logs", f"{self.name}-stream", "--tail=1")
        stream = re.search(r"sent (\d+) answered (\d+) lost (\d+) breaks (\d+)", lines)
        expect(pings and stream, f"{self.name}: nothing measured yet")
        # It prints answered/sent.
        return (int(pings[-1][1]), int(pings[-1][0]), *(int(number) for number in stream.groups()))

    def check(self, before=None):
        """Nothing was lost, and the flow goes on. One ping may be under way."""
        sent, answered, messages, replies, lost, breaks = self.counts()
        expect(sent - answered <= 1, f"{self.name}: {sent - answered} of {sent} pings lost")
        expect(lost == 0 and breaks == 0, f"{self.name}: TCP lost {lost} of {messages}, {breaks} breaks")
        if before:
            expect(sent > before[0] and replies > before[3], f"{self.name} stands still")
        return sent, answered, messages, replies

    def stop(self):
        names = [f"{self.name}-{part}" for part in ("ping", "stream", "echo")]
        self.lab.kubectl("delete", "pod", "--ignore-not-found", "--force", "--grace-period=0", *names)


# MARK: Faults. Each returns what it did, in words.


def agents(lab, options):
    for _ in range(2):
        for node in CALM + [FAULTY]:
            before = lab.running(node, "agent --config-dir")
            expect(before, f"no agent runs on {node}")
            lab.kill(node, "agent --config-dir")
            lab.wait(f"another agent on {node}", lambda: set(lab.running(node, "agent --config-dir")) - set(before))
        lab.wait("agents that are ready", lab.agents_ready)
    return "6 kills"


def control(lab, options):
    os.kill(lab.process("supervisor"), 9)
    lab.lab("up")
    for name in ("apiserver", "controllers"):
        for _ in range(2):
            before = lab.wait(f"a running {name}", lambda: lab.process(name))
            os.kill(before, 9)
            lab.wait(f"another {name}", lambda: lab.process(name) not in (None, before))
    for node in CALM + [FAULTY]:
        before = lab.running(node, "lab kubelet")
        lab.kill(node, "lab kubelet")
        lab.wait(f"another kubelet on {node}", lambda: set(lab.running(node, "lab kubelet")) - set(before))
    lab.settle()
    return "supervisor, API server twice, controllers twice, three kubelets"


def reload(lab, options):
    read = json.loads(lab.kubectl("get", "configmap", "poplin-config", "-n", "poplin-system", "-o", "json"))["data"]
    settings = json.loads(read["poplin.json"])
    network = json.loads(read["net-conf.json"])

    def write(settings, network):
        patch = {"data": {"poplin.json": json.dumps(settings), "net-conf.json": json.dumps(network)}}
        lab.kubectl("patch", "configmap", "poplin-config", "-n", "poplin-system", "--type", "merge", "-p",
                    json.dumps(patch))

    def readyz(node):
        return lab.node(node, "busybox wget -qO- 'http://127.0.0.1:9277/readyz?verbose'")

    def masquerades(node):
        return "masquerade" in lab.node(node, "nft list table inet poplin 2>/dev/null; true")

    expect(all(masquerades(node) for node in CALM), "masquerading is not on")
    write({**settings, "masquerade": False}, {**network, "Backend": {**network["Backend"], "VNI": 77}})
    lab.wait("no masquerading", lambda: not any(masquerades(node) for node in CALM + [FAULTY]))
    lab.wait("what waits to be said", lambda: all("Backend (Type, VNI, Port)" in readyz(n) for n in CALM + [FAULTY]))
    write(settings, network)
    lab.wait("masquerading again", lambda: all(masquerades(node) for node in CALM + [FAULTY]))
    lab.wait("nothing to wait", lambda: all("[+]configuration ok" in readyz(node) for node in CALM + [FAULTY]))
    return "masquerading off and on again; a VNI waits and says so"


class Cut:
    """The way between a node and the API server is closed in the underlay, where the rest goes on."""

    def __init__(self, lab, node):
        self.lab = lab
        self.fabric = lab.process("fabric")
        node = next(item for item in lab.objects("nodes") if item["metadata"]["name"] == node)
        self.address = next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP")

    def nft(self, *words):
        self.lab.run("nsenter", "-t", str(self.fabric), "-n", "nft", *words)

    def __enter__(self):
        self.nft("add table ip faults; add chain ip faults f { type filter hook forward priority 0; }; "
                 f"add rule ip faults f ip saddr {self.address} ip daddr {{ 192.168.100.10, 10.96.0.1 }} drop; "
                 f"add rule ip faults f ip daddr {self.address} ip saddr {{ 192.168.100.10, 10.96.0.1 }} drop")
        return self

    def __exit__(self, *_):
        self.nft("delete table ip faults")


def links(lab, node):
    """Pods' links on a node, by container."""
    return set(re.findall(r"alias poplin:[^/]*/([0-9a-f]{64})/", lab.node(node, "ip -d link")))


def cutoff(lab, options):
    names = [f"cut-{number}" for number in range(6)]
    before = links(lab, FAULTY)
    lab.apply(*[pod(name, FAULTY, "pause") for name in names])
    lab.ready(*names)
    expect(len(links(lab, FAULTY) - before) == 6, "six pods have other than six links")
    addresses = [lab.address(name) for name in names]
    with Cut(lab, FAULTY):
        # One pod whose object is gone at once, the others wait for their kubelet.
        lab.kubectl("delete", "pod", "cut-0", "--force", "--grace-period=0")
        lab.kubectl("delete", "pod", "--wait=false", *names[1:])
        # Longer than a watch takes to notice.
        time.sleep(20)
        expect(len(links(lab, FAULTY) - before) == 6, "a node that hears nothing took pods down")
    lab.wait("the six pods' links to go", lambda: not links(lab, FAULTY) - before)
    lab.wait("the six pods to go", lambda: not set(names) & {p["metadata"]["name"] for p in lab.objects("pods")})

    def released():
        record = json.loads(lab.node(FAULTY, "cat /var/lib/poplin/ipam/addresses.json"))
        held = {entry["address"] for block in record["blocks"] for entry in block["allocated"]}
        # Behind the record, a line for each change since.
        for line in lab.node(FAULTY, "cat /var/lib/poplin/ipam/addresses.log").splitlines()[1:]:
            for entry in json.loads(line):
                (held.add if "handle" in entry else held.discard)(entry["address"])
        return not held & set(addresses)

    lab.wait("the six addresses to be given back", released)
    return "6 pods deleted while their node heard nothing, gone 20 s later"


def expired(lab, options):
    version = json.loads(lab.kubectl("get", "--raw", "/api/v1/nodes"))["metadata"]["resourceVersion"]
    with Cut(lab, FAULTY):
        # The history is looked at every ten seconds, and older connections must break.
        for number in range(150):
            lab.kubectl("annotate", "node", CALM[number % 2], f"faults.example/n={number}", "--overwrite")
        lab.apply(pod("missed", CALM[0], "poplin-workload", ["echo"]))
        lab.ready("missed")
        time.sleep(12)
        os.kill(lab.process("apiserver"), 9)
        lab.wait("the API server", lambda: lab.objects("nodes"))
        answer = lab.kubectl("get", "--raw", f"/api/v1/nodes?watch=1&resourceVersion={version}&timeoutSeconds=1",
                             check=False)
        expect('"code":410' in answer, f"what the node has seen is still known: {answer[:200]}")
    lab.kubectl("annotate", "node", "--all", "faults.example/n-")
    lab.settle()
    lab.apply(pod("late", FAULTY, "host", command=["sleep", "3600"]))
    lab.ready("late")
    lab.wait("a pod of the returned node to reach a new one", lambda: lab.kubectl(
        "exec", "late", "--", "ping", "-c", "1", "-W", "1", lab.address("missed")))
    lab.kubectl("delete", "pod", "missed", "late")
    return "150 changes missed and forgotten, listed again"


def slow(lab, options):
    stop = threading.Event()

    process = lab.process("apiserver")

    def halt():
        while not stop.is_set():
            os.kill(process, signal.SIGSTOP)
            time.sleep(0.6)
            os.kill(process, signal.SIGCONT)
            time.sleep(0.05)

    names = [f"slow-{number}" for number in range(6)]
    thread = threading.Thread(target=halt)
    thread.start()
    try:
        lab.apply(*[pod(name, node, "pause") for name, node in zip(names, (CALM + [FAULTY]) * 2)])
        lab.ready(*names)
        lab.kubectl("delete", "pod", *names)
    finally:
        stop.set()
        thread.join()
    return "6 pods made and deleted by an API server that stands still for 600 of each 650 ms"


def partition(lab, options):
    lab.lab("node", "partition", FAULTY)
    time.sleep(5)
    lab.lab("node", "heal", FAULTY)
    flow = Flow(lab, "healed", CALM[0], FAULTY).start()
    flow.check()
    flow.stop()
    return "5 s without a cable"


def diskfull(lab, options):
    place = "/var/lib/poplin/ipam"
    lab.node(FAULTY, f"cp -a {place} /run/kept && mount -t tmpfs -o size=64k faults {place} "
                     f"&& cp -a /run/kept/. {place}/ && rm -r /run/kept")
    try:
        # An agent that is started sees the small disk.
        before = lab.running(FAULTY, "agent --config-dir")
        lab.kill(FAULTY, "agent --config-dir")
        lab.wait("another agent", lambda: set(lab.running(FAULTY, "agent --config-dir")) - set(before))
        lab.wait("agents that are ready", lab.agents_ready)
        lab.node(FAULTY, f"dd if=/dev/zero of={place}/filler bs=4096 2>/dev/null; true")
        # What is full has room left in the last block of a file: the first ones' lines may fit there.
        names = [f"waits-{number}" for number in range(40)]
        lab.apply(*[pod(name, FAULTY, "pause") for name in names])

        def said():
            events = lab.objects("events")
            return [e["message"] for e in events if e["involvedObject"]["name"] in names
                    and ("No space left" in e["message"] or "ENOSPC" in e["message"])]

        message = lab.wait("an event that names the disk", said)[0]
        expect("addresses.json" in message, f"the event does not name the file: {message}")
        lab.node(FAULTY, f"rm {place}/filler")
        lab.ready(*names)
        lab.kubectl("delete", "pod", *names)
    finally:
        lab.node(FAULTY, f"mkdir -p /run/kept && cp -a {place}/. /run/kept/ && rm -f /run/kept/filler; "
                         f"umount -l {place}; cp -a /run/kept/. {place}/; rm -r /run/kept; "
                         "pkill -9 -f '[a]gent --config-dir'; true")
    lab.wait("agents that are ready", lab.agents_ready)
    return "pods waited, an event names the file, and they started when there was room"


def containers(lab, names):
    """The containers of pods that are ready, by pod."""
    return {p["metadata"]["name"]: s["containerID"] for p in lab.objects("pods") if p["metadata"]["name"] in names
            for s in p["status"].get("containerStatuses", []) if s["ready"]}


def come_back(lab, before):
    """Every pod runs in another container than before."""
    def runs():
        now = containers(lab, before)
        return now.keys() == before.keys() and not set(now.values()) & set(before.values())
    lab.wait("the pods to run again", runs)


def daemon(lab, options):
    names = ["kept-1", "kept-2"]
    lab.apply(*[pod(name, FAULTY, "poplin-workload", ["echo"]) for name in names])
    lab.ready(*names)
    addresses = [lab.address(name) for name in names]
    expect(lab.running(FAULTY, "lab containers"), "no container daemon runs")
    before = containers(lab, names)
    lab.kill(FAULTY, "lab containers")
    come_back(lab, before)
    lab.wait("agents that are ready", lab.agents_ready)
    expect([lab.address(name) for name in names] == addresses, "containers came back with other addresses")
    for address in addresses:
        lab.wait(f"{address} to answer", lambda: lab.kubectl(
            "exec", "calm-ping", "--", "ping", "-c", "1", "-W", "1", address))
    lab.kubectl("delete", "pod", *names)
    return "2 pods and the agent came back with their addresses"


def reboot(lab, options):
    names = ["kept-1", "kept-2"]
    lab.apply(*[pod(name, FAULTY, "poplin-workload", ["echo"]) for name in names])
    lab.ready(*names)
    before = containers(lab, names)
    lab.lab("node", "reboot", FAULTY)
    come_back(lab, before)
    lab.settle()
    for name in names:
        lab.wait(f"{name} to answer", lambda: lab.kubectl(
            "exec", "calm-ping", "--", "ping", "-c", "1", "-W", "1", lab.address(name)))
    lab.kubectl("delete", "pod", *names)
    return "2 pods came back"


def readd(lab, options):
    lab.lab("node", "remove", FAULTY)
    lab.wait("its blocks to go", lambda: not [
        b for b in lab.objects("ipamblocks") if b["spec"]["node"] == FAULTY])
    lab.lab("node", "add", FAULTY)
    lab.settle()
    flow = Flow(lab, "readded", CALM[0], FAULTY).start()
    flow.check()
    flow.stop()
    return "reached again from the others"


class FalseTime:
    """What is added to the time of day of programs that are started with its environment (scripts/false-time.c)."""

    def __init__(self):
        # Where nodes and pods see it as well.
        self.directory = f"/srv/poplin-faults-{os.getpid()}"
        os.mkdir(self.directory)
        self.set(0)
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "false-time.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", f"{self.directory}/false-time.so", source], check=True)

    @property
    def environment(self):
        return {"LD_PRELOAD": f"{self.directory}/false-time.so", "FALSE_TIME": f"{self.directory}/seconds"}

    def set(self, seconds):
        # In place: it is mapped into every program.
        with open(f"{self.directory}/seconds", "r+b" if os.path.exists(f"{self.directory}/seconds") else "wb") as file:
            file.write(struct.pack("<q", seconds))

    def remove(self):
        shutil.rmtree(self.directory)


def clock(options):
    """A lab of its own, because its programs must be started with the false time."""
    false = FalseTime()
    lab = Lab(options.program, f"{options.name}-clock")
    try:
        lab.environment.update(false.environment)
        lab.lab("up", "--nodes", "3", "--ipam", "cluster-pool")
        for name in false.environment:
            del lab.environment[name]
        # The kubelets give their containers no environment of theirs.
        words = [f"{name}={value}" for name, value in false.environment.items()]
        lab.kubectl("set", "env", "-n", "poplin-system", "daemonset/poplin-agent", "-c", "agent", *words)
        lab.kubectl("rollout", "status", "-n", "poplin-system", "daemonset/poplin-agent", f"--timeout={PATIENCE}s")
        flow = Flow(lab, "calm", CALM[1], CALM[0]).start()
        before = flow.check()

        def live(step):
            names = [f"{step}-{number}" for number in range(3)]
            lab.apply(*[pod(name, node, "pause") for name, node in zip(names, CALM + [FAULTY])],
                      # Ends at once, and is started again after a wait.
                      pod(f"{step}-ends", FAULTY, "host", command=["true"]))
            lab.ready(*names)
            lab.wait("a restart", lambda: any(
                s["restartCount"] > 0 for p in lab.objects("pods") if p["metadata"]["name"] == f"{step}-ends"
                for s in p["status"].get("containerStatuses", [])))
            made = next(p["metadata"]["creationTimestamp"] for p in lab.objects("pods")
                        if p["metadata"]["name"] == names[0])
            lab.kubectl("delete", "pod", *names)
            expect(lab.nodes_ready(), "a node is not ready")
            return time.mktime(time.strptime(made, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone - time.time()

        offsets = [live("now")]
        for seconds, step in ((7200, "later"), (-2400, "earlier"), (0, "again")):
            false.set(seconds)
            # Longer than a node's lease is believed, so that one that is not renewed would be seen. The certificates of
            # a new cluster are valid from an hour before: further back nobody would be let in.
            time.sleep(45)
            offsets.append(live(step))
            lab.kubectl("delete", "pod", "now-ends", "later-ends", "earlier-ends", "again-ends", "--ignore-not-found")
        for found, wanted in zip(offsets, (0, 7200, -2400, 0)):
            expect(abs(found - wanted) < 60, f"the time was not what it should have been: {offsets}")
        lab.wait("agents that are ready", lab.agents_ready)
        after = flow.check(before)
        flow.stop()
        return f"two hours forward, 40 minutes back, and right again; {after[0]} pings and {after[2]} messages over TCP, none lost; {leftovers(lab)}"
    finally:
        false.remove()
        outcome = lab.lab("down", check=False)
        expect(outcome.stdout.endswith("\n0 leftovers\n"), f"lab down: {outcome.stdout[-500:]}{outcome.stderr[-500:]}")


def churn(lab, options):
    random.seed(4)
    alive, made, kills = [], 0, 0
    victims = [("agent --config-dir", True), ("lab kubelet", True), ("apiserver", False), ("controllers", False),
               ("supervisor", False), ("agent --config-dir", True)]
    if options.violent:
        victims.append(("lab containers", True))
    next_kill = time.monotonic() + 5
    while made < options.pods or alive:
        try:
            if made < options.pods and len(alive) < 60:
                batch = [f"churn-{made + number}" for number in range(min(10, options.pods - made))]
                lab.apply(*[pod(name, random.choice(CALM + [FAULTY]), "pause", labels={"churn": "yes"})
                            for name in batch])
                made += len(batch)
                alive += batch
            if alive and (len(alive) >= 40 or made >= options.pods):
                random.shuffle(alive)
                gone, alive = alive[:15], alive[15:]
                lab.kubectl("delete", "pod", "--wait=false", "--ignore-not-found", *gone)
        except Failed:
            # The API server was killed in the middle: what was asked for is asked again.
            time.sleep(0.5)
            alive = [p["metadata"]["name"] for p in lab.wait(
                "the API server", lambda: [*lab.objects("pods", "-l", "churn=yes"), None])
                if p and "deletionTimestamp" not in p["metadata"]]
        if time.monotonic() >= next_kill:
            next_kill = time.monotonic() + random.uniform(2, 6)
            name, is_on_node = random.choice(victims)
            kills += 1
            if is_on_node:
                lab.kill(random.choice(CALM + [FAULTY]) if name != "lab containers" else FAULTY, name)
            elif lab.end(name) and name == "supervisor":
                lab.lab("up", "--no-wait")
    lab.settle()
    lab.wait("all of them to go", lambda: not lab.objects("pods", "-l", "churn=yes"), patience=300)
    return f"{made} pods, {kills} kills; {leftovers(lab)}"


def leftovers(lab):
    """Nothing of a pod that is gone is on any node: links, routes, namespaces, caches, rules, addresses."""
    def clean():
        wrong = []
        running = lab.objects("pods", "-A")
        for node in CALM + [FAULTY]:
            own = [p for p in running if p["spec"].get("nodeName") == node and not p["spec"].get("hostNetwork")
                   and p["status"].get("phase") not in ("Succeeded", "Failed")]
            count = len(own)
            look = json.loads(lab.node(node, """
                printf '{"links":%d,"namespaces":%d,"routes":%d,"ifb":%d,"cache":%d}' \
                "$(ip -o link show type veth | grep -c 'pop')" "$(ls /run/netns | wc -l)" \
                "$(ip route | grep -c ' dev pop[0-9a-f]')" "$(ip -o link show type ifb | wc -l)" \
                "$(find /var/lib/cni -type f -path '*results*' | wc -l)"
                """))
            for what in ("links", "namespaces", "routes", "cache"):
                if look[what] != count:
                    wrong.append(f"{node} has {look[what]} {what} for {count} pods")
            if look["ifb"]:
                wrong.append(f"{node} has {look['ifb']} ifb links and no pod with a bandwidth")
        outcome = lab.poplin("ipam", "check", "--show-problem-ips", check=False)
        if outcome.returncode:
            wrong.append(outcome.stdout + outcome.stderr)
        return wrong

    deadline = time.monotonic() + 120
    while wrong := clean():
        expect(time.monotonic() < deadline, "left: " + "; ".join(wrong))
        time.sleep(2)
    return "no link, route, namespace, cache or address is left, ipam check is clean"


# Those that leave the third node's own traffic alone, so that the flow to it counts as well.
HARMLESS = [agents, control, reload, cutoff, expired, slow]
FAULTS = HARMLESS + [partition, diskfull, daemon, reboot, readd, churn]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--name", default=f"faults-{os.getpid()}")
    parser.add_argument("--only")
    parser.add_argument("--pods", type=int, default=500)
    parser.add_argument("--violent", action="store_true", help="churn kills the third node's container daemon too")
    parser.add_argument("--keep", action="store_true", help="leave a lab in which something failed as it is")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else ["clock"] + [fault.__name__ for fault in FAULTS]
    lab = Lab(options.program, options.name)
    failures = 0
    if "clock" in chosen:
        started = time.monotonic()
        try:
            print(f"ok      clock: {clock(options)} ({time.monotonic() - started:.0f} s)", flush=True)
        except (Failed, OSError, subprocess.TimeoutExpired) as failure:
            failures += 1
            print(f"FAILED  clock: {failure}", flush=True)
        chosen.remove("clock")
        if not chosen:
            sys.exit(1 if failures else 0)
    try:
        lab.lab("up", "--nodes", "3", "--ipam", "cluster-pool")
        calm = Flow(lab, "calm", CALM[1], CALM[0]).start()
        third = Flow(lab, "third", FAULTY, CALM[0]).start() if any(f.__name__ in chosen for f in HARMLESS) else None
        for fault in FAULTS:
            if fault.__name__ not in chosen:
                continue
            started = time.monotonic()
            if third and fault not in HARMLESS:
                third.stop()
                third = None
            flows = [flow for flow in (calm, third) if flow]
            try:
                before = [flow.check() for flow in flows]
                text = fault(lab, options)
                counts = [flow.check(earlier) for flow, earlier in zip(flows, before)]
                pings = sum(after[0] - earlier[0] for after, earlier in zip(counts, before))
                messages = sum(after[2] - earlier[2] for after, earlier in zip(counts, before))
                print(f"ok      {fault.__name__}: {text}; {pings} pings and {messages} messages over TCP, none lost "
                      f"({time.monotonic() - started:.0f} s)", flush=True)
            except (Failed, OSError, subprocess.TimeoutExpired) as failure:
                failures += 1
                print(f"FAILED  {fault.__name__}: {failure}", flush=True)
                if options.keep:
                    sys.exit(1)
                # The next one begins with flows that have lost nothing.
                for flow in flows:
                    flow.stop()
                lab.settle()
                calm = Flow(lab, "calm", CALM[1], CALM[0]).start()
                third = Flow(lab, "third", FAULTY, CALM[0]).start() if third else None
    except Failed as failure:
        failures += 1
        print(f"FAILED  the lab: {failure}", flush=True)
    finally:
        if not (failures and options.keep):
            outcome = lab.lab("down", check=False)
            if not outcome.stdout.endswith("\n0 leftovers\n"):
                failures += 1
                print(f"FAILED  lab down: {outcome.stdout[-500:]}{outcome.stderr[-500:]}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
