"""What the agents of a network leave on a node: its files, devices, routes and rules."""
import base64
import hashlib
import json
import os
import shutil
import textwrap
import time

from inject.containerd import Containerd
from inject.space import Failed, UNDERLAY


# What flanneld's plugin does: it reads the node's range and hands a bridge's configuration on.
STAND_IN = r'''#!/usr/bin/env python3
import json, os, subprocess, sys
if os.environ.get("CNI_COMMAND") == "VERSION":
    print(json.dumps({"cniVersion": "1.0.0", "supportedVersions": ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"]}))
    sys.exit(0)
given = json.load(sys.stdin)
try:
    values = dict(line.strip().split("=", 1) for line in open("/run/flannel/subnet.env"))
except OSError as error:
    print(json.dumps({"cniVersion": "0.3.1", "code": 999, "msg": "loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory"}))
    sys.exit(1)
conf = dict(given.get("delegate", {}), name=given["name"], cniVersion=given["cniVersion"], type="bridge",
            mtu=int(values["FLANNEL_MTU"]), ipMasq=False, isGateway=True,
            ipam={"type": "host-local", "ranges": [[{"subnet": values["FLANNEL_SUBNET"].rsplit(".", 1)[0] + ".0/24"}]],
                  "routes": [{"dst": values["FLANNEL_NETWORK"]}]})
if "prevResult" in given:
    conf["prevResult"] = given["prevResult"]
sys.exit(subprocess.run(["/opt/cni/bin/bridge"], input=json.dumps(conf).encode()).returncode)
'''


FLANNEL_RULES = """
    *nat
    :FLANNEL-POSTRTG - [0:0]
    -A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
    -A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
    -A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN
    -A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
    -A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
    COMMIT
    *filter
    :FLANNEL-FWD - [0:0]
    -A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
    -A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
    -A FLANNEL-FWD -d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
    COMMIT
"""


CALICO_RULES = """
    *nat
    :cali-POSTROUTING - [0:0]
    :cali-nat-outgoing - [0:0]
    -A POSTROUTING -m comment --comment "cali:O3lYWMrLQYEMJtB5" -j cali-POSTROUTING
    -A cali-POSTROUTING -m comment --comment "cali:Z-c7XtVd2Bq7s_hA" -j cali-nat-outgoing
    -A cali-nat-outgoing -s 10.244.0.0/16 ! -d 10.244.0.0/16 -m comment --comment "cali:flqWnvo8yq4ULQLa" -j MASQUERADE --random-fully
    COMMIT
    *filter
    :cali-FORWARD - [0:0]
    -A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
    -A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m comment --comment "Policy explicitly accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT
    -A cali-FORWARD -i cali+ -m comment --comment "cali:8ZoYfO5HKXWbB3pk" -j MARK --set-xmark 0x10000/0x10000
    -A cali-FORWARD -o cali+ -m comment --comment "cali:jdEuaPBe14V2hutn" -j MARK --set-xmark 0x10000/0x10000
    COMMIT
"""


def kubeconfig(seconds):
    """Of a CNI: its token ends so many seconds from now."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    now = int(time.time())
    token = f"{part({'alg': 'RS256', 'kid': 'k'})}.{part({'iss': 'https://kubernetes.default.svc.cluster.local', 'exp': now + seconds, 'iat': now + seconds - 86400, 'sub': 'system:serviceaccount:kube-system:calico-cni-plugin'})}.c2lnbmF0dXJl"
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
            token: {token}
        contexts:
        - name: calico-context
          context: {{cluster: local, user: calico}}
        current-context: calico-context
        """)


