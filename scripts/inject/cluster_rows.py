"""Ways to break a cluster."""
import base64
import json
import tempfile
import time

from inject.certificates import issued
from inject.cluster import application, crd, enforcer, policy, service, workload
from inject.rows import Row
from inject.space import run


class ClusterRow:
    rows = []

    def __init__(self, name, expect, inject, mend, options=("--exec",), settled=None, patience=20, smoke=False,
                 broken=None, why=None, unseen=False):
        self.name, self.flavour = name, "lab"
        # A connection, from and to, that `why` must not call open.
        self.why, self.unseen = why, unseen
        self.expect = [expect] if isinstance(expect, str) else expect
        self.inject, self.mend, self.options, self.settled = inject, mend, options, settled
        self.patience, self.smoke = patience, smoke
        # Says on the node whether it still is: an agent may have mended it.
        self.broken = broken
        ClusterRow.rows.append(self)

    code = Row.code


def objects_row(name, expect, *objects, **more):
    """Objects that are applied, and deleted again; of those that were there before the old ones come back."""
    def key(item):
        return item["kind"], item["metadata"]["name"], item["metadata"].get("namespace")
    old = {key(item): item for item in application()}

    def inject(cluster):
        for item in objects:
            # Of what is there a new port list is not to be mixed with the old one.
            cluster.kubectl("replace" if key(item) in old else "apply", "-f", "-", text=json.dumps(item))

    def mend(cluster):
        for item in reversed(objects):
            if key(item) in old:
                cluster.kubectl("replace", "-f", "-", text=json.dumps(old[key(item)]))
            else:
                cluster.kubectl("delete", "--ignore-not-found", "--wait=true", "-f", "-", text=json.dumps(item))
    ClusterRow(name, expect, inject, mend, **more)


