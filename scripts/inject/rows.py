"""One way to break a machine, how it is done and undone, and how an answer is judged."""
import json
import textwrap

from inject.space import UNDERLAY, WORLD, stamp


class Row:
    """One way to break a machine.

    `expect` are the codes of which one must come first; None for what only looks suspicious. `inject` and `mend` are
    scripts for the machine's shell or functions of it. `witness` is a script that succeeds on a machine that is well,
    and fails on one that is broken: it proves that the injection does what it is meant to.
    """

    rows = []

    def __init__(self, name, expect, flavour, inject, mend=None, witness=None, smoke=False, renew=False, kind="seen",
                 alone=True, objects=None):
        self.name, self.flavour = name, flavour
        # `seen`, or the set that it was first tried with.
        self.kind = kind
        # Changes what the API server would have, where that is part of what is broken.
        self.objects = objects
        self.expect = [expect] if isinstance(expect, str) else expect
        self.inject, self.mend, self.witness = inject, mend, witness
        self.smoke = smoke
        # What one machine alone cannot know is asked of both.
        self.alone = alone
        # What cannot be mended in place: the machine is made anew.
        self.renew = renew or mend is None
        Row.rows.append(self)

    @property
    def code(self):
        return self.expect[0] if self.expect else "well"


def script(machine, what):
    if callable(what):
        return what(machine)
    places = {"POD1": machine.space("web-1") if "web-1" in machine.pods else "",
              "POD2": machine.space("web-2") if "web-2" in machine.pods else "",
              "IP1": machine.pods.get("web-1", ("", "", ""))[1], "IP2": machine.pods.get("web-2", ("", "", ""))[1],
              "ID1": machine.pods.get("web-1", ("", "", ""))[2], "WORLD": WORLD, "PEER": f"{UNDERLAY}.12",
              "STAMP": stamp(20)}
    if "HOST1" in what:
        places["HOST1"] = machine.host_end("web-1")
    for key in sorted(places, key=len, reverse=True):
        what = what.replace("{" + key + "}", places[key])
    machine.sh(what)


PING_PEER = "ip netns exec {POD1} ping -c1 -W1 10.244.2.2"


PING_ROUTED_PEER = "ip netns exec {POD1} ping -c1 -W1 10.244.2.11"


PING_WORLD = "ip netns exec {POD1} ping -c1 -W1 {WORLD}"


PING_NEIGHBOUR = "ip netns exec {POD1} ping -c1 -W1 {IP2}"


FILE = "/etc/cni/net.d/10-flannel.conflist"


def edited(path, change):
    """Changes a configuration of JSON; the old text comes back."""
    def inject(machine):
        machine.kept = machine.read(path)
        value = json.loads(machine.kept)
        change(value)
        machine.write(path, json.dumps(value, indent=2))

    def mend(machine):
        machine.write(path, machine.kept)
    return inject, mend


def replaced(path, text):
    def inject(machine):
        machine.kept = machine.read(path)
        machine.write(path, text(machine.kept) if callable(text) else text)

    def mend(machine):
        machine.write(path, machine.kept)
    return inject, mend


def row(name, expect, flavour, pair, **more):
    Row(name, expect, flavour, pair[0], pair[1], **more)


def complain(message):
    """What containerd writes when the network of a pod fails."""
    return ("echo 'time=\"{STAMP}\" level=error msg=\"RunPodSandbox for &PodSandboxMetadata{Name:web-9,Uid:5f0e,Namespace:default,Attempt:0,} failed, error\" "
            "error=\"rpc error: code = Unknown desc = failed to setup network for sandbox \\\"0f7ac3\\\": plugin type=\\\"flannel\\\" failed (add): " + message + "\"' >> /var/log/containerd.log\n"
            "echo 'time=\"{STAMP}\" level=error msg=\"RunPodSandbox for &PodSandboxMetadata{Name:web-9,Uid:5f0e,Namespace:default,Attempt:1,} failed, error\" "
            "error=\"rpc error: code = Unknown desc = failed to setup network for sandbox \\\"1f7ac3\\\": plugin type=\\\"flannel\\\" failed (add): " + message + "\"' >> /var/log/containerd.log\n")


def waiting(found):
    """The pod that complain() is about, as the API has it."""
    old = stamp(600)[:19] + "Z"
    found["pods"].append({"apiVersion": "v1", "kind": "Pod", "metadata": {
        "name": "web-9", "namespace": "default", "uid": "5f0e", "creationTimestamp": old},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "nginx"}]},
        "status": {"phase": "Pending", "startTime": old, "containerStatuses": [{
            "name": "main", "ready": False, "restartCount": 0, "image": "nginx",
            "state": {"waiting": {"reason": "ContainerCreating"}}}],
            "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": old}]}})


def judged(report, row):
    """hit, wrong (certain of something else), miss (something else, not certain), silent."""
    causes = report["causes"]
    if row.expect is None:
        return ("hit", "") if not causes else ("alarm", causes[0]["code"])
    if not causes:
        return "silent", ""
    first = causes[0]
    if first["code"] in row.expect:
        # What else is certain, and no part of what was found, would send somebody the wrong way as well.
        other = [c["code"] for c in causes[1:] if c["confidence"] == "certain" and c["code"] not in row.expect]
        return "hit", ("+ " + " ".join(other)) if other else ""
    text = " ".join(f"{c['code']} {c['confidence']}" for c in causes)
    return ("wrong" if first["confidence"] == "certain" else "miss"), text


class Score:
    def __init__(self, verbose):
        self.counts = {}
        # Of the columns beside the machine alone: both machines, `why` for each connection, `explain`.
        self.others = {}
        self.alarms = 0
        self.verbose = verbose
        self.lines = []

    def tell_others(self, row, columns):
        """One line for all that is not as it should be."""
        bad = []
        for column, verdict, text in columns:
            counts = self.others.setdefault(column, {})
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict not in ("hit", "open"):
                bad.append(f"{column}: {verdict} {text}")
        if bad:
            print(f"        {row.code:7} {row.flavour:8} {row.name}\n            " + "\n            ".join(bad), flush=True)

    def tell(self, stage, row, verdict, text, more=""):
        self.counts[verdict] = self.counts.get(verdict, 0) + 1
        line = f"{verdict:7} {row.code:7} {row.flavour:8} {row.name}{'   ' + text if text else ''}"
        print(line, flush=True)
        self.lines.append(line)
        if more and self.verbose:
            print(textwrap.indent(more, "        "), flush=True)
