#!/usr/bin/env python3
"""A bundle of a large cluster, for measuring: scripts/doctor-large-bundle.py FILE.tar.gz [PODS] [NODES]

A Flannel cluster that is well, except that the agent of one node is gone and its new pods wait. Deterministic.
"""
import io, json, sys, tarfile

path = sys.argv[1]
pods = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
nodes = int(sys.argv[3]) if len(sys.argv) > 3 else 500
NOW = "2026-11-21T03:00:00Z"
archive = tarfile.open(path, "w:gz", compresslevel=6)


def add(name, value):
    data = (value if isinstance(value, str) else json.dumps(value, indent=1)).encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def resource(name, items, kind="List"):
    add(f"cluster/resources/{name}.json", {"apiVersion": "v1", "kind": kind, "items": items})


def managed(manager):
    fields = {f"f:field{i}": {".": {}, "f:inner": {}, "k:{\"type\":\"Ready\"}": {"f:status": {}}} for i in range(12)}
    return [{"manager": manager, "operation": "Update", "time": NOW, "fieldsV1": {"f:spec": fields}}]


def node(i):
    return f"node-{i:03d}"


add("evidence.json", {"version": 1, "collectedAt": NOW, "documents": {}, "missing": {"cloud/": "no credentials"}})
add("cluster/version.json", {"serverVersion": {"gitVersion": "v1.33.2"}})
resource("nodes", [{
    "metadata": {"name": node(i), "labels": {"kubernetes.io/hostname": node(i), "kubernetes.io/os": "linux"},
                 "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": managed("kubelet"),
                 "annotations": {"flannel.alpha.coreos.com/backend-type": "vxlan",
                                 "flannel.alpha.coreos.com/public-ip": f"192.168.{i // 250}.{i % 250 + 1}",
                                 "flannel.alpha.coreos.com/backend-data":
                                     json.dumps({"VNI": 1, "VtepMAC": f"02:00:00:00:{i // 256:02x}:{i % 256:02x}"})}},
    "spec": {"podCIDR": f"10.{i // 256}.{i % 256}.0/24", "podCIDRs": [f"10.{i // 256}.{i % 256}.0/24"]},
    "status": {"nodeInfo": {"kernelVersion": "6.12.4", "osImage": "Debian 13", "kubeletVersion": "v1.33.2",
                            "containerRuntimeVersion": "containerd://2.1.1", "architecture": "amd64"},
               "addresses": [{"type": "InternalIP", "address": f"192.168.{i // 250}.{i % 250 + 1}"}],
               "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]},
} for i in range(nodes)], "NodeList")


def pod(namespace, name, i, address, labels, image, waiting=False, host=False):
    since = "2026-11-21T02:41:00Z" if waiting else "2026-11-01T00:00:00Z"
    state = {"waiting": {"reason": "ContainerCreating"}} if waiting else {"running": {"startedAt": since}}
    status = {"phase": "Pending" if waiting else "Running", "startTime": since, "hostIP": f"192.168.{i // 250}.{i % 250 + 1}",
              "conditions": [{"type": t, "status": "False" if waiting else "True", "lastTransitionTime": since}
                             for t in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
              "containerStatuses": [{"name": "app", "ready": not waiting, "restartCount": 0, "image": image,
                                     "imageID": image + "@sha256:" + "0" * 64, "state": state}]}
    if not waiting:
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels, "uid": f"{name}-uid",
                         "creationTimestamp": since, "managedFields": managed("kube-controller-manager"),
                         "ownerReferences": [{"kind": "ReplicaSet", "name": name.rsplit("-", 1)[0], "controller": True}]},
            "spec": {"nodeName": node(i), "hostNetwork": host, "serviceAccountName": "default",
                     "containers": [{"name": "app", "image": image, "ports": [{"containerPort": 8080}],
                                     "env": [{"name": f"SETTING_{k}", "value": f"value-{k}"} for k in range(10)],
                                     "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
                                     "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets"}]}],
                     "volumes": [{"name": "token", "projected": {"sources": []}}]},
            "status": status}


all_pods = []
for n in range(pods):
    i = n % nodes
    waiting = i == 7 and n >= pods - 3 * nodes
    all_pods.append(pod(f"team-{n % 40}", f"web-{n:05d}", i, f"10.{i // 256}.{i % 256}.{n // nodes + 2}",
                        {"app": f"web-{n % 500}"}, "registry.example/web:1.2.3", waiting))
agents = [pod("kube-flannel", f"kube-flannel-ds-{i:03d}", i, f"192.168.{i // 250}.{i % 250 + 1}",
              {"app": "flannel"}, "ghcr.io/flannel-io/flannel:v0.27.0", host=True) for i in range(nodes) if i != 7]
