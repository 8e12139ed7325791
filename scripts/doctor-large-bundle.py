#!/usr/bin/env python3
"""A bundle of a large cluster, for measuring: scripts/doctor-large-bundle.py FILE.tar.gz [PODS] [NODES]

What `poplin doctor collect --exec` brings home of 500 nodes with Calico and 5,000 pods: objects as large as they are in
life, policies, events, leases, IPAM blocks, logs of agents, and 24 machines as their agents show them, each with the
rules that kube-proxy writes for every Service. All is well, but that the agent of one node is gone and its new pods
wait. Deterministic.
"""
import io
import json
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures"))
from cluster import Cluster, digest, one_per_line, stamp, suffix  # noqa: E402
from providers import calico, calico_ipam, calico_machine, control_plane  # noqa: E402

path = sys.argv[1]
pods = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
nodes = int(sys.argv[3]) if len(sys.argv) > 3 else 500
SPACES = 40
MACHINES = 24

c = Cluster(nodes=[f"node-{i:03d}" for i in range(nodes)], pods="10.64.0.0/12", lan="10.20.0.0/16", first=256,
            services="172.20.0.0/16", plane="", version="v1.33.2", kernel="6.12.41+deb13-amd64",
            os_image="Debian GNU/Linux 13 (trixie)", runtime="containerd://2.1.4", at="2026-11-21T03:00:00Z", salt="large")
by_name = {node["metadata"]["name"]: node for node in c.resources["nodes"]}
lookup = c.get
c.get = lambda resource, name, ns=None: by_name[name] if resource == "nodes" else lookup(resource, name, ns)
calico(c)
control_plane(c, managed=True)
ILL = c.node_names[7]

# Applications: as many pods as are left, ten or so of each, with a Service and two policies in each namespace.
# One more, for the agent that is taken away below.
left = pods + 1 - len(c.resources["pods"])
applications = max(1, left // 10)
made = 0
for space in range(SPACES):
    ns = f"team-{space:02d}"
    c.namespace(ns, team=f"team-{space:02d}")
    c.policy(ns, "default-deny", {}, ("Ingress", "Egress"), [], [
        {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                 "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}],
         "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}])
    c.policy(ns, "within", {}, ("Ingress", "Egress"), [{"from": [{"podSelector": {}}]}], [{"to": [{"podSelector": {}}]}])
for number in range(applications):
    ns, name = f"team-{number % SPACES:02d}", f"app-{number:03d}"
    count = left // applications + (1 if number < left % applications else 0)
    hash_ = suffix(10, c.salt, ns, name)
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": f"team-{number % SPACES:02d}",
              "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": f"{name}-1.4.2"}
    ports = (("http", 8080, "TCP"), ("metrics", 9102, "TCP"))
    c.add("deployments.apps", {
        "metadata": c.meta(name, ns, labels=labels, annotations={"deployment.kubernetes.io/revision": "12"}),
        "spec": {"replicas": count, "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
                 "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image":
                                                                                       f"registry.example/{name}:1.4.2"}]}}},
        "status": {"replicas": count, "readyReplicas": count, "updatedReplicas": count, "availableReplicas": count}})
    for replica in range(count):
        node = c.node_names[made % nodes]
        who = f"{name}-{hash_}-{suffix(5, c.salt, ns, name, replica)}"
        more = dict(labels=dict(labels, **{"pod-template-hash": hash_}), owner=("ReplicaSet", f"{name}-{hash_}"),
                    image=f"registry.example/{name}:1.4.2", ports=ports)
        if node == ILL and made >= left - 3 * nodes:
            c.waiting(ns, who, node, message='plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such '
                      "file or directory: check that the calico/node container is running and has mounted "
                      "/var/lib/calico/", **more)
        else:
            c.pod(ns, who, node, age=86400 + made * 7, **more)
        made += 1
    c.service(ns, name, {"app.kubernetes.io/name": name}, [("http", 80, "http"), ("metrics", 9102, 9102)], labels=labels)
c.slices()

# The agent of one node is gone.
gone = c.agents.pop(ILL)
c.resources["pods"].remove(gone)
daemon_set = lookup("daemonsets.apps", "calico-node", "calico-system")
daemon_set["status"].update(currentNumberScheduled=nodes - 1, numberReady=nodes - 1, numberAvailable=nodes - 1,
                            updatedNumberScheduled=nodes - 1)
daemon_set["spec"]["template"]["spec"]["nodeSelector"] = {"network": "calico"}
for name, node in by_name.items():
    if name != ILL:
        node["metadata"]["labels"]["network"] = "calico"
calico_ipam(c)