class Networks:
    """What a machine is made to look like: a method for each network."""

    def flannel(self):
        """Flannel with VXLAN, as its DaemonSet leaves a node."""
        self.write("/opt/cni/bin/flannel", STAND_IN)
        self.sh("chmod 755 /opt/cni/bin/flannel; mkdir -p /run/flannel")
        self.write("/run/flannel/subnet.env", "FLANNEL_NETWORK=10.244.0.0/16\n"
                   f"FLANNEL_SUBNET={self.range}.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n")
        self.write("/etc/cni/net.d/10-flannel.conflist", json.dumps({
            "name": "cbr0", "cniVersion": "0.3.1",
            "plugins": [{"type": "flannel", "delegate": {"hairpinMode": True, "isDefaultGateway": True}},
                        {"type": "portmap", "capabilities": {"portMappings": True}}]}, indent=2) + "\n")
        self.overlay("flannel.1", 1, 8472)
        self.sh("iptables-nft-restore --noflush", text=textwrap.dedent(FLANNEL_RULES))
        self.network = "cbr0"
        for name in self.names:
            self.pod(name)
        self.kube_proxy("10.244.1.2")

    def bridge(self, length=24, pods=True):
        """A plain bridge with host-local, as many a hand-made cluster has it (Kubernetes the hard way), and routes."""
        self.write("/etc/cni/net.d/10-bridge.conflist", json.dumps({
            "name": "pods", "cniVersion": "1.0.0",
            "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True, "hairpinMode": True,
                         "ipam": {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}],
                                  "ranges": [[{"subnet": f"{self.range}.0/{length}"}]]}},
                        {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True}]}, indent=2))
        other = self.other()
        self.sh(f"ip route add 10.244.{other}.0/24 via {UNDERLAY}.{10 + other}")
        self.network = "pods"
        for name in self.names if pods else []:
            self.pod(name)
        self.kube_proxy("10.244.1.2")

    def runtime(self):
        """A bridge with five addresses for pods, and a real containerd that makes them."""
        self.bridge(length=29, pods=False)
        self.containerd = Containerd(self)
        for name in self.names:
            if not self.containerd.run(name):
                raise Failed(f"containerd made no sandbox of {name}: {self.containerd.last_words()}")

    def tiny(self):
        """The same with eight addresses."""
        self.write("/etc/cni/net.d/10-bridge.conflist", json.dumps({
            "name": "pods", "cniVersion": "1.0.0",
            "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True,
                         "ipam": {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}],
                                  "ranges": [[{"subnet": f"{self.range}.0/29"}]]}}]}, indent=2))
        self.network = "pods"
        for index in range(1, 4):
            self.pod(f"web-{index}")

    def routed_pod(self, name, host, last, gateway="169.254.1.1", mac=None, permanent=False):
        """A pod as Calico and AWS attach it: a pair, a route of 32 bits, an answer to ARP or a fixed entry."""
        address = f"{self.range}.{last}"
        identifier = hashlib.sha256(name.encode()).hexdigest()
        space = f"cni-{identifier[:12]}"
        self.sh(f"""
            ip netns add {space}
            ip link add {host} {f'address {mac}' if mac else ''} type veth peer name eth0 netns {space}
            ip link set {host} up
            ip -n {space} link set lo up
            ip -n {space} link set eth0 up
            ip -n {space} addr add {address}/32 dev eth0
            ip -n {space} route add {gateway} dev eth0 scope link
            ip -n {space} route add default via {gateway} dev eth0
            ip route add {address}/32 dev {host} scope link
        """)
        if permanent:
            self.sh(f"ip -n {space} neigh replace {gateway} lladdr {mac} dev eth0 nud permanent")
        else:
            self.sh(f"sysctl -qw net.ipv4.conf.{host}.proxy_arp=1 net.ipv4.neigh.{host}.proxy_delay=0")
        self.pods[name] = (space, address, identifier)
        self.cached(name, self.network, [f"{address}/32"])

    def cached(self, name, network, addresses, space=None, identifier=None):
        """The result of ADD that libcni keeps."""
        own, _, known = self.pods.get(name, (space, None, identifier))
        self.write(f"/var/lib/cni/results/{network}-{identifier or known}-eth0", json.dumps({
            "kind": "cniCacheV1", "containerId": identifier or known, "config": "", "ifName": "eth0",
            "networkName": network, "netns": f"/var/run/netns/{space or own}",
            "cniArgs": [["IgnoreUnknown", "1"], ["K8S_POD_NAMESPACE", "default"], ["K8S_POD_NAME", name],
                        ["K8S_POD_INFRA_CONTAINER_ID", identifier or known]],
            "result": {"cniVersion": "1.0.0", "ips": [{"address": item} for item in addresses], "dns": {},
                       "interfaces": [{"name": "eth0", "sandbox": f"/var/run/netns/{space or own}"}]}}))

    def calico(self, tunnel=True):
        """Calico with VXLAN: routes of 32 bits, a block that is a blackhole beside them, pods on pairs."""
        stub = "#!/bin/sh\n[ \"$CNI_COMMAND\" = VERSION ] && echo '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\"]}'\nexit 0\n"
        for name in ["calico", "calico-ipam"]:
            self.write(f"/opt/cni/bin/{name}", stub)
            self.sh(f"chmod 755 /opt/cni/bin/{name}")
        self.write("/etc/cni/net.d/calico-kubeconfig", kubeconfig(86400))
        self.write("/var/lib/calico/nodename", self.name)
        self.write("/etc/cni/net.d/10-calico.conflist", json.dumps({
            "name": "k8s-pod-network", "cniVersion": "0.3.1",
            "plugins": [{"type": "calico", "datastore_type": "kubernetes", "mtu": 0, "nodename": self.name,
                         "log_level": "info", "log_file_path": "/var/log/calico/cni/cni.log",
                         "ipam": {"type": "calico-ipam"}, "policy": {"type": "k8s"},
                         "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}},
                        {"type": "portmap", "snat": True, "capabilities": {"portMappings": True}}]}, indent=2))
        self.network = "k8s-pod-network"
        other = self.other()
        mac = {1: "66:aa:00:00:00:01", 2: "66:aa:00:00:00:02"}
        tunnelled = f"""
            ip link add vxlan.calico address {mac[self.number]} type vxlan id 4096 local {self.address} dev eth0 dstport 4789 nolearning
            ip link set vxlan.calico mtu 1450 up
            ip addr add {self.range}.0/32 dev vxlan.calico
            ip neigh replace 10.244.{other}.0 lladdr {mac[other]} dev vxlan.calico nud permanent
            bridge fdb replace {mac[other]} dev vxlan.calico dst {UNDERLAY}.{10 + other} self permanent
            ip route replace 10.244.{other}.0/26 via 10.244.{other}.0 dev vxlan.calico onlink proto 80
        """
        self.sh((tunnelled if tunnel else "") + f"""
            ip route replace blackhole {self.range}.0/26 proto 80
        """)
        self.sh("iptables-nft-restore --noflush", text=textwrap.dedent(CALICO_RULES))
        self.routed_pod(self.names[0], "cali11111111111", 11)
        self.routed_pod(self.names[1], "cali22222222222", 12)
        self.kube_proxy("10.244.1.11")

    def bird(self, number=64512, expected=64512, password=None, identifier=None, limit=None, announces=True, mesh=True,
             local=None):
        """Calico without a tunnel: BIRD of Debian tells the other node's range."""
        if not shutil.which("bird", path="/usr/sbin:/usr/bin"):
            raise Failed("there is no BIRD: apt-get install bird2")
        first = not self.pods
        other = self.other()
        # What Calico's own node would be told by its objects.
        self.mesh = mesh
        if first:
            self.calico(tunnel=False)
        peer = f"{UNDERLAY}.{10 + other}"
        protocol = f"""
            protocol bgp Mesh_{peer.replace('.', '_')} {{
                local {local or self.address} as {number};
                neighbor {peer} as {expected};
                {f'password "{password}";' if password else ''}
                hold time 3; keepalive time 1; connect retry time 1; connect delay time 1; error wait time 1, 2; error forget time 5;
                ipv4 {{
                    import {'all' if limit is None else 'all'};
                    {f'import limit {limit} action disable;' if limit is not None else ''}
                    export {'where source = RTS_STATIC' if announces else 'none'};
                    next hop self;
                }};
            }}
        """
        self.write("/etc/calico/bird.conf", textwrap.dedent(f"""
            router id {identifier or self.address};
            protocol device {{ scan time 2; }}
            # Without the networks of the cards the next hop of a session inside one AS is nowhere.
            protocol direct {{ ipv4; interface "eth*"; }}
            protocol kernel {{ ipv4 {{ export where source = RTS_BGP; import none; }}; }}
            protocol static {{ ipv4; route {self.range}.0/26 blackhole; }}
            {protocol if mesh else ''}
        """))
        if first or not self.sh("birdc -s /run/calico/bird.ctl show status", check=False).returncode == 0:
            self.sh("mkdir -p /run/calico; bird -c /etc/calico/bird.conf -s /run/calico/bird.ctl -P /run/calico/bird.pid")
        else:
            self.sh("birdc -s /run/calico/bird.ctl configure >/dev/null; birdc -s /run/calico/bird.ctl restart all >/dev/null")
        if first and self.number == 2:
            time.sleep(6)

    def frr(self, number=64512, expected=64512, password=None, identifier=None):
        """The same with Debian's FRR: bgpd tells the range, and zebra writes what it learns."""
        if not os.path.exists("/usr/lib/frr/bgpd"):
            raise Failed("there is no FRR: apt-get install frr")
        first = not self.pods
        if first:
            self.calico(tunnel=False)
            self.sh("mkdir -p /run/frr /etc/frr; chown frr:frr /run/frr /etc/frr")
        peer = f"{UNDERLAY}.{10 + self.other()}"
        self.write("/etc/frr/frr.conf", textwrap.dedent(f"""\
            router bgp {number}
             bgp router-id {identifier or self.address}
             no bgp ebgp-requires-policy
             no bgp network import-check
             neighbor {peer} remote-as {expected}
             neighbor {peer} timers 1 3
             neighbor {peer} timers connect 1
             {f"neighbor {peer} password {password}" if password else "!"}
             address-family ipv4 unicast
              network {self.range}.0/26
             exit-address-family
            """))
        self.sh("""
            chown frr:frr /etc/frr/frr.conf
            pgrep -r D,R,S -x zebra >/dev/null || /usr/lib/frr/zebra -d -A 127.0.0.1 -f /etc/frr/frr.conf
            pkill -x bgpd || true
            while pgrep -r D,R,S -x bgpd >/dev/null; do sleep 0.1; done
            /usr/lib/frr/bgpd -d -A 127.0.0.1 -f /etc/frr/frr.conf
        """)
        if first and self.number == 2:
            time.sleep(6)

    def aws(self):
        """The VPC CNI: addresses of the VPC, rules for each pod, a fixed entry for the gateway."""
        for name in ["aws-cni", "egress-cni"]:
            self.write(f"/opt/cni/bin/{name}", "#!/bin/sh\n[ \"$CNI_COMMAND\" = VERSION ] && echo '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.4.0\",\"1.0.0\"]}'\nexit 0\n")
            self.sh(f"chmod 755 /opt/cni/bin/{name}")
        self.write("/etc/cni/net.d/10-aws.conflist", json.dumps({
            "cniVersion": "0.4.0", "name": "aws-cni", "disableCheck": True,
            "plugins": [{"name": "aws-cni", "type": "aws-cni", "vethPrefix": "eni", "mtu": "9001"},
                        {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True}]}, indent=2))
        self.network = "aws-cni"
        self.sh("""
            ip rule add pref 1024 from all fwmark 0x80/0x80 lookup main
        """)
        self.write("/etc/systemd/networkd.conf", "[Network]\n#ManageForeignRoutes=yes\n")
        self.sh("cp /bin/sleep /usr/local/bin/systemd-networkd; setsid /usr/local/bin/systemd-networkd 3600 </dev/null >/dev/null 2>&1 &")
        self.routed_pod("web-1", "eni1111111111a", 11, mac="0a:58:00:00:00:11", permanent=True)
        self.routed_pod("web-2", "eni2222222222b", 12, mac="0a:58:00:00:00:12", permanent=True)
        # A second card's pods leave by the card's own table.
        self.sh(f"""
            ip rule add pref 512 from all to {self.range}.11 lookup main
            ip rule add pref 512 from all to {self.range}.12 lookup main
            ip route add default via {UNDERLAY}.1 dev eth0 table 2
            ip rule add pref 1536 from {self.range}.12 lookup 2
        """)