resource("pods", all_pods + agents, "PodList")
resource("daemonsets.apps", [{
    "metadata": {"name": "kube-flannel-ds", "namespace": "kube-flannel", "labels": {"app": "flannel"}},
    "spec": {"selector": {"matchLabels": {"app": "flannel"}}, "template": {
        "metadata": {"labels": {"app": "flannel"}},
        "spec": {"hostNetwork": True, "tolerations": [{"operator": "Exists"}],
                 "containers": [{"name": "app", "image": "ghcr.io/flannel-io/flannel:v0.27.0",
                                 "args": ["--ip-masq", "--kube-subnet-mgr"]}],
                 "volumes": [{"name": "cni", "hostPath": {"path": "/etc/cni/net.d"}},
                             {"name": "cni-plugin", "hostPath": {"path": "/opt/cni/bin"}}]}}},
    "status": {"desiredNumberScheduled": nodes, "currentNumberScheduled": nodes - 1, "numberReady": nodes - 1},
}], "DaemonSetList")
resource("services", [{"metadata": {"name": f"web-{s}", "namespace": f"team-{s % 40}",
                                    "creationTimestamp": "2026-01-01T00:00:00Z"},
                       "spec": {"clusterIP": f"172.20.{s // 250}.{s % 250 + 1}", "selector": {"app": f"web-{s}"},
                                "ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]}}
                      for s in range(500)], "ServiceList")
resource("endpointslices.discovery.k8s.io", [{
    "metadata": {"name": f"web-{s}-x", "namespace": f"team-{s % 40}", "labels": {"kubernetes.io/service-name": f"web-{s}"}},
    "addressType": "IPv4", "ports": [{"port": 8080, "protocol": "TCP"}],
    "endpoints": [{"addresses": [p["status"]["podIP"]], "conditions": {"ready": True}, "nodeName": p["spec"]["nodeName"],
                   "targetRef": {"kind": "Pod", "name": p["metadata"]["name"], "namespace": p["metadata"]["namespace"]}}
                  for p in all_pods[s::500] if "podIP" in p["status"]]} for s in range(500)], "EndpointSliceList")
resource("namespaces", [{"metadata": {"name": f"team-{k}"}} for k in range(40)] + [
    {"metadata": {"name": name}} for name in ("kube-system", "kube-flannel", "default")], "NamespaceList")
resource("events", [{"metadata": {"name": f"e{k}", "namespace": p["metadata"]["namespace"]}, "type": "Warning",
                     "reason": "FailedCreatePodSandBox", "count": 20, "lastTimestamp": "2026-11-21T02:59:00Z",
                     "involvedObject": {"kind": "Pod", "namespace": p["metadata"]["namespace"], "name": p["metadata"]["name"]},
                     "message": "Failed to create pod sandbox: rpc error: code = Unknown desc = plugin type=\"flannel\" "
                                "failed (add): open /run/flannel/subnet.env: no such file or directory"}
                    for k, p in enumerate(all_pods) if "podIP" not in p["status"]], "EventList")
for name in ("networkpolicies.networking.k8s.io", "configmaps", "leases.coordination.k8s.io"):
    resource(name, [])
# What agents' pods of some nodes show: links, routes to every other node, neighbours.
for i in range(0, nodes, 10):
    base = f"nodes/{node(i)}/"
    mac = f"02:00:00:00:{i // 256:02x}:{i % 256:02x}"
    add(base + "uname.json", {"sysname": "Linux", "release": "6.12.4", "machine": "x86_64"})
    add(base + "ip-link.json", [
        {"ifindex": 1, "ifname": "lo", "mtu": 65536, "flags": ["LOOPBACK", "UP"], "operstate": "UNKNOWN"},
        {"ifindex": 2, "ifname": "eth0", "mtu": 1500, "flags": ["UP"], "operstate": "UP", "address": "52:54:00:00:00:01"},
        {"ifindex": 3, "ifname": "flannel.1", "mtu": 1450, "flags": ["UP"], "operstate": "UNKNOWN", "address": mac,
         "linkinfo": {"info_kind": "vxlan", "info_data": {"id": 1, "port": 8472}}},
        {"ifindex": 4, "ifname": "cni0", "mtu": 1450, "flags": ["UP"], "operstate": "UP", "linkinfo": {"info_kind": "bridge"}}])
    add(base + "ip-route.json", [{"dst": "default", "gateway": "192.168.0.254", "dev": "eth0"}] + [
        {"dst": f"10.{k // 256}.{k % 256}.0/24", "gateway": f"10.{k // 256}.{k % 256}.0", "dev": "flannel.1",
         "flags": ["onlink"]} for k in range(nodes) if k != i])
    add(base + "ip-neigh.json", [{"dst": f"10.{k // 256}.{k % 256}.0", "dev": "flannel.1", "state": ["PERMANENT"],
                                  "lladdr": f"02:00:00:00:{k // 256:02x}:{k % 256:02x}"} for k in range(nodes) if k != i])
    add(base + "bridge-fdb.json", [{"mac": f"02:00:00:00:{k // 256:02x}:{k % 256:02x}", "ifname": "flannel.1",
                                    "dst": f"192.168.{k // 250}.{k % 250 + 1}", "flags": ["self"], "state": "permanent"}
                                   for k in range(nodes) if k != i])
archive.close()