def certificate(days, name="shop.example.com"):
    """A key and a certificate of its own, which ends so many days from now."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() - 90 * 86400))
        end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key", "-out", f"{folder}/csr",
            "-subj", f"/CN={name}")
        with open(f"{folder}/conf", "w") as file:
            file.write(f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\n"
                       f"default_md=sha256\npolicy=p\nprivate_key={folder}/key\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=DNS:{name}\n")
        open(f"{folder}/index", "w").close()
        with open(f"{folder}/serial", "w") as file:
            file.write("01\n")
        run("openssl", "ca", "-batch", "-selfsign", "-config", f"{folder}/conf", "-extensions", "e", "-keyfile",
            f"{folder}/key", "-in", f"{folder}/csr", "-out", f"{folder}/crt", "-startdate", begin, "-enddate", end, "-notext")
        return {part: base64.b64encode(open(f"{folder}/{file}", "rb").read()).decode()
                for part, file in [("tls.key", "key"), ("tls.crt", "crt")]}


def cluster_rows():
    web = {"app": "web"}
    # Services.
    objects_row("a Service's selector matches nothing", "SVC-01", service("web", "shop", {"app": "web-v2"}, 80, "http"),
                smoke=True, why=("client", "web:80"))
    objects_row("a selector has one label too many", "SVC-01",
                service("web", "shop", {"app": "web", "tier": "front"}, 80, "http"), why=("client", "web:80"))
    objects_row("a Service stands in another namespace than its pods", "SVC-01",
                workload("worker", "shop", "pause", 1, {"app": "worker", "tier": "back"}),
                service("worker", "default", {"app": "worker", "tier": "back"}, 80))
    objects_row("targetPort is a name that no container has", "SVC-02", service("web", "shop", web, 80, "https"),
                smoke=True, why=("client", "web:80"))
    objects_row("nobody listens on targetPort", "SVC-02", service("web", "shop", web, 80, 8081), why=("client", "web:80"))
    objects_row("no pod is ready", None, workload(
        "web", "shop", "nginx", 2, ports=[{"name": "http", "containerPort": 80}],
        readinessProbe={"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}))

    def scaled(count):
        return lambda cluster: cluster.kubectl("-n", "kube-system", "scale", "deployment/coredns", f"--replicas={count}")
    ClusterRow("the name server is scaled to zero", "DNS-02", scaled(0), scaled(2), why=("client", "web:80"))
    objects_row("the name server's Service selects nothing", ["DNS-02", "SVC-01"],
                service("kube-dns", "kube-system", {"k8s-app": "coredns"}, 53, protocol="UDP", clusterIP="10.96.0.10"))
    objects_row("traffic from outside goes to nodes without a pod", "SVC-12",
                service("web-lb", "shop", web, 80, "http", type="NodePort", externalTrafficPolicy="Local"))
    # Policies.
    objects_row("an egress policy without DNS", "DNS-05", policy(
        "to-api", podSelector={"matchLabels": {"app": "client"}}, policyTypes=["Egress"],
        egress=[{"to": [{"podSelector": {"matchLabels": {"app": "api"}}}]}]), smoke=True, why=("client", "api:8080"))
    # Answers that do not fit into a datagram are rare: no fault by itself.
    objects_row("DNS is allowed by UDP and not by TCP", None, policy(
        "to-dns", podSelector={"matchLabels": {"app": "client"}}, policyTypes=["Egress"],
        egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}]))
    objects_row("a policy that selects nothing, by a typing error", "POL-02", policy(
        "web-in", podSelector={"matchLabels": {"app": "wbe"}}, policyTypes=["Ingress"], ingress=[{}]))
    objects_row("two peers that were meant as one", "POL-04", policy(
        "web-in", podSelector={"matchLabels": web}, policyTypes=["Ingress"],
        ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}},
                           {"podSelector": {"matchLabels": {"app": "client"}}}]}]))
    objects_row("a label that namespaces do not have", "POL-05", policy(
        "web-in", podSelector={"matchLabels": web}, policyTypes=["Ingress"],
        ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"name": "kube-system"}}}]}]))
    objects_row("a bypass without types", "POL-06", policy(
        "bypass", podSelector={"matchLabels": web}, policyTypes=[]), why=("client", "web:80"))
    objects_row("an address of a Service in a policy", "POL-12", policy(
        "client-out", podSelector={"matchLabels": {"app": "client"}}, policyTypes=["Egress"],
        egress=[{"to": [{"ipBlock": {"cidr": "10.96.0.0/16"}}]}, {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}]))

    closing = policy("to-api", podSelector={"matchLabels": {"app": "client"}}, policyTypes=["Egress"],
                     egress=[{"to": [{"podSelector": {"matchLabels": {"app": "api"}}}]}])

    def unenforced(cluster):
        cluster.kubectl("-n", "kube-system", "delete", "daemonset", "kube-network-policies", "--wait=true")
        cluster.wait("its pods to go", lambda: not cluster.kubectl(
            "-n", "kube-system", "get", "pods", "-l", "app=kube-network-policies", "-o", "name").strip())
        cluster.apply(closing)

    def enforced(cluster):
        cluster.kubectl("-n", "shop", "delete", "networkpolicy", "to-api")
        cluster.apply(enforcer())
        cluster.kubectl("-n", "kube-system", "rollout", "status", "daemonset/kube-network-policies", "--timeout=60s")
    ClusterRow("a policy that closes, and nobody who enforces it", "POL-07", unenforced, enforced)
    objects_row("a policy closes the database to those who used it", "POL-01", policy(
        "deny", podSelector={"matchLabels": web}, policyTypes=["Ingress"]), why=("client", "web:80"))
    # Ingress, certificates, webhooks, attachments.
    ingress = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "shop", "namespace": "shop"},
               "spec": {"rules": [{"host": "shop.example.com", "http": {"paths": [
                   {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}
    # A controller has a minute to give an address.
    objects_row("an Ingress of no class", "ING-01", ingress, patience=90)
    objects_row("an Ingress of a class that is not there", "ING-01",
                dict(ingress, spec=dict(ingress["spec"], ingressClassName="nginx")), patience=90)

    def secured(days, **more):
        values = certificate(days, **more)
        secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
                  "metadata": {"name": "shop-tls", "namespace": "shop"}, "data": values}
        iclass = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx"},
                  "spec": {"controller": "k8s.io/ingress-nginx"}}
        return [secret, iclass, dict(ingress, spec=dict(
            ingress["spec"], ingressClassName="nginx", tls=[{"hosts": ["shop.example.com"], "secretName": "shop-tls"}]))]
    objects_row("a certificate that ended", "ING-06", *secured(-3))
    objects_row("a certificate of another name", "ING-06", *secured(60, name="old.example.org"))
    webhook = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
               "metadata": {"name": "guard"}, "webhooks": [{
                   "name": "guard.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                   "failurePolicy": "Fail", "clientConfig": {"service": {"name": "guard", "namespace": "shop"}},
                   "rules": [{"apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"],
                              "resources": ["things"]}]}]}
    objects_row("a webhook whose Service has no pods", ["WHK-01", "SVC-01"], webhook,
                service("guard", "shop", {"app": "guard"}, 443), patience=90)
    def hooked(name, expect, days=300, authority=300, names=("guard.shop.svc",)):
        """A webhook whose pods mount what they show."""
        pairs = issued(days, list(names), [], authority=authority)

        def coded(text):
            return base64.b64encode(text.encode()).decode()
        secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
                  "metadata": {"name": "guard-tls", "namespace": "shop"},
                  "data": {"tls.crt": coded(pairs["server"]), "tls.key": coded(pairs["key"])}}
        guard = workload("guard", "shop", "nginx", 1, ports=[{"containerPort": 80}])
        guard["spec"]["template"]["spec"]["volumes"] = [{"name": "tls", "secret": {"secretName": "guard-tls"}}]
        hook = json.loads(json.dumps(webhook))
        hook["webhooks"][0]["clientConfig"]["caBundle"] = coded(pairs["authority"])
        objects_row(name, expect, secret, guard, service("guard", "shop", {"app": "guard"}, 443, 80), hook, patience=60)
    hooked("a webhook whose certificates are in order", None)
    hooked("a webhook shows a certificate that ended", ["ING-06", "WHK-01"], days=-2)
    hooked("a webhook shows a certificate of another name", ["ING-06", "WHK-01"], names=["guard.staging.svc"])
    hooked("the authority of a webhook ended", ["ING-06", "WHK-01"], authority=-2)
    objects_row("an attachment that is not defined", "CFG-10", crd(
        "k8s.cni.cncf.io", "v1", "NetworkAttachmentDefinition", "network-attachment-definitions"), {
            "apiVersion": "v1", "kind": "Pod", "metadata": {
                "name": "two-cards", "namespace": "shop", "annotations": {"k8s.v1.cni.cncf.io/networks": "storage-net"}},
            "spec": {"containers": [{"name": "main", "image": "pause"}]}}, patience=90)
    pod_of_rate = {"apiVersion": "v1", "kind": "Pod", "metadata": {
        "name": "slow", "namespace": "shop", "annotations": {"kubernetes.io/egress-bandwidth": "1M"}},
        "spec": {"containers": [{"name": "main", "image": "pause"}]}}
    objects_row("a pod that is held to a rate", "PRF-02", pod_of_rate)
    # What is on the machines, seen through the agents.

    def nodes(name, expect, break_it, mend_it, node="node-2", **more):
        ClusterRow(name, expect, lambda cluster: cluster.node(node, break_it), lambda cluster: cluster.node(node, mend_it),
                   **more)
    nodes("the overlay's port is closed on a node", "RTE-01",
          "nft 'add table inet fw; add chain inet fw input { type filter hook input priority 0; }; add rule inet fw input udp dport 8472 drop'",
          "nft delete table inet fw", smoke=True)
    nodes("nothing is forwarded on a node", "RTE-09", "sysctl -qw net.ipv4.ip_forward=0", "sysctl -qw net.ipv4.ip_forward=1",
          broken="sysctl -n net.ipv4.ip_forward | grep -qx 0")
    # Poplin's agent lets its own pods through a FORWARD that drops or rejects, within a moment.
    nodes("FORWARD is DROP on a node", None, "iptables-nft -P FORWARD DROP; sleep 8", "iptables-nft -P FORWARD ACCEPT")
    nodes("a node's card has another MTU", ["MTU-02", "MTU-01"], "ip link set eth0 mtu 1400", "ip link set eth0 mtu 1500")
    nodes("Docker's bridge covers pods' range on a node", "IPM-07",
          "ip link add docker0 type bridge; ip addr add 10.244.0.1/16 dev docker0; ip link set docker0 up", "ip link del docker0")
    nodes("ICMP that tells the path's MTU is dropped on a node", "MTU-04",
          "iptables-nft -I FORWARD -p icmp --icmp-type fragmentation-needed -j DROP", "iptables-nft -D FORWARD -p icmp --icmp-type fragmentation-needed -j DROP")
    nodes("a node rejects what is forwarded", None, "iptables-nft -A FORWARD -j REJECT --reject-with icmp-host-prohibited; sleep 8",
          "iptables-nft -D FORWARD -j REJECT --reject-with icmp-host-prohibited")

    ClusterRow("a node's cable is pulled", "NOD-01", lambda cluster: cluster.lab("node", "partition", "node-3"),
               lambda cluster: cluster.lab("node", "heal", "node-3"), patience=120, options=(),
               settled=lambda cluster: not ready(cluster, "node-3"))

    def without_agent(cluster):
        cluster.kubectl("label", "node", "node-1", "node-2", "network=yes")
        cluster.kubectl("-n", "poplin-system", "patch", "daemonset", "poplin-agent", "--type", "merge", "-p",
                        json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"network": "yes"}}}}}))
        # Only a pod that is made anew misses it.
        cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "late", "namespace": "shop"},
                       "spec": {"nodeName": "node-3", "containers": [{"name": "main", "image": "pause"}]}})

    def with_agent(cluster):
        cluster.kubectl("-n", "shop", "delete", "pod", "late", "--force", "--grace-period=0")
        cluster.kubectl("-n", "poplin-system", "patch", "daemonset", "poplin-agent", "--type", "json", "-p",
                        '[{"op":"remove","path":"/spec/template/spec/nodeSelector/network"}]')
        cluster.kubectl("label", "node", "node-1", "node-2", "network-")
        cluster.kubectl("-n", "poplin-system", "rollout", "status", "daemonset/poplin-agent", "--timeout=120s")
    ClusterRow("a selector keeps the agent from a node", "INS-01", without_agent, with_agent, options=(), patience=120)

    # Of the catalogue's mechanisms, and none of its examples.
    def odd(name, expect, *objects, **more):
        objects_row(name, expect, *objects, unseen=True, **more)

    def slice_of(name, address, port, **reference):
        return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": f"{name}-by-hand", "namespace": "shop", "labels": {"kubernetes.io/service-name": name}},
                "endpoints": [{"addresses": [address], "conditions": {"ready": True}, **reference}],
                "ports": [{"name": "main", "port": port, "protocol": "TCP"}]}
    plain = service("legacy", "shop", {}, 80)
    del plain["spec"]["selector"]
    odd("endpoints written by hand name a pod that is gone", "SVC-05", plain, slice_of(
        "legacy", "10.244.1.99", 80, targetRef={"kind": "Pod", "name": "legacy-0", "namespace": "shop"}, nodeName="node-1"),
        patience=90)
    odd("endpoints written by hand for a database outside", None, plain, slice_of("legacy", "203.0.113.9", 80))
    odd("a headless Service whose selector has another case", "SVC-01",
        service("db", "shop", {"App": "web"}, 5432, clusterIP="None"))
    odd("one of two ports has a name of no container", "SVC-02", {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "both", "namespace": "shop"}, "spec": {
            "selector": web, "ports": [{"name": "http", "port": 80, "targetPort": "http"},
                                       {"name": "metrics", "port": 9090, "targetPort": "metrics"}]}})
    odd("the name server's Service has another targetPort", ["SVC-02", "DNS-02"],
        dict(service("kube-dns", "kube-system", {"k8s-app": "kube-dns"}, 53, 5353, protocol="UDP", clusterIP="10.96.0.10"),
             metadata={"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}))
    odd("a policy opens a port that the pods do not have", ["POL-01", "POL-14", "SVC-02"], policy(
        "web-in", podSelector={"matchLabels": web}, policyTypes=["Ingress"],
        ingress=[{"ports": [{"port": 8080, "protocol": "TCP"}]}]), why=("client", "web:80"))
    odd("a policy opens the Service's port, and the pods have another", ["POL-14", "POL-01"], policy(
        "api-in", podSelector={"matchLabels": {"app": "api"}}, policyTypes=["Ingress"],
        ingress=[{"ports": [{"port": 8080, "protocol": "TCP"}]}]), why=("client", "api:8080"))
    odd("a policy lets a namespace in that does not exist", ["POL-05", "POL-26", "POL-01", "POL-02"], policy(
        "web-in", podSelector={"matchLabels": web}, policyTypes=["Ingress"],
        ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shopping"}}}]}]),
        why=("client", "web:80"))
    odd("DNS is allowed to pods of a wrong label", "DNS-05", policy(
        "to-dns", podSelector={"matchLabels": {"app": "client"}}, policyTypes=["Egress"], egress=[
            {"to": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "coredns"}}}],
             "ports": [{"port": 53, "protocol": "UDP"}]}, {"to": [{"podSelector": {}}]}]), why=("client", "web:80"))
    odd("a policy for everybody that opens everything", None, policy(
        "all", podSelector={}, policyTypes=["Ingress", "Egress"], ingress=[{}], egress=[{}]))
    odd("an Ingress of a Service that does not exist", ["ING-04", "ING-01", "SVC-01"], {
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx"},
        "spec": {"controller": "k8s.io/ingress-nginx"}}, dict(ingress, spec={"ingressClassName": "nginx", "rules": [{
            "host": "shop.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {
                "service": {"name": "wbe", "port": {"number": 80}}}}]}}]}))
    odd("two Ingresses of one host and path", "ING-07", {
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx"},
        "spec": {"controller": "k8s.io/ingress-nginx"}}, dict(ingress, spec=dict(ingress["spec"], ingressClassName="nginx")),
        dict(ingress, metadata={"name": "other", "namespace": "shop"}, spec=json.loads(json.dumps(dict(
            ingress["spec"], ingressClassName="nginx")).replace('"web"', '"api"').replace("80", "8080"))))
    odd("a certificate's Secret is not there", "ING-06", {
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx"},
        "spec": {"controller": "k8s.io/ingress-nginx"}}, dict(ingress, spec=dict(
            ingress["spec"], ingressClassName="nginx", tls=[{"hosts": ["shop.example.com"], "secretName": "no-such"}])))
    odd("a gate of readiness that nobody opens", None, {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gated", "namespace": "shop", "labels": {"app": "gated"}},
        "spec": {"readinessGates": [{"conditionType": "example.com/target-health"}],
                 "containers": [{"name": "main", "image": "pause"}]}})
    odd("a pod whose image runs and ends", None, {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "once", "namespace": "shop"},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox", "command": ["true"]}]}})

    def oddly(name, expect, break_it, mend_it, node="node-2", **more):
        nodes(name, expect, break_it, mend_it, node, unseen=True, **more)
    oddly("what a node's card takes in of the overlay is dropped", "RTE-01",
          "nft 'add table netdev fw; add chain netdev fw c { type filter hook ingress device eth0 priority 0; }; add rule netdev fw c udp dport 8472 drop'",
          "nft delete table netdev fw")
    oddly("a rule of a node refuses what pods send", "RTE-04", "ip rule add pref 30 from 10.244.0.0/16 to 10.244.0.0/16 prohibit",
          "ip rule del pref 30")
    oddly("a node's card forwards nothing", "RTE-09", "sysctl -qw net.ipv4.conf.eth0.forwarding=0",
          "sysctl -qw net.ipv4.conf.eth0.forwarding=1", broken="sysctl -n net.ipv4.conf.eth0.forwarding | grep -qx 0")
    oddly("a node logs what it forwards", None, "nft 'add table inet seen; add chain inet seen f { type filter hook forward priority 0; }; add rule inet seen f counter'",
          "nft delete table inet seen")


def ready(cluster, name):
    item = json.loads(cluster.kubectl("get", "node", name, "-o", "json"))
    return any(c["type"] == "Ready" and c["status"] == "True" for c in item["status"]["conditions"])
