"""The lab's cluster with an application that is well."""
import json
import os
import time

from inject.space import Failed, run


class Cluster:
    """A lab of three nodes with an application, a name server and an ingress that are well."""

    def __init__(self, program, name, doctor=None):
        self.program, self.name = os.path.realpath(program), name
        self.doctors = os.path.realpath(doctor or program)
        self.folder = f"/var/lib/poplin/lab/{name}"
        self.environment = dict(os.environ, NO_COLOR="1", KUBECONFIG=f"{self.folder}/kubeconfig")

    def run(self, *words, text=None, check=True, timeout=240):
        return run(*words, text=text, check=check, timeout=timeout, environment=self.environment)

    def kubectl(self, *words, **more):
        return self.run("kubectl", *words, **more).stdout

    def lab(self, *words, **more):
        separator = words.index("--") if "--" in words else len(words)
        return self.run(self.program, "lab", *words[:separator], "--name", self.name, *words[separator:], **more)

    def node(self, name, text, check=True):
        return self.lab("shell", name, "--", "sh", "-c", text, check=check).stdout

    def apply(self, *objects):
        return self.kubectl("apply", "-f", "-", text="\n---\n".join(json.dumps(item) for item in objects))

    def wait(self, what, condition, patience=120):
        deadline = time.monotonic() + patience
        while True:
            try:
                found = condition()
            except Failed:
                found = None
            if found:
                return found
            if time.monotonic() > deadline:
                raise Failed(f"waited {patience} s for {what}")
            time.sleep(0.5)

    def up(self):
        self.lab("up", "--nodes", "3", "--timeout", "180s")
        self.apply(*application())
        for name in ["web", "api", "client"]:
            self.kubectl("-n", "shop", "rollout", "status", f"deployment/{name}", "--timeout=120s")
        self.kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=120s")

    def down(self):
        self.lab("down", check=False)

    def doctor(self, *words):
        started = time.monotonic()
        outcome = self.run(self.doctors, "doctor", "--no-this-machine", "-o", "json", *words, check=False)
        self.took = time.monotonic() - started
        try:
            return json.loads(outcome.stdout)
        except ValueError:
            raise Failed(f"doctor: {outcome.returncode}: {outcome.stdout[-300:]} {outcome.stderr[-300:]}")

    def screen(self, *words):
        return self.run(self.doctors, "doctor", "--no-this-machine", *words, check=False).stdout

    def why(self, row):
        outcome = self.run(self.doctors, "doctor", "why", "-n", "shop", row.why[0], "to", row.why[1], "--exec", "-o", "json",
                           check=False)
        try:
            value = json.loads(outcome.stdout)
        except ValueError:
            return "why", "error", outcome.stderr[-200:]
        broken = next((step for step in value["steps"] if step["state"] == "failed"), None)
        if not broken:
            return "why", "wrong" if value["verdict"] == "open" else "silent", value["verdict"]
        told = f"{broken['step']} {' '.join(broken['codes'])}: {broken['text']}"
        return "why", "hit" if set(broken["codes"]) & set(row.expect or broken["codes"]) else "wrong", told


def workload(name, namespace, image, replicas=1, labels=None, **container):
    labels = labels or {"app": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels},
                                  "spec": {"terminationGracePeriodSeconds": 1,
                                           "containers": [{"name": "main", "image": image, **container}]}}}}


def service(name, namespace, selector, port, target=None, **more):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": selector, "ports": [{"name": "main", "port": port, "targetPort": target or port,
                                                       "protocol": more.pop("protocol", "TCP")}], **more}}


NAME_SERVER = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 53))
t = socket.socket(); t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); t.bind(("0.0.0.0", 53)); t.listen(5)
while True:
    q, who = s.recvfrom(4096)
    s.sendto(q[:2] + bytes([q[2] | 0x80, 0x83]) + q[4:], who)
"""


def application():
    def namespace(name):
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    dns = service("kube-dns", "kube-system", {"k8s-app": "kube-dns"}, 53, protocol="UDP", clusterIP="10.96.0.10")
    dns["spec"]["ports"].append({"name": "dns-tcp", "port": 53, "targetPort": 53, "protocol": "TCP"})
    dns["metadata"]["labels"] = {"k8s-app": "kube-dns"}
    return [
        namespace("shop"),
        workload("web", "shop", "nginx", 2, ports=[{"name": "http", "containerPort": 80}],
                 readinessProbe={"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}),
        service("web", "shop", {"app": "web"}, 80, "http"),
        workload("api", "shop", "nginx", 2, ports=[{"containerPort": 80}]),
        service("api", "shop", {"app": "api"}, 8080, 80),
        workload("client", "shop", "busybox", 1, command=["sleep", "86400"]),
        workload("coredns", "kube-system", "host", 2, {"k8s-app": "kube-dns"},
                 command=["python3", "-c", NAME_SERVER],
                 ports=[{"name": "dns", "containerPort": 53, "protocol": "UDP"},
                        {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"}]),
        dns,
        enforcer(),
    ]


def enforcer():
    """Poplin's agents enforce no policies: something that says it does stands beside them."""
    labels = {"app": "kube-network-policies"}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": {"name": "kube-network-policies", "namespace": "kube-system"},
            "spec": {"selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "main", "image": "pause"}]}}}}


def policy(name, namespace="shop", **spec):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def crd(group, version, kind, plural, scope="Namespaced"):
    """Of a network that is not here: anything is accepted."""
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": scope, "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
                     "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                         "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
