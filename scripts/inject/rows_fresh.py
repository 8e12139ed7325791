"""More of them, of the kinds that were missed before, and programs in the packets' way."""
import json
import shutil
import textwrap
import time

from inject.cluster_rows import certificate
from inject.networks import kubeconfig
from inject.pair import PORT, listening
from inject.rows import FILE, PING_PEER, PING_ROUTED_PEER, Row, replaced, row, script
from inject.space import Failed, UNDERLAY, WORLD, stamp


def fresh_rows():
    """Out of the catalogue's column of injections what no row above has: written down before any of them was tried."""
    BIN = "/opt/cni/bin"

    def fresh(name, expect, flavour, inject, mend=None, **others):
        Row(name, expect, flavour, inject, mend, kind="fresh", **others)

    def pod_of(found, name):
        return next(item for item in found["pods"] if item["metadata"]["name"] == name)

    def node_of(found, name):
        return next(item for item in found["nodes"] if item["metadata"]["name"] == name)

    # Installation and configuration.
    def busy(machine):
        """An installer copies over a program that runs; what it says is what cp says."""
        machine.sh(f"mv {BIN}/static /root/static; cp /bin/sleep {BIN}/static; setsid {BIN}/static 900 </dev/null >/dev/null 2>&1 &")
        time.sleep(0.5)
        said = machine.sh(f"cp /root/static {BIN}/static 2>&1 || true").stdout.strip()
        if "busy" not in said:
            raise Failed(f"cp was not refused: {said}")
        machine.logged("kube-flannel", "kube-flannel-ds-x7k2p", "install-cni-plugin",
                       said.replace(BIN, "/host/opt/cni/bin"))
    fresh("an installer copies over a plugin that runs", "INS-04", "flannel", busy,
          f"for p in /proc/[0-9]*; do [ \"$(readlink $p/exe)\" = {BIN}/static ] && kill ${{p#/proc/}}; done; sleep 0.3; rm {BIN}/static; mv /root/static {BIN}/static; rm -r /var/log/pods")
    fresh("bridges cannot ask the packet filters: the kernel has no br_netfilter", ["INS-07", "SVC-07"], "bridge",
          "zcat /proc/config.gz | sed 's/^CONFIG_BRIDGE_NETFILTER=y/# CONFIG_BRIDGE_NETFILTER is not set/' | gzip > /root/config.gz; mount --bind /root/config.gz /proc/config.gz; mount -t tmpfs tmpfs /proc/sys/net/bridge",
          "umount /proc/sys/net/bridge; umount /proc/config.gz")

    def meshed(machine):
        machine.kept = machine.read(FILE)
        value = json.loads(machine.kept)
        value["plugins"].append({"type": "linkerd-cni", "name": "linkerd-cni", "log_level": "info", "linkerd": {
            "incoming-proxy-port": 4143, "outgoing-proxy-port": 4140, "proxy-uid": 2102}})
        machine.write(FILE, json.dumps(value, indent=2))
        machine.write(f"{BIN}/linkerd-cni", "#!/bin/sh\n[ \"$CNI_COMMAND\" = VERSION ] && echo '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\"]}'\nexit 0\n")
        machine.sh(f"chmod 755 {BIN}/linkerd-cni; touch -d '1 hour ago' /var/lib/cni/results/*; touch -d '10 minutes ago' {FILE}")
        machine.logged("default", "web-1", "linkerd-network-validator",
                       "ERROR linkerd_network_validator: Failed to validate networking configuration. Please ensure iptables rules are rewriting traffic as expected. timeout=10s")

    def unmeshed(machine):
        machine.write(FILE, machine.kept)
        machine.sh(f"rm -r /var/log/pods {BIN}/linkerd-cni")

    def meshed_objects(found):
        pod = pod_of(found, "web-1")
        old = pod["status"]["startTime"]
        pod["spec"]["initContainers"] = [{"name": "linkerd-network-validator", "image": "cr.l5d.io/linkerd/proxy:edge"}]
        pod["spec"]["containers"].append({"name": "linkerd-proxy", "image": "cr.l5d.io/linkerd/proxy:edge"})
        pod["status"].update(phase="Pending", conditions=[{"type": "Ready", "status": "False", "lastTransitionTime": old}])
        pod["status"]["initContainerStatuses"] = [{
            "name": "linkerd-network-validator", "ready": False, "restartCount": 9, "image": "cr.l5d.io/linkerd/proxy:edge",
            "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}]
    fresh("a pod is older than the mesh's plugin in the chain", ["CFG-08", "MSH-05"], "flannel", meshed, unmeshed,
          alone=False, objects=meshed_objects)

    def unmapped(machine):
        machine.kept = machine.read(FILE)
        value = json.loads(machine.kept)
        value["plugins"] = [item for item in value["plugins"] if item["type"] != "portmap"]
        machine.write(FILE, json.dumps(value, indent=2))
        path = f"/var/lib/cni/results/cbr0-{machine.pods['web-1'][2]}-eth0"
        machine.result = machine.read(path)
        kept = json.loads(machine.result)
        kept["capabilityArgs"] = {"portMappings": [{"hostPort": 8443, "containerPort": PORT, "protocol": "TCP", "hostIP": ""}]}
        machine.write(path, json.dumps(kept))

    def mapped(machine):
        machine.write(FILE, machine.kept)
        machine.write(f"/var/lib/cni/results/cbr0-{machine.pods['web-1'][2]}-eth0", machine.result)
    fresh("a pod wants a port of the host, and portmap is out of the chain", "CFG-09", "flannel", unmapped, mapped,
          objects=lambda found: pod_of(found, "web-1")["spec"]["containers"][0]["ports"][0].update(hostPort=8443))

    # The API, and who one is to it.
    fresh("the API's own Service leads nowhere", ["API-03", "SVC-03"], "flannel",
          "iptables-nft -t nat -F KUBE-SVC-NPX46M4PTMTKRN6Y",
          "iptables-nft -t nat -A KUBE-SVC-NPX46M4PTMTKRN6Y ! -s 10.244.0.0/16 -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-MARK-MASQ; iptables-nft -t nat -A KUBE-SVC-NPX46M4PTMTKRN6Y -j KUBE-SEP-APISERVER0000000")
    fresh("the API server's address is a blackhole", ["API-03", "RTE-04", "RTE-20"], "flannel",
          "ip route add blackhole {PEER}/32", "ip route del blackhole {PEER}/32", witness=PING_PEER)
    row("the token of the CNI is of the day after tomorrow: the clock is behind", "API-01", "calico",
        replaced("/etc/cni/net.d/calico-kubeconfig", lambda _: kubeconfig(3 * 86400)), kind="fresh")

    def by_certificate(days):
        values = certificate(days, name="system:calico-cni")
        return textwrap.dedent(f"""\
            apiVersion: v1
            kind: Config
            clusters:
            - name: local
              cluster:
                server: https://10.96.0.1:443
                certificate-authority-data: Zm9v
            users:
            - name: calico
              user:
                client-certificate-data: {values['tls.crt']}
                client-key-data: {values['tls.key']}
            contexts:
            - name: calico-context
              context: {{cluster: local, user: calico}}
            current-context: calico-context
            """)
    row("the certificate of the CNI ended", "API-01", "calico",
        replaced("/etc/cni/net.d/calico-kubeconfig", lambda _: by_certificate(-2)), kind="fresh")
    row("the CNI's kubeconfig names an authority's file that is not there", ["API-01", "API-03"], "calico",
        replaced("/etc/cni/net.d/calico-kubeconfig", lambda text: text.replace(
            "certificate-authority-data: Zm9v", "certificate-authority: /etc/cni/net.d/calico-tls/ca.crt")), kind="fresh")

    # Routes and tunnels.
    tunnel = ("ip link del flannel.1; ip link add flannel.1 address ee:aa:00:00:00:01 type vxlan id 1 local {LOCAL} dev {CARD} dstport 8472 nolearning; "
              "ip link set flannel.1 mtu 1450 up; ip addr add 10.244.1.0/32 dev flannel.1; ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent; "
              "bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self permanent; ip route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink")
    def second(machine):
        """The agent took the address of another card, and tells the others to send there."""
        script(machine, "ip link add eth1 type veth peer name eth1p; ip addr add 10.9.0.5/24 dev eth1; ip link set eth1 up; ip link set eth1p up; "
               + tunnel.replace("{LOCAL}", "10.9.0.5").replace("{CARD}", "eth1"))
        machine.lab.pair("flannel")[1].sh("bridge fdb replace ee:aa:00:00:00:01 dev flannel.1 dst 10.9.0.5 self permanent")
    fresh("the tunnel was made on a second card", "RTE-10", "flannel", second, witness=PING_PEER,
          objects=lambda found: node_of(found, "node-1")["metadata"]["annotations"].update(
              {"flannel.alpha.coreos.com/public-ip": "10.9.0.5"}))

    def plainly(found):
        notes = node_of(found, "node-1")["metadata"]["annotations"]
        notes["flannel.alpha.coreos.com/backend-type"] = "host-gw"
        notes["flannel.alpha.coreos.com/backend-data"] = "null"
    fresh("one node has routes and the other a tunnel", ["RTE-11", "RTE-03"], "flannel",
          "ip link del flannel.1; ip route replace 10.244.2.0/24 via {PEER} dev eth0", witness=PING_PEER, alone=False,
          objects=plainly)

    def between(rule):
        def inject(machine):
            machine.lab.fabric.sh(f"nft add table bridge fw; nft 'add chain bridge fw f {{ type filter hook forward priority 0; }}'; nft 'add rule bridge fw f {rule}'")

        def mend(machine):
            machine.lab.fabric.sh("nft delete table bridge fw")
        return inject, mend
    inject, mend = between("ip saddr 10.244.0.0/16 drop")
    fresh("the network below lets no pod's address through", ["RTE-15", "RTE-01"], "bridge", inject, mend,
          witness=PING_PEER, alone=False)

    def swallowed(port, device, again):
        """As after a start of the machine: the tunnel is new, sends, and nothing ever comes back."""
        close, open_ = between(f"udp dport {port} drop")

        def inject(machine):
            close(machine)
            script(machine, again)
            other = "10.244.2.2" if device == "flannel.1" else "10.244.2.11"
            machine.sh(f"ip netns exec {machine.space('web-1')} ping -c 400 -i 0.002 -W 1 {other} || true; ping -c 600 -i 0.002 {UNDERLAY}.12", check=False)
        return inject, open_
    inject, mend = swallowed(8472, "flannel.1", tunnel.replace("{LOCAL}", "192.168.77.11").replace("{CARD}", "eth0"))
    fresh("a firewall between the nodes drops the overlay", ["RTE-01", "RTE-18"], "flannel", inject, mend,
          witness=PING_PEER, renew=True)
    again = ("ip link set eth0 down; ip link set eth0 address 00:50:56:8f:1a:2b; ip link set eth0 up; ip route replace default via 192.168.77.1; "
             "ip link del vxlan.calico; ip link add vxlan.calico address 66:aa:00:00:00:01 type vxlan id 4096 local 192.168.77.11 dev eth0 dstport 4789 nolearning; ip link set vxlan.calico mtu 1450 up; "
             "ip addr add 10.244.1.0/32 dev vxlan.calico; ip neigh replace 10.244.2.0 lladdr 66:aa:00:00:00:02 dev vxlan.calico nud permanent; bridge fdb replace 66:aa:00:00:00:02 dev vxlan.calico dst {PEER} self permanent; "
             "ip route replace 10.244.2.0/26 via 10.244.2.0 dev vxlan.calico onlink proto 80; ping -c1 -W2 {PEER}")
    inject, mend = swallowed(4789, "vxlan.calico", again)
    fresh("cards of a hypervisor that takes the overlay's port for itself", ["RTE-18", "RTE-01"], "calico", inject, mend,
          witness=PING_ROUTED_PEER, renew=True)
    fresh("a wide route by the tunnel covers the nodes themselves", "RTE-20", "calico",
          "ip route add 192.168.77.0/25 via 10.244.2.0 dev vxlan.calico onlink proto bird",
          "ip route del 192.168.77.0/25", witness=PING_ROUTED_PEER)

    # BGP.
    def astray(machine):
        machine.sh("ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up")
        machine.bird(local="172.17.0.1")
        time.sleep(7)

    def homeward(machine):
        machine.sh("ip link del docker0")
        machine.bird()
        time.sleep(7)
    fresh("Docker's bridge was taken for the node's address", ["BGP-02", "BGP-01"], "bird", astray, homeward, alone=False,
          objects=lambda found: node_of(found, "node-1")["metadata"]["annotations"].update(
              {"projectcalico.org/IPv4Address": "172.17.0.1/16"}))

    def killed(machine):
        machine.sh("kill -9 $(cat /run/calico/bird.pid)")
        time.sleep(7)

    def revived(machine):
        machine.sh("rm -f /run/calico/bird.ctl")
        machine.bird()
        time.sleep(7)
    fresh("BIRD was killed", ["BGP-04", "BGP-01"], "bird", killed, revived)

    # Names, Services, programs of the kernel.
    def filled(machine):
        if not shutil.which("bpftool", path="/usr/sbin:/usr/bin"):
            raise Failed("there is no bpftool: apt-get install bpftool")
        machine.sh("""
            mount -t bpf bpf /sys/fs/bpf
            bpftool map create /sys/fs/bpf/cilium_lb4_services_v2 type hash key 4 value 8 entries 64 name cilium_lb4_serv
            for i in $(seq 0 63); do bpftool map update pinned /sys/fs/bpf/cilium_lb4_services_v2 key $i 0 0 0 value 0 0 0 0 0 0 0 0; done
        """)
    fresh("a map of Services is full", "BPF-03", "flannel", filled, "umount /sys/fs/bpf")

    def with_names(found):
        """The name server's Service, whose address kubelets give to pods."""
        found["services"].append({"apiVersion": "v1", "kind": "Service", "metadata": {
            "name": "kube-dns", "namespace": "kube-system", "uid": "d5", "creationTimestamp": stamp(86400)[:19] + "Z",
            "labels": {"k8s-app": "kube-dns"}}, "spec": {
                "clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"], "type": "ClusterIP",
                "ports": [{"name": "dns", "port": 53, "targetPort": 53, "protocol": "UDP"}]}})

    def drifted(address):
        return lambda machine: machine.lab.pair("flannel")[1].sh(
            f"sed -i 's/^clusterDNS:.*/clusterDNS: [{address}]/' /var/lib/kubelet/config.yaml")
    fresh("one kubelet gives pods another name server", "DNS-07", "flannel", drifted("10.96.0.99"), drifted("10.96.0.10"),
          alone=False, objects=with_names)
    fresh("the name server's upstream is dropped on its way", ["DNS-04", "RTE-06", "RTE-07"], "flannel",
          lambda machine: (machine.sh(f"iptables-nft -I FORWARD -d {WORLD} -p udp --dport 53 -j DROP"), machine.logged(
              "kube-system", "coredns-5d78c9869d-abcde", "coredns", *[
                  f"[ERROR] plugin/errors: 2 example.com. A: read udp {machine.pods['web-2'][1]}:{40000 + i}->{WORLD}:53: i/o timeout"
                  for i in range(6)])),
          f"iptables-nft -D FORWARD -d {WORLD} -p udp --dport 53 -j DROP; rm -r /var/log/pods")

    def bound(address):
        def change(machine):
            space = machine.space("web-1")
            # A runtime's own plugin sets the loopback up, before any program runs.
            machine.sh(f"ip -n {space} link set lo up; for p in $(ip netns pids {space}); do kill $p; done; sleep 0.5", check=False)
            listening(machine, PORT, space, address)
            time.sleep(0.5)
        return change
    fresh("the application listens on its loopback alone", "SVC-06", "flannel", bound("127.0.0.1"), bound("0.0.0.0"))

    def locked(machine):
        machine.sh("setsid flock -x /run/xtables.lock sleep 900 </dev/null >/dev/null 2>&1 &")
        time.sleep(0.5)
        said = machine.sh("iptables-legacy -w 1 -t nat -L -n 2>&1 || true").stdout.strip().replace("\n", " ")
        machine.logged("kube-system", "kube-proxy-7xk2p", "kube-proxy", *[
            f'E1121 20:0{i}:00.000000       1 proxier.go:1564] "Failed to execute iptables-restore" err="exit status 4: {said}"' for i in range(4)])
    fresh("somebody holds the lock of iptables", "SVC-10", "flannel", locked,
          "for p in /proc/[0-9]*; do grep -qx flock $p/comm 2>/dev/null && kill $(cat $p/task/*/children) ${p#/proc/}; done; rm -r /var/log/pods")
    fresh("kube-proxy's table of nftables stayed behind that of iptables", "SVC-04", "flannel",
          lambda machine: machine.sh("nft -f -", text=textwrap.dedent("""
              table ip kube-proxy {
                  map service-ips {
                      type ipv4_addr . inet_proto . inet_service : verdict
                      elements = { 10.96.7.7 . tcp . 80 : goto service-WEB-default/web/tcp/http }
                  }
                  chain services {
                      ip daddr . meta l4proto . th dport vmap @service-ips
                  }
                  chain endpoint-OLD-default/web/tcp/__10.244.1.99/8080 {
                      meta l4proto tcp dnat to 10.244.1.99:8080
                  }
                  chain service-WEB-default/web/tcp/http {
                      numgen random mod 1 vmap { 0 : goto endpoint-OLD-default/web/tcp/__10.244.1.99/8080 }
                  }
                  chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
                  chain nat-output { type nat hook output priority -100; policy accept; jump services; }
              }
              """)), "nft delete table ip kube-proxy")
    fresh("a pair is held to a rate by classes", "PRF-02", "flannel",
          "tc qdisc add dev {HOST1} root handle 1: htb default 10; tc class add dev {HOST1} parent 1: classid 1:10 htb rate 1mbit",
          "tc qdisc del dev {HOST1} root")
    fresh("the cloud's metadata address is a blackhole", "AWS-07", "aws",
          lambda machine: (machine.sh("ip route add blackhole 169.254.169.254/32"), machine.logged(
              "kube-system", "aws-node-8kx2p", "aws-node", *[
                  '{"level":"info","ts":"%s","caller":"entrypoint.sh","msg":"Retrying waiting for IPAM-D"}' % stamp(30 - i) for i in range(8)])),
          "ip route del blackhole 169.254.169.254/32; rm -r /var/log/pods")


# A tunnel's datagrams end here, at the card's classifier or before it.
BPF_DROP = r'''
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32;
struct ctx_skb { u32 len, pkt_type, mark, queue, protocol, a[5]; u32 hash, cb[5], c, tc, d; u32 data, data_end; };
struct ctx_xdp { u32 data, data_end; };
static inline int is_tunnel(u8 *data, u8 *end) {
    if (data + 42 > end || data[12] != 8 || data[13] != 0 || data[23] != 17) return 0;
    return data[36] == 0x21 && data[37] == 0x18;
}
__attribute__((section("xdp"), used)) int drop_xdp(struct ctx_xdp *c) {
    return is_tunnel((u8 *)(long)c->data, (u8 *)(long)c->data_end) ? 1 : 2;
}
static long (*load)(void *, u32, void *, u32) = (void *)26;
__attribute__((section("tc"), used)) int drop_tc(void *c) {
    u8 b[42];
    if (load(c, 0, b, 42) < 0) return -1;
    return is_tunnel(b, b + 42) ? 2 : -1;
}
char _license[] __attribute__((section("license"), used)) = "GPL";
'''