# What the API adds to every object.
for pod in c.resources["pods"]:
    ns, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    spec, status = pod["spec"], pod["status"]
    if ns.startswith("team-"):
        pod["metadata"].setdefault("annotations", {}).update({
            "checksum/config": digest("config", name), "prometheus.io/scrape": "true", "prometheus.io/port": "9102",
            "cni.projectcalico.org/containerID": digest("box", ns, name),
            "cni.projectcalico.org/podIP": status.get("podIP", "") + "/32"})
        spec["containers"][0].update(
            env=[{"name": f"SETTING_{k}", "value": f"https://service-{k}.team.example.com/path"} for k in range(12)]
            + [{"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}}],
            livenessProbe={"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10,
                           "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1},
            readinessProbe={"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "periodSeconds": 5,
                            "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1},
            resources={"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
            securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                             "readOnlyRootFilesystem": True, "runAsNonRoot": True})
    for container in spec["containers"]:
        container.update(imagePullPolicy="IfNotPresent", terminationMessagePath="/dev/termination-log",
                         terminationMessagePolicy="File")
        container.setdefault("volumeMounts", []).append(
            {"name": "kube-api-access-" + suffix(5, name), "readOnly": True,
             "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"})
    spec.setdefault("volumes", []).append({
        "name": "kube-api-access-" + suffix(5, name), "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                                        "path": "namespace"}]}}]}})
    spec.update(enableServiceLinks=True, preemptionPolicy="PreemptLowerPriority", priority=0, restartPolicy="Always",
                schedulerName="default-scheduler", serviceAccountName="default", serviceAccount="default",
                terminationGracePeriodSeconds=30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("tolerations", [
        {"effect": "NoExecute", "key": f"node.kubernetes.io/{key}", "operator": "Exists", "tolerationSeconds": 300}
        for key in ("not-ready", "unreachable")])
    status.update(qosClass="Burstable", startTime=pod["metadata"]["creationTimestamp"], hostIPs=[{"ip": status["hostIP"]}])
    status["conditions"].append({"type": "PodScheduled", "status": "True", "lastProbeTime": None,
                                 "lastTransitionTime": pod["metadata"]["creationTimestamp"]})
    for state in status["containerStatuses"]:
        image = next(one["image"] for one in spec["containers"] if one["name"] == state["name"])
        state.update(image=image, imageID=f"{image}@sha256:{digest(image)}", lastState=state.get("lastState", {}))
        if "running" in state["state"]:
            state["containerID"] = "containerd://" + digest(ns, name, state["name"])
for name, node in by_name.items():
    node["status"]["images"] = [{"names": [f"registry.example/app-{k:03d}@sha256:{digest('image', k)}",
                                           f"registry.example/app-{k:03d}:1.4.2"], "sizeBytes": 73400320 + k}
                                for k in range(50)]
    c.add("leases.coordination.k8s.io", {
        "metadata": c.meta(name, "kube-node-lease"),
        "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": stamp(c.now - 6)[:-1] + ".000000Z"}})
for k, pod in enumerate(c.resources["pods"][:3000]):
    c.event(pod["metadata"]["namespace"], "Pod", pod["metadata"]["name"], "Pulled",
            f"Container image \"{pod['spec']['containers'][0]['image']}\" already present on machine", type_="Normal",
            since=3000, last=2990, node=pod["spec"]["nodeName"])

# Machines as agents' pods show them, and what agents say.
for number in range(MACHINES):
    name = ILL if number == 0 else c.node_names[(number * 20 + 3) % nodes]
    if name == ILL:
        continue
    m = calico_machine(c, name)
    m.done(without=("files.json", "plugin-versions.json", "crictl-pods.json", "ss-listen.txt"))
    c.log("calico-system", c.agents[name]["metadata"]["name"], "calico-node", [
        f"{stamp(c.now - 900 + k * 2)[:-1].replace('T', ' ')}.{k:03d} [INFO][71] felix/summary.go 100: Summarising {9 + k % 5} "
        f"dataplane reconciliation loops over 1m3.{k % 10}s: avg={2 + k % 7}ms longest={12 + k % 30}ms "
        "(resync-nat-v4,resync-raw-v4,resync-routes-v4,update-filter-v4)" for k in range(400)])
    for k in range(2):
        pod = c.dns[k]
        c.log("kube-system", pod["metadata"]["name"], "coredns", [
            ".:53", "[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db",
            "CoreDNS-1.11.3", "linux/amd64, go1.21.11, a6338e9"])
c.none("configmaps", "ingresses.networking.k8s.io")


def add(archive, name, text):
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


with tarfile.open(path, "w:gz", compresslevel=4) as archive:
    add(archive, "evidence.json", json.dumps({"version": 1, "collectedAt": stamp(c.now), "documents": {},
                                              "missing": {"cloud/": "no credentials"}}))
    add(archive, "cluster/version.json", json.dumps({"serverVersion": {"gitVersion": c.version}}))
    for name, items in sorted(c.resources.items()):
        # As the collector writes them: one object a line.
        body = ",\n".join(json.dumps(item, separators=(",", ":"), ensure_ascii=False) for item in items)
        kind = c.KINDS.get(name) or (items[0].get("kind", "") if items else "")
        add(archive, f"cluster/resources/{name}.json", f'{{"kind":"{kind}List","items":[\n{body}]}}\n')
    for name, content in sorted(c.files.items()):
        add(archive, name, content if isinstance(content, str) else one_per_line(content) + "\n")
print(f"{len(c.resources['pods'])} pods, {nodes} nodes, {len(c.resources['services'])} Services, "
      f"{sum(1 for name in c.files if name.endswith('ip-link.json') and '/pods/' not in name)} machines, "
      f"{os.path.getsize(path) >> 20} MiB packed")
