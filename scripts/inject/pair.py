"""Both machines as one cluster, and the ways of connections."""
import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile

from inject.rows import judged
from inject.space import Failed, UNDERLAY, WORLD, run, stamp


PORT = 8080


LISTENER = """
import socket, threading
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("%s", %d)); s.listen(64)
while True:
    c, _ = s.accept(); c.sendall(b"x"); c.close()
"""


CALLER = """
import socket, sys
s = socket.socket(); s.settimeout(1.5)
try:
    s.connect((sys.argv[1], int(sys.argv[2]))); sys.exit(0 if s.recv(1) else 1)
except OSError as error:
    print(error); sys.exit(1)
"""


def listening(place, port, space=None, address="0.0.0.0"):
    """A program that listens there until the machine ends."""
    inside = ["ip", "netns", "exec", space] if space else []
    subprocess.Popen(place.words(*inside, "python3", "-c", LISTENER % (address, port)), stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def answer(words):
    """What `doctor` says, of what it was told."""
    outcome = run(*words, check=False)
    try:
        return json.loads(outcome.stdout)
    except ValueError:
        raise Failed(f"{' '.join(words[1:4])}: {outcome.returncode}: {outcome.stdout[-300:]} {outcome.stderr[-300:]}")


class Pair:
    """Two machines, the objects that an API server would have about them, and connections between their pods."""

    # Networks whose pods of both machines reach each other.
    flavours = ["flannel", "bridge", "calico", "bird"]

    def __init__(self, lab, flavour):
        self.lab, self.flavour = lab, flavour
        self.machines = lab.pair(flavour)
        for machine in self.machines:
            if not getattr(machine, "is_listening", False):
                for name in machine.names:
                    listening(machine, PORT, machine.space(name))
                machine.is_listening = True
        if not getattr(lab.fabric, "is_listening", False):
            listening(lab.fabric, 443)
            lab.fabric.is_listening = True
        first, second = self.machines
        there = second.pods["peer-1"][1]
        here = first.pods["web-1"][1]
        # Name of the connection, machine and pod that begin it, the other end, and where that is.
        self.connections = [
            ("there", first, "web-1", f"default/peer-1:{PORT}", there, PORT),
            ("back", second, "peer-1", f"default/web-1:{PORT}", here, PORT),
            ("near", first, "web-2", f"default/web-1:{PORT}", here, PORT),
            ("service", first, "web-2", "10.96.7.7:80", "10.96.7.7", 80),
            ("world", first, "web-1", f"{WORLD}:443", WORLD, 443),
        ]

    def tried(self, patience=2):
        """Which connections are opened in truth: what fails on a busy host is tried again."""
        found = {}
        for _ in range(patience):
            wanted = [item for item in self.connections if not found.get(item[0], (False,))[0]]
            if not wanted:
                break
            found.update(self.attempted(wanted))
        return found

    def attempted(self, connections):
        running = {}
        for name, machine, pod, _, address, port in connections:
            running[name] = subprocess.Popen(
                machine.words("ip", "netns", "exec", machine.space(pod), "python3", "-c", CALLER, address, str(port)),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return {name: (process.wait() == 0, process.stdout.read().strip()) for name, process in running.items()}

    def evidence(self, row):
        """A folder with both machines and the objects."""
        folder = tempfile.mkdtemp(prefix="pair-", dir=self.lab.folder)
        record = {"version": 1, "documents": {}, "missing": {}}
        for machine in self.machines:
            outcome = machine.sh(f"/opt/poplin doctor collect --node --name {machine.name} -o -")
            with tarfile.open(fileobj=io.BytesIO(base64.b64decode(outcome.stdout))) as archive:
                archive.extractall(folder)
            part = json.load(open(f"{folder}/evidence.json"))
            record["collectedAt"] = part["collectedAt"]
            for key in ["documents", "missing"]:
                record[key].update(part.get(key, {}))
            if self.flavour == "bird":
                outcome = machine.sh("birdc -r -s /run/calico/bird.ctl show protocols", check=False)
                if outcome.returncode == 0:
                    os.makedirs(f"{folder}/nodes/{machine.name}/exec", exist_ok=True)
                    with open(f"{folder}/nodes/{machine.name}/exec/birdcl-show-protocols.txt", "w") as file:
                        file.write(outcome.stdout)
        os.makedirs(f"{folder}/cluster/resources")
        objects = self.objects()
        if row.objects:
            row.objects(objects)
        for resource, items in objects.items():
            path = f"cluster/resources/{resource}.json"
            with open(f"{folder}/{path}", "w") as file:
                json.dump({"kind": "List", "apiVersion": "v1", "items": items}, file)
            record["documents"][path] = {"place": resource, "command": f"kubectl get {resource} -A -o json",
                                         "readAt": record["collectedAt"]}
        with open(f"{folder}/evidence.json", "w") as file:
            json.dump(record, file)
        return folder

    def objects(self):
        old = stamp(86400)[:19] + "Z"

        def meta(name, namespace=None, **more):
            return {"name": name, "uid": hashlib.md5(f"{namespace}/{name}".encode()).hexdigest(),
                    "creationTimestamp": old, **({"namespace": namespace} if namespace else {}), **more}

        def ready(kind="Ready"):
            return {"type": kind, "status": "True", "lastTransitionTime": old, "lastHeartbeatTime": stamp()[:19] + "Z"}

        def pod(name, namespace, node, address, labels, image, host=False, port=None):
            container = {"name": "main", "image": image}
            if port:
                container["ports"] = [{"containerPort": port, "protocol": "TCP"}]
            return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, namespace, labels=labels),
                    "spec": {"nodeName": node, "containers": [container], **({"hostNetwork": True} if host else {})},
                    "status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "startTime": old,
                               "conditions": [ready("Ready"), ready("ContainersReady")], "containerStatuses": [
                                   {"name": "main", "ready": True, "restartCount": 0, "image": image,
                                    "state": {"running": {"startedAt": old}}}]}}

        def daemon(name, namespace, labels, image, environment=None):
            return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": meta(name, namespace, labels=labels),
                    "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {
                        "hostNetwork": True, "tolerations": [{"operator": "Exists"}],
                        "containers": [{"name": name, "image": image, "env": [
                            {"name": key, "value": value} for key, value in (environment or {}).items()]}]}}},
                    "status": {"desiredNumberScheduled": 2, "currentNumberScheduled": 2, "numberReady": 2,
                               "numberAvailable": 2, "updatedNumberScheduled": 2}}

        nodes, pods, daemons = [], [], []
        agents = [("kube-proxy", "kube-system", {"k8s-app": "kube-proxy"}, "registry.k8s.io/kube-proxy:v1.33.2", None)]
        if self.flavour == "flannel":
            agents.append(("kube-flannel-ds", "kube-flannel", {"app": "flannel"}, "ghcr.io/flannel-io/flannel:v0.27.0", None))
        is_calico = self.flavour in ("calico", "bird")
        if is_calico:
            agents.append(("calico-node", "kube-system", {"k8s-app": "calico-node"}, "quay.io/calico/node:v3.30.0",
                           {"CALICO_NETWORKING_BACKEND": "vxlan" if self.flavour == "calico" else "bird"}))
        for name, namespace, labels, image, environment in agents:
            daemons.append(daemon(name, namespace, labels, image, environment))
        for machine in self.machines:
            annotations = {}
            if self.flavour == "flannel":
                mac = f"ee:aa:00:00:00:0{machine.number}"
                annotations = {"flannel.alpha.coreos.com/backend-type": "vxlan",
                               "flannel.alpha.coreos.com/backend-data": json.dumps({"VNI": 1, "VtepMAC": mac}),
                               "flannel.alpha.coreos.com/public-ip": machine.address,
                               "flannel.alpha.coreos.com/kube-subnet-manager": "true"}
            if is_calico:
                annotations["projectcalico.org/IPv4Address"] = f"{machine.address}/24"
            nodes.append({"apiVersion": "v1", "kind": "Node",
                          "metadata": meta(machine.name, labels={"kubernetes.io/hostname": machine.name},
                                           annotations=annotations),
                          "spec": {"podCIDR": f"{machine.range}.0/24", "podCIDRs": [f"{machine.range}.0/24"]},
                          "status": {"addresses": [{"type": "InternalIP", "address": machine.address},
                                                   {"type": "Hostname", "address": machine.name}],
                                     "conditions": [ready()], "nodeInfo": {"kubeletVersion": "v1.33.2"}}})
            for name in machine.names:
                pods.append(pod(name, "default", machine.name, machine.pods[name][1], {"app": name.split("-")[0]},
                                "nginx", port=PORT))
            for name, namespace, labels, image, _ in agents:
                pods.append(pod(f"{name}-{machine.number}", namespace, machine.name, machine.address, labels, image, host=True))
        here = self.machines[0].pods["web-1"][1]

        def slice_(name, namespace, address, port, ref=None, node=None):
            endpoint = {"addresses": [address], "conditions": {"ready": True, "serving": True, "terminating": False}}
            if ref:
                endpoint.update(nodeName=node, targetRef={"kind": "Pod", "name": ref, "namespace": namespace})
            return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                    "metadata": meta(f"{name}-abcde", namespace, labels={"kubernetes.io/service-name": name}),
                    "endpoints": [endpoint], "ports": [{"name": "", "port": port, "protocol": "TCP"}]}

        def service_(name, address, port, target, selector=None):
            spec = {"clusterIP": address, "clusterIPs": [address], "type": "ClusterIP",
                    "ports": [{"port": port, "targetPort": target, "protocol": "TCP"}]}
            return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name, "default"),
                    "spec": dict(spec, **({"selector": selector} if selector else {}))}
        web = service_("web", "10.96.7.7", 80, PORT, {"app": "web"})
        # One endpoint alone, so that a connection to the Service arrives where the others do.
        web["spec"]["selector"] = {"app": "web", "first": "yes"}
        next(item for item in pods if item["metadata"]["name"] == "web-1")["metadata"]["labels"]["first"] = "yes"
        found = {
            "nodes": nodes, "pods": pods, "daemonsets.apps": daemons, "namespaces": [
                {"apiVersion": "v1", "kind": "Namespace", "metadata": meta(name)} for name in ["default", "kube-system", "kube-flannel"]],
            "services": [service_("kubernetes", "10.96.0.1", 443, 6443), web],
            "endpointslices.discovery.k8s.io": [
                slice_("kubernetes", "default", f"{UNDERLAY}.12", 6443), slice_("web", "default", here, PORT, "web-1", "node-1")],
            "networkpolicies.networking.k8s.io": [], "deployments.apps": [], "events": [],
        }
        if self.flavour == "flannel":
            found["configmaps"] = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("kube-flannel-cfg", "kube-flannel"),
                                    "data": {"net-conf.json": json.dumps({"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan"}})}}]
        if is_calico:
            found["bgpconfigurations.crd.projectcalico.org"] = [] if all(getattr(machine, "mesh", True) for machine in self.machines) else [
                {"apiVersion": "crd.projectcalico.org/v1", "kind": "BGPConfiguration", "metadata": meta("default"),
                 "spec": {"nodeToNodeMeshEnabled": False, "asNumber": 64512}}]
            found["bgppeers.crd.projectcalico.org"] = []
            found["ippools.crd.projectcalico.org"] = [{
                "apiVersion": "crd.projectcalico.org/v1", "kind": "IPPool", "metadata": meta("default-ipv4-ippool"),
                "spec": {"cidr": "10.244.0.0/16", "blockSize": 26, "vxlanMode": "Always" if self.flavour == "calico" else "Never", "ipipMode": "Never", "natOutgoing": True,
                         "nodeSelector": "all()", "allowedUses": ["Workload", "Tunnel"]}}]
            blocks, affinities = [], []
            for machine in self.machines:
                allocations, attributes = [None] * 64, []
                for name in machine.names:
                    allocations[int(machine.pods[name][1].split(".")[-1])] = len(attributes)
                    attributes.append({"handle_id": f"k8s-pod-network.{machine.pods[name][2]}", "secondary": {
                        "namespace": "default", "pod": name, "node": machine.name}})
                if self.flavour == "calico":
                    allocations[0] = len(attributes)
                    attributes.append({"handle_id": f"vxlan-tunnel-addr-{machine.name}",
                                       "secondary": {"node": machine.name, "type": "vxlanTunnelAddress"}})
                cidr = f"{machine.range}.0/26"
                place = cidr.replace(".", "-").replace("/", "-")
                blocks.append({"apiVersion": "crd.projectcalico.org/v1", "kind": "IPAMBlock", "metadata": meta(place),
                               "spec": {"cidr": cidr, "affinity": f"host:{machine.name}", "allocations": allocations,
                                        "attributes": attributes, "strictAffinity": False,
                                        "unallocated": [i for i in range(64) if allocations[i] is None]}})
                affinities.append({"apiVersion": "crd.projectcalico.org/v1", "kind": "BlockAffinity",
                                   "metadata": meta(f"{machine.name}-{place}"),
                                   "spec": {"cidr": cidr, "node": machine.name, "state": "confirmed", "deleted": "false"}})
            found["ipamblocks.crd.projectcalico.org"] = blocks
            found["blockaffinities.crd.projectcalico.org"] = affinities
        return found

    def judged(self, row, truth):
        """Verdicts of the doctor of both, and of `why` for each connection against what is true of it."""
        folder = self.evidence(row)
        program = self.lab.program
        verdict, text = judged(answer([program, "doctor", "--bundle", folder, "-o", "json"]), row)
        found = [("both", verdict, text)]
        for name, machine, pod, to, _, _ in self.connections:
            value = answer([program, "doctor", "why", "--bundle", folder, f"default/{pod}", "to", to, "-o", "json"])
            opened = truth[name][0]
            broken = next((step for step in value["steps"] if step["state"] == "failed"), None)
            told = f"{broken['step']} {' '.join(broken['codes'])}: {broken['text']}" if broken else value["verdict"]
            if opened:
                # What is too large is lost on a connection that opens.
                fits = broken and broken["step"] == "mtu" and row.expect and set(broken["codes"]) & set(row.expect)
                state = "hit" if fits else "alarm" if broken else "open"
            elif broken:
                state = "hit" if row.expect and set(broken["codes"]) & set(row.expect) else "wrong"
            else:
                state = "wrong" if value["verdict"] == "open" else "silent"
            found.append((f"why-{name}", state, "" if state in ("open", "hit") else told))
        shutil.rmtree(folder, ignore_errors=True)
        return found
