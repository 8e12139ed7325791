#!/usr/bin/env python3
"""Breaks live machines and a live cluster in the ways of the catalogue of causes, and asks the doctor what it is.

    scripts/doctor-inject.py PROGRAM [--stage machines|cluster|all] [--only CODE|ROW,...] [--smoke] [--verbose] [--keep]

Machines are namespaces of this host (network, mounts, processes, host name) with a root file system of their own over
the host's, made to look like a node of Flannel, of a routed network (Calico, AWS) or of a plain bridge, with the
reference plugins of Debian (containernetworking-plugins) and pods that `poplin cni add` attached. A second machine is
the other end of tunnels and routes, and what is between them has the world behind it. The cluster is `poplin lab`.

Before a row the machine is well: no finding. Then one thing is broken (and, where the row names a witness, it must
really be broken: the witness fails), `poplin doctor node` is asked, the thing is mended, and the machine must be well
again. Where pods of both machines reach each other, both are also judged as one bundle with the objects an API server
would have, five connections are tried, and `poplin doctor why` must say of each what is true, by the row's own cause;
`poplin explain` is given the message with which a pod is refused. One line for each row, one more for what of those
columns is not as it should be, and a total; exit 1 when a machine that is well got a finding or a row was not
understood.

Root, iproute2, nft, iptables, ipset, clang, bird2 and containernetworking-plugins are needed; the cluster needs POPLIN_CNI,
POPLIN_DEPLOY and kubectl.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import threading
import time

UNDERLAY = "192.168.77"
WORLD = "198.51.100.10"
PLUGINS = ["/usr/lib/cni", "/opt/cni/bin"]


class Failed(Exception):
    pass


def run(*words, text=None, check=True, timeout=120, environment=None):
    outcome = subprocess.run(words, input=text, capture_output=True, text=True, timeout=timeout,
                             env=environment or dict(os.environ, NO_COLOR="1"))
    if check and outcome.returncode:
        raise Failed(f"{' '.join(words)[:300]}: {outcome.returncode}: {(outcome.stdout + outcome.stderr)[-800:]}")
    return outcome


class Space:
    """Namespaces that live as long as a process of ours does."""

    def __init__(self, name, setup="", root=None):
        self.name = name
        script = "set -e\nmount --make-rprivate /\n" + textwrap.dedent(setup)
        # The last line tells that all is set up; then only the namespaces are held.
        script += "\necho ready\nexec sleep 3600\n"
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc",
             "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.holder.stdout.readline()
        if line != "ready\n":
            raise Failed(f"{name}: {line}{self.holder.stderr.read()}")
        children = run("cat", f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").stdout.split()
        self.process = int(children[0])

    def words(self, *command):
        return ["nsenter", "--target", str(self.process), "--net", "--mount", "--uts", "--ipc", "--pid",
                f"--root=/proc/{self.process}/root", f"--wd=/proc/{self.process}/root", *command]

    def sh(self, script, check=True, text=None, timeout=120):
        return run(*self.words("sh", "-c", "set -e\n" + textwrap.dedent(script)), check=check, text=text,
                   timeout=timeout, environment=dict(os.environ, NO_COLOR="1", PATH="/usr/sbin:/usr/bin:/sbin:/bin"))

    def end(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        self.holder.stderr.close()


class Machine(Space):
    """A node: a root file system of its own over the host's, links to the underlay, a network's files and rules."""

    def __init__(self, lab, name, number, flavour, real=True):
        self.lab, self.number, self.flavour = lab, number, flavour
        self.address = f"{UNDERLAY}.{10 + number}"
        self.folder = tempfile.mkdtemp(prefix=f"{name}-", dir=lab.folder)
        plugins = next((place for place in PLUGINS if os.path.exists(f"{place}/bridge")), None)
        if not plugins:
            raise Failed("there are no reference plugins: apt-get install containernetworking-plugins")
        self.pods = {}
        super().__init__(name, f"""
            hostname {name}
            mount -t tmpfs -o size=256m tmpfs {self.folder}
            mkdir {self.folder}/upper {self.folder}/work {self.folder}/root
            mount -t overlay overlay -o lowerdir=/,upperdir={self.folder}/upper,workdir={self.folder}/work {self.folder}/root
            cd {self.folder}/root
            mount --rbind /dev dev
            mount -t proc proc proc
            mount -t sysfs sysfs sys
            mount -t tmpfs tmpfs run
            mount -t tmpfs tmpfs var/log
            mount -t tmpfs tmpfs tmp
            mkdir -p run/netns
            # The kernel's ring is everybody's: what others on this host do is not this machine's.
            : > run/kmsg && mount --bind run/kmsg dev/kmsg
            rm -rf etc/cni opt/cni var/lib/cni var/lib/kubelet etc/containerd etc/systemd/network etc/docker
            rm -f etc/resolv.conf etc/sysctl.d/* etc/systemd/networkd.conf
            mkdir -p etc/cni/net.d opt/cni/bin var/lib/cni var/lib/kubelet etc/containerd old
            cp {plugins}/* opt/cni/bin/
            : > opt/poplin && mount --bind {lab.program} opt/poplin
            echo nameserver {WORLD} > etc/resolv.conf
            echo 127.0.0.1 localhost > etc/hosts
            echo {name} > etc/hostname
            printf 'apiVersion: kubelet.config.k8s.io/v1beta1\\nkind: KubeletConfiguration\\nclusterDNS: [10.96.0.10]\\n' > var/lib/kubelet/config.yaml
            printf 'version = 2\\n[plugins."io.containerd.grpc.v1.cri".cni]\\n  bin_dir = "/opt/cni/bin"\\n  conf_dir = "/etc/cni/net.d"\\n' > etc/containerd/config.toml
            pivot_root . old
            umount -l old
            ip link set lo up
            sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
        """)
        lab.plug(self)
        self.sh(f"ip addr add {self.address}/24 dev eth0; ip link set eth0 up; ip route add default via {UNDERLAY}.1")
        # The runtime, as far as anybody sees who only looks at the list of processes.
        self.sh("cp /bin/sleep /usr/local/bin/containerd; setsid /usr/local/bin/containerd 3600 </dev/null >/dev/null 2>&1 &")
        getattr(self, flavour)()

    def write(self, path, text):
        self.sh(f"mkdir -p $(dirname {path}); cat > {path}", text=text)

    def read(self, path):
        return self.sh(f"cat {path}").stdout

    def logged(self, namespace, pod, container, *lines):
        """What a container wrote, where kubelet keeps it."""
        identifier = hashlib.md5(f"{namespace}/{pod}".encode()).hexdigest()
        text = "".join(f"{stamp(20)} stderr F {line}\n" for line in lines)
        self.write(f"/var/log/pods/{namespace}_{pod}_{identifier[:8]}-0000-4000-8000-{identifier[8:20]}/{container}/0.log", text)

    # Flavours.

    @property
    def range(self):
        return f"10.244.{self.number}"

    @property
    def names(self):
        """Of its pods."""
        return ["web-1", "web-2"] if self.number == 1 else ["peer-1", "peer-2"]

    def other(self):
        return 3 - self.number

    def overlay(self, device, vni, port):
        """A VXLAN as an agent sets it up: entries for the other node instead of learning."""
        mac = {1: "ee:aa:00:00:00:01", 2: "ee:aa:00:00:00:02"}
        other = self.other()
        self.sh(f"""
            ip link add {device} address {mac[self.number]} type vxlan id {vni} local {self.address} dev eth0 dstport {port} nolearning
            ip link set {device} mtu 1450 up
            ip addr add {self.range}.0/32 dev {device}
            ip neigh replace 10.244.{other}.0 lladdr {mac[other]} dev {device} nud permanent
            bridge fdb replace {mac[other]} dev {device} dst {UNDERLAY}.{10 + other} self permanent
            ip route replace 10.244.{other}.0/24 via 10.244.{other}.0 dev {device} onlink
        """)

    def kube_proxy(self, backend, masquerade=True):
        """What kube-proxy writes for two Services, one of the API and one of a pod."""
        rules = f"""
            *nat
            :KUBE-SERVICES - [0:0]
            :KUBE-POSTROUTING - [0:0]
            :KUBE-MARK-MASQ - [0:0]
            :KUBE-NODEPORTS - [0:0]
            :KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
            :KUBE-SEP-APISERVER0000000 - [0:0]
            :KUBE-SVC-WEB0000000000000 - [0:0]
            :KUBE-SEP-WEB0000000000000 - [0:0]
            -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
            -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
            -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
            -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
            -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
            -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
            -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
            -A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
            -A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-WEB0000000000000
            -A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
            -A KUBE-SVC-NPX46M4PTMTKRN6Y ! -s 10.244.0.0/16 -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-MARK-MASQ
            -A KUBE-SVC-NPX46M4PTMTKRN6Y -m comment --comment "default/kubernetes:https -> {UNDERLAY}.12:6443" -j KUBE-SEP-APISERVER0000000
            -A KUBE-SEP-APISERVER0000000 -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination {UNDERLAY}.12:6443
            -A KUBE-SVC-WEB0000000000000 ! -s 10.244.0.0/16 -d 10.96.7.7/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
            -A KUBE-SVC-WEB0000000000000 -m comment --comment "default/web -> {backend}:8080" -j KUBE-SEP-WEB0000000000000
            -A KUBE-SEP-WEB0000000000000 -s {backend}/32 -m comment --comment "default/web" -j KUBE-MARK-MASQ
            -A KUBE-SEP-WEB0000000000000 -p tcp -m comment --comment "default/web" -m tcp -j DNAT --to-destination {backend}:8080
            COMMIT
            *filter
            :KUBE-FORWARD - [0:0]
            :KUBE-FIREWALL - [0:0]
            -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
            -A OUTPUT -j KUBE-FIREWALL
            -A INPUT -j KUBE-FIREWALL
            -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
            -A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
            -A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
            COMMIT
        """
        self.rules = textwrap.dedent(rules)
        self.sh("iptables-nft-restore --noflush", text=self.rules)

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

    def bridge(self):
        """A plain bridge with host-local, as many a hand-made cluster has it (Kubernetes the hard way), and routes."""
        self.write("/etc/cni/net.d/10-bridge.conflist", json.dumps({
            "name": "pods", "cniVersion": "1.0.0",
            "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True, "hairpinMode": True,
                         "ipam": {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}],
                                  "ranges": [[{"subnet": f"{self.range}.0/24"}]]}},
                        {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True}]}, indent=2))
        other = self.other()
        self.sh(f"ip route add 10.244.{other}.0/24 via {UNDERLAY}.{10 + other}")
        self.network = "pods"
        for name in self.names:
            self.pod(name)
        self.kube_proxy("10.244.1.2")

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

    # Pods.

    def pod(self, name, network=None, check=True, keep=True):
        """A pod that is attached by the network's own plugins."""
        identifier = hashlib.sha256(f"{self.name} {name}".encode()).hexdigest()
        space = f"cni-{identifier[:8]}-0000-4000-8000-{identifier[8:20]}"
        outcome = self.sh(f"""
            /opt/poplin cni add {network or self.network} {space} --make-netns --container-id {identifier} \\
                --plugin-dir /opt/cni/bin -o json \\
                --args 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME={name};K8S_POD_INFRA_CONTAINER_ID={identifier};K8S_POD_UID={identifier[:8]}-0000-4000-8000-{identifier[8:20]}'
        """, check=check)
        if outcome.returncode == 0 and keep:
            address = json.loads(outcome.stdout)["ips"][0]["address"].split("/")[0]
            self.pods[name] = (space, address, identifier)
        return outcome

    def unpod(self, name, network=None):
        space, _, identifier = self.pods.pop(name)
        self.sh(f"/opt/poplin cni del {network or self.network} {space} --container-id {identifier} --plugin-dir /opt/cni/bin; ip netns del {space} 2>/dev/null || true",
                check=False)

    def space(self, name):
        return self.pods[name][0]

    def host_end(self, name):
        """The machine's end of a pod's pair."""
        number = self.sh(f"ip netns exec {self.space(name)} cat /sys/class/net/eth0/iflink").stdout.strip()
        links = json.loads(self.sh("ip -j link").stdout)
        return next(link["ifname"] for link in links if str(link["ifindex"]) == number)

    # The doctor.

    def doctor(self):
        started = time.monotonic()
        outcome = self.sh("/opt/poplin doctor node -o json", check=False)
        self.took = time.monotonic() - started
        if outcome.returncode not in (0, 1, 3):
            raise Failed(f"doctor node: {outcome.returncode}: {outcome.stderr[-500:]}")
        try:
            return json.loads(outcome.stdout)
        except ValueError:
            raise Failed(f"doctor node: {outcome.returncode}: {outcome.stdout[-300:]} {outcome.stderr[-300:]}")

    def screen(self):
        return self.sh("/opt/poplin doctor node", check=False).stdout


class Lab:
    """What machines are plugged into: a switch, a router, and the world behind it."""

    def __init__(self, program):
        self.program = os.path.realpath(program)
        self.folder = tempfile.mkdtemp(prefix="doctor-inject-")
        self.fabric = Space("fabric", f"""
            ip link set lo up
            ip link add underlay type bridge
            ip addr add {UNDERLAY}.1/24 dev underlay
            ip addr add {WORLD}/32 dev lo
            ip link set underlay up
            sysctl -qw net.ipv4.ip_forward=1
        """)
        self.machines = {}

    def plug(self, machine):
        port = f"p-{machine.name}"[:15]
        run("nsenter", "--target", str(self.fabric.process), "--net", "ip", "link", "add", port, "type", "veth",
            "peer", "name", "eth0", "netns", str(machine.process))
        run("nsenter", "--target", str(self.fabric.process), "--net", "ip", "link", "set", port, "master",
            "underlay", "up")

    def pair(self, flavour):
        """The machine that is broken, and the one it speaks with: made when they are first asked for."""
        if flavour not in self.machines:
            for machines in self.machines.values():
                for machine in machines:
                    machine.end()
            self.machines = {flavour: [Machine(self, "node-1", 1, flavour), Machine(self, "node-2", 2, flavour)]}
        return self.machines[flavour]

    def renew(self, flavour):
        for machine in self.machines.pop(flavour, []):
            machine.end()

    def end(self):
        for machines in self.machines.values():
            for machine in machines:
                machine.end()
        self.fabric.end()
        shutil.rmtree(self.folder, ignore_errors=True)


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


def stamp(ago=0):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - ago)) + ".000000000Z"


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


def machine_rows():
    BIN = "/opt/cni/bin"
    # A1. Installation.
    Row("its plugin is gone", "INS-02", "flannel", f"mv {BIN}/flannel /root/f", f"mv /root/f {BIN}/flannel", smoke=True)
    Row("a plugin may not be executed", "INS-02", "flannel", f"chmod -x {BIN}/bridge", f"chmod +x {BIN}/bridge")
    Row("a plugin is of another architecture", "INS-02", "flannel",
        f"cp {BIN}/bridge /root/b; printf '\\267' | dd of={BIN}/bridge bs=1 seek=18 conv=notrunc status=none",
        f"rm {BIN}/bridge; cp /root/b {BIN}/bridge")
    Row("a plugin is empty", "INS-02", "flannel", f"cp {BIN}/host-local /root/h; : > {BIN}/host-local",
        f"cp /root/h {BIN}/host-local")
    Row("a plugin was cut off while it was copied", "INS-02", "flannel",
        f"cp {BIN}/bridge /root/b; rm {BIN}/bridge; head -c 200000 /root/b > {BIN}/bridge; chmod 755 {BIN}/bridge",
        f"rm {BIN}/bridge; cp /root/b {BIN}/bridge")
    Row("a plugin is a link to nothing", ["INS-02", "INS-03"], "flannel",
        f"mv {BIN}/portmap /root/p; ln -s /opt/gone/portmap {BIN}/portmap", f"rm {BIN}/portmap; mv /root/p {BIN}/portmap")
    Row("an interpreter of a plugin is gone", "INS-02", "flannel",
        f"cp {BIN}/flannel /root/f; sed -i '1s|.*|#!/usr/bin/python9|' {BIN}/flannel", f"cp /root/f {BIN}/flannel")
    Row("portmap is gone", "INS-03", "flannel", f"mv {BIN}/portmap /root/p", f"mv /root/p {BIN}/portmap")
    Row("host-local, which only the delegate needs, is gone", "INS-03", "flannel", f"mv {BIN}/host-local /root/p",
        f"mv /root/p {BIN}/host-local")
    Row("loopback is gone", "INS-03", "flannel",
        f"mv {BIN}/loopback /root/p\n" + complain("failed to find plugin \\\\\\\"loopback\\\\\\\" in path [/opt/cni/bin]"),
        f"mv /root/p {BIN}/loopback; rm /var/log/containerd.log")
    Row("the runtime looks for plugins elsewhere", "INS-05", "flannel",
        "cp /etc/containerd/config.toml /root/c; sed -i 's|/opt/cni/bin|/usr/local/cni/bin|' /etc/containerd/config.toml; mkdir -p /usr/local/cni/bin",
        "cp /root/c /etc/containerd/config.toml; rm -r /usr/local/cni")
    Row("the runtime reads another folder of configurations", "INS-05", "flannel",
        "cp /etc/containerd/config.toml /root/c; sed -i 's|/etc/cni/net.d|/etc/cni/conf|' /etc/containerd/config.toml; mkdir -p /etc/cni/conf",
        "cp /root/c /etc/containerd/config.toml; rm -r /etc/cni/conf")
    Row("nodename is gone", "INS-06", "calico",
        "mv /var/lib/calico/nodename /root/n\n" + complain("stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/"),
        "mv /root/n /var/lib/calico/nodename; rm /var/log/containerd.log", objects=waiting)
    Row("subnet.env is gone", "INS-08", "flannel",
        "mv /run/flannel/subnet.env /root/s\n" + complain("loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory"),
        "mv /root/s /run/flannel/subnet.env; rm /var/log/containerd.log")
    Row("subnet.env is gone, and no pod was started since", "INS-08", "flannel",
        "mv /run/flannel/subnet.env /root/s", "mv /root/s /run/flannel/subnet.env")
    Row("everything of CNI was removed", ["INS-10", "CFG-01"], "flannel",
        f"mkdir /root/all; mv {BIN}/* /root/all; mv {FILE} /root/f", f"mv /root/all/* {BIN}; rmdir /root/all; mv /root/f {FILE}")
    Row("a mount is private", "INS-11", "flannel",
        "mount --bind /opt/cni /opt/cni; mount --make-private /opt/cni\n"
        "echo 'E1121 20:00:00.000000 1 pod_workers.go:1301] \"Error syncing pod, skipping\" err=\"failed to start container: path \\\"/opt/cni/bin\\\" is mounted on \\\"/opt/cni\\\" but it is not a shared mount\"' > /var/log/kubelet.log",
        "umount /opt/cni; rm /var/log/kubelet.log")
    row("the token of the CNI ended", "API-01", "calico",
        replaced("/etc/cni/net.d/calico-kubeconfig", lambda _: kubeconfig(-7200)), smoke=True)
    # A2. Configuration.
    Row("no configuration", "CFG-01", "flannel", f"mv {FILE} /root/f", f"mv /root/f {FILE}", smoke=True)
    Row("the configuration has another ending", "CFG-01", "flannel", f"mv {FILE} {FILE}.bak", f"mv {FILE}.bak {FILE}")
    row("the configuration was cut off", "CFG-02", "flannel", replaced(FILE, lambda text: text[:len(text) // 2]), smoke=True)
    row("a byte order mark", "CFG-02", "flannel", replaced(FILE, lambda text: "\ufeff" + text))
    row("a trailing comma", "CFG-02", "flannel", replaced(FILE, lambda text: text.replace("\n  ]", ",\n  ]")))
    row("a comment", "CFG-02", "flannel", replaced(FILE, lambda text: text.replace("{", "{ // flannel", 1)))
    row("an empty file", "CFG-02", "flannel", replaced(FILE, ""))
    row("zero bytes after a power cut", "CFG-02", "flannel", replaced(FILE, lambda text: "\0" * len(text)))
    row("lines end with CR LF", None, "flannel", replaced(FILE, lambda text: text.replace("\n", "\r\n")))
    Row("the runtime may not read it", "CFG-03", "flannel",
        f"chmod 000 {FILE}; echo 'time=\"{{STAMP}}\" level=error msg=\"failed to load cni during init, please check CRI plugin status before setting up network for pods\" error=\"cni config load failed: failed to load CNI config list file {FILE}: error reading {FILE}: open {FILE}: permission denied: invalid cni config: failed to load cni config\"' > /var/log/containerd.log",
        f"chmod 644 {FILE}; rm /var/log/containerd.log")

    def stale(machine):
        machine.write("/etc/cni/net.d/00-old.conflist", json.dumps({
            "name": "oldnet", "cniVersion": "0.4.0",
            "plugins": [{"type": "bridge", "bridge": "old0", "isGateway": True,
                         "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.99.0.0/24"}]],
                                  "routes": [{"dst": "0.0.0.0/0"}]}}]}))
        machine.pod("late", network="oldnet")

    def unstale(machine):
        machine.unpod("late", network="oldnet")
        machine.sh("rm -rf /etc/cni/net.d/00-old.conflist /var/lib/cni/networks/oldnet; ip link del old0")
    Row("an old network's file sorts first", "CFG-04", "flannel", stale, unstale)

    def packaged(machine):
        machine.write("/etc/cni/net.d/100-crio-bridge.conflist", json.dumps({
            "name": "crio", "cniVersion": "1.0.0",
            "plugins": [{"type": "bridge", "bridge": "crio0", "isGateway": True, "ipMasq": True, "hairpinMode": True,
                         "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.85.0.0/16"}]],
                                  "routes": [{"dst": "0.0.0.0/0"}]}}]}))
        machine.pod("early", network="crio")

    def unpackaged(machine):
        machine.unpod("early", network="crio")
        machine.sh("rm -rf /etc/cni/net.d/100-crio-bridge.conflist /var/lib/cni/networks/crio; ip link del crio0")
    Row("a pod is on the runtime's own bridge", "CFG-05", "flannel", packaged, unpackaged)

    def renamed(machine):
        machine.sh(f"mv {FILE} /root/f")
        machine.write("/opt/cni/bin/cilium-cni", "#!/bin/sh\necho '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.1\",\"1.0.0\"]}'\n")
        machine.sh("chmod 755 /opt/cni/bin/cilium-cni")
        machine.write("/etc/cni/net.d/05-cilium.conflist", json.dumps(
            {"name": "cilium", "cniVersion": "0.3.1", "plugins": [{"type": "cilium-cni", "enable-debug": False}]}))
        machine.sh("mount -t bpf bpf /sys/fs/bpf")
        machine.write("/etc/cni/net.d/00-multus.conf.cilium_bak", json.dumps(
            {"name": "multus-cni-network", "type": "multus", "cniVersion": "0.3.1",
             "kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig", "delegates": []}))

    def unrenamed(machine):
        machine.sh(f"umount /sys/fs/bpf; rm /etc/cni/net.d/05-cilium.conflist /etc/cni/net.d/00-multus.conf.cilium_bak /opt/cni/bin/cilium-cni; mv /root/f {FILE}")
    Row("Cilium renamed Multus's file", "CFG-06", "flannel", renamed, unrenamed)
    row("a version that no plugin speaks", "CFG-07", "flannel",
        edited(FILE, lambda value: value.update(cniVersion="1.1.0")))
    row("a version that the bridge does not speak", "CFG-07", "bridge",
        edited("/etc/cni/net.d/10-bridge.conflist", lambda value: value.update(cniVersion="1.1.0")))
    # A3. Addresses.

    def full(machine):
        for index in range(4, 6):
            machine.pod(f"web-{index}")
        outcome = machine.pod("web-6", check=False)
        if outcome.returncode == 0:
            raise Failed("there was an address left")
        machine.write("/var/log/containerd.log", "".join(
            f'time="{stamp(ago)}" level=error msg="RunPodSandbox for &PodSandboxMetadata{{Name:web-6,Uid:5f0e,Namespace:default,Attempt:{ago},}} failed, error" error="rpc error: code = Unknown desc = failed to setup network for sandbox \\"0f7\\": plugin type=\\"bridge\\" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.6"\n'
            for ago in (30, 10)))

    def unfull(machine):
        for name in ["web-4", "web-5"]:
            machine.unpod(name)
        machine.sh("rm -f /var/log/containerd.log")
    Row("all addresses are in use", "IPM-02", "tiny", full, unfull)

    def leaked(machine):
        """Namespaces go without DEL, as at a crash of the runtime; what DEL would have removed stays."""
        for index in range(4, 6):
            machine.pod(f"web-{index}")
            space, _, identifier = machine.pods.pop(f"web-{index}")
            machine.sh(f"ip netns del {space}")
        machine.sh("touch -d '1 day ago' /var/lib/cni/networks/pods/10.244.1.*")
        if machine.pod("web-6", check=False).returncode == 0:
            raise Failed("there was an address left")

    def unleaked(machine):
        machine.sh("rm -f /var/lib/cni/networks/pods/10.244.1.[56] /var/log/containerd.log; for i in /var/lib/cni/results/*; do n=$(grep -o '/run/netns/[^\"]*' $i | head -1); [ -e /var$n ] || rm $i; done")
    Row("reservations of pods that are gone", "IPM-03", "tiny", leaked, unleaked)

    def emptied(machine):
        machine.sh("cd /var/lib/cni/networks/pods; touch 10.244.1.5 10.244.1.6; touch -d '1 day ago' 10.244.1.*")
    Row("reservations that are empty files", "IPM-03", "tiny", emptied,
        "rm /var/lib/cni/networks/pods/10.244.1.[56]")

    def killed(machine):
        """The plugin ended between IPAM and its result: no result is kept, and no namespace."""
        machine.sh("cd /var/lib/cni/networks/pods; for i in 5 6; do printf '%064d\\r\\neth0' $i > 10.244.1.$i; done; touch -d '1 day ago' 10.244.1.*")
    Row("reservations of ADDs that were killed", "IPM-03", "tiny", killed,
        "rm /var/lib/cni/networks/pods/10.244.1.[56]")
    Row("the bridge has an address of another range", "IPM-05", "flannel",
        "ip addr del 10.244.1.1/24 dev cni0; ip addr add 10.244.9.1/24 dev cni0",
        "ip addr del 10.244.9.1/24 dev cni0; ip addr add 10.244.1.1/24 dev cni0", witness=PING_WORLD)
    Row("the bridge of a hand-made network has another range", "IPM-05", "bridge",
        "ip addr del 10.244.1.1/24 dev cni0; ip addr add 10.22.0.1/16 dev cni0",
        "ip addr del 10.22.0.1/16 dev cni0; ip addr add 10.244.1.1/24 dev cni0", witness=PING_WORLD)

    def twice(machine):
        """A second pod with the first one's address, as after a store that was emptied under running pods."""
        machine.sh("mkdir /root/kept; mv /var/lib/cni/networks/cbr0/* /root/kept/")
        machine.pod("web-3")

    def untwice(machine):
        machine.unpod("web-3")
        machine.sh("rm -f /var/lib/cni/networks/cbr0/*; mv /root/kept/* /var/lib/cni/networks/cbr0/; rmdir /root/kept")
    Row("two pods have one address", "IPM-06", "flannel", twice, untwice)
    Row("a route to an interface whose pod is gone", "IPM-06", "calico",
        "ip netns add lost; ip link add cali99999999999 type veth peer name eth0 netns lost; ip link set cali99999999999 up; ip route add 10.244.1.40/32 dev cali99999999999",
        "ip link del cali99999999999; ip netns del lost")
    Row("Docker's bridge covers the pods' range", "IPM-07", "flannel",
        "ip link add docker0 type bridge; ip addr add 10.244.0.1/16 dev docker0; ip link set docker0 up",
        "ip link del docker0")
    Row("a VPN's route lies over the Services", "IPM-07", "flannel",
        "ip tuntap add mode tun name tun0; ip addr add 10.8.0.6/24 dev tun0; ip link set tun0 up; ip route add 10.96.0.0/16 via 10.8.0.1",
        "ip link del tun0")
    Row("a VPN's route takes the other node's range", "IPM-07", "flannel",
        "ip tuntap add mode tun name tun0; ip addr add 10.8.0.6/24 dev tun0; ip link set tun0 up; ip route add 10.244.2.0/25 via 10.8.0.1",
        "ip link del tun0", witness=PING_PEER)
    # A4. Routing and overlay.
    Row("the firewall drops the overlay's packets", "RTE-01", "flannel",
        "nft add table inet fw; nft 'add chain inet fw input { type filter hook input priority 0; }'; nft add rule inet fw input udp dport 8472 drop",
        "nft delete table inet fw", witness=PING_PEER, smoke=True)
    Row("iptables drops the overlay's packets", "RTE-01", "calico", "iptables-nft -I INPUT -p udp --dport 4789 -j DROP",
        "iptables-nft -D INPUT -p udp --dport 4789 -j DROP", witness=PING_ROUTED_PEER)
    Row("only ssh and what is established comes in", "RTE-01", "flannel",
        "iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables-nft -A INPUT -i lo -j ACCEPT; iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -P INPUT DROP",
        "iptables-nft -P INPUT ACCEPT; iptables-nft -D INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables-nft -D INPUT -i lo -j ACCEPT; iptables-nft -D INPUT -p tcp --dport 22 -j ACCEPT",
        )
    Row("what goes out to the overlay is dropped", "RTE-01", "flannel",
        "nft add table inet fw; nft 'add chain inet fw output { type filter hook output priority 0; }'; nft add rule inet fw output udp dport 8472 drop",
        "nft delete table inet fw", witness=PING_PEER)
    Row("the forwarding entry is gone", "RTE-03", "flannel", "bridge fdb del ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self",
        "bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self permanent", witness=PING_PEER, smoke=True)
    Row("the neighbour is gone", "RTE-03", "flannel", "ip neigh del 10.244.2.0 dev flannel.1",
        "ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent", witness=PING_PEER)
    Row("Calico's forwarding entry is gone", "RTE-03", "calico", "bridge fdb del 66:aa:00:00:00:02 dev vxlan.calico dst {PEER} self",
        "bridge fdb replace 66:aa:00:00:00:02 dev vxlan.calico dst {PEER} self permanent", witness=PING_ROUTED_PEER)
    Row("the neighbour has a MAC that nothing forwards", "RTE-03", "flannel",
        "ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:99 dev flannel.1 nud permanent",
        "ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent", witness=PING_PEER)
    Row("a pod has no default route", "RTE-04", "flannel", "ip -n {POD1} route del default",
        "ip -n {POD1} route add default via 10.244.1.1", witness=PING_WORLD, smoke=True)
    Row("a routed pod has no default route", "RTE-04", "calico", "ip -n {POD1} route del default",
        "ip -n {POD1} route add default via 169.254.1.1 dev eth0", witness=PING_WORLD)
    Row("a pod's default route leads to a stranger", "RTE-04", "flannel", "ip -n {POD1} route replace default via 10.244.1.77",
        "ip -n {POD1} route replace default via 10.244.1.1", witness=PING_WORLD)
    Row("a pod has no address", "RTE-04", "flannel", "ip -n {POD1} addr flush dev eth0",
        "ip -n {POD1} addr add {IP1}/24 dev eth0; ip -n {POD1} route add default via 10.244.1.1; ip -n {POD1} route add 10.244.0.0/16 via 10.244.1.1", witness=PING_WORLD)
    Row("the route to the other node's pods is gone", "RTE-04", "flannel", "ip route del 10.244.2.0/24",
        "ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink", witness=PING_PEER)
    Row("a blackhole for the other node's pods", "RTE-04", "flannel",
        "ip route replace blackhole 10.244.2.0/24", "ip route del blackhole 10.244.2.0/24; ip route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink", witness=PING_PEER)
    Row("a rule sends pods' packets into an empty table", "RTE-04", "flannel",
        "ip rule add pref 100 from 10.244.1.0/24 unreachable", "ip rule del pref 100", witness=PING_WORLD)
    Row("the route to a pod of this machine is gone", "RTE-04", "calico", "ip route del {IP1}/32",
        "ip route add {IP1}/32 dev cali11111111111 scope link", witness="ping -c1 -W1 {IP1}")
    Row("the bridge's own route is gone", "RTE-04", "flannel", "ip route del 10.244.1.0/24 dev cni0",
        "ip route add 10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1", witness="ping -c1 -W1 {IP1}")
    Row("Calico's blackhole of its own block", None, "calico", "ip route replace blackhole 10.244.1.64/26 proto 80",
        "ip route del blackhole 10.244.1.64/26")

    def wrong_checksums(machine):
        """Datagrams to the tunnel's port whose checksum is wrong, as a card that does not know the encapsulation sends."""
        machine.lab.pair(machine.flavour)[1].sh("python3 -", text=textwrap.dedent(f"""
            import socket, struct
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
            for index in range(400):
                raw.sendto(struct.pack("!HHHH", 50000 + index, 8472, 36, 0x1234) + bytes(28), ("{machine.address}", 0))
        """))
    Row("datagrams of the tunnel have wrong checksums", "RTE-05", "flannel", wrong_checksums, None)
    Row("Docker set FORWARD to DROP", "RTE-06", "bridge",
        "iptables-nft -N DOCKER; iptables-nft -N DOCKER-USER; iptables-nft -I FORWARD -j DOCKER-USER; iptables-nft -A DOCKER-USER -j RETURN; iptables-nft -P FORWARD DROP",
        "iptables-nft -P FORWARD ACCEPT; iptables-nft -D FORWARD -j DOCKER-USER; iptables-nft -F DOCKER-USER; iptables-nft -X DOCKER-USER; iptables-nft -X DOCKER",
        witness=PING_PEER, smoke=True)
    Row("ufw drops what is forwarded", "RTE-06", "bridge",
        "iptables-nft -N ufw-before-forward; iptables-nft -N ufw-user-forward; iptables-nft -A FORWARD -j ufw-before-forward; iptables-nft -A FORWARD -j ufw-user-forward; iptables-nft -A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables-nft -P FORWARD DROP",
        "iptables-nft -P FORWARD ACCEPT; for c in before user; do iptables-nft -D FORWARD -j ufw-$c-forward; iptables-nft -F ufw-$c-forward; iptables-nft -X ufw-$c-forward; done",
        witness=PING_PEER)
    Row("a firewall of nftables forwards nothing", "RTE-06", "bridge",
        "nft add table inet filter; nft 'add chain inet filter forward { type filter hook forward priority 0; policy drop; }'; nft add rule inet filter forward ct state established,related accept",
        "nft delete table inet filter", witness=PING_PEER)
    Row("Docker set FORWARD to DROP, and flannel lets its range through", None, "flannel", "iptables-nft -P FORWARD DROP",
        "iptables-nft -P FORWARD ACCEPT")
    Row("an image's firewall rejects what is forwarded", "RTE-07", "bridge",
        "iptables-nft -A FORWARD -j REJECT --reject-with icmp-host-prohibited",
        "iptables-nft -D FORWARD -j REJECT --reject-with icmp-host-prohibited", witness=PING_PEER)
    Row("an image's firewall rejects the overlay", "RTE-07", "flannel",
        "iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables-nft -A INPUT -p icmp -j ACCEPT; iptables-nft -A INPUT -i lo -j ACCEPT; iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -A INPUT -j REJECT --reject-with icmp-host-prohibited",
        "iptables-nft -F INPUT; iptables-nft -A INPUT -j KUBE-FIREWALL")
    Row("firewalld rejects what is forwarded", "RTE-07", "bridge",
        "nft add table inet firewalld; nft 'add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; policy accept; }'; nft add rule inet firewalld filter_FORWARD ct state established,related accept; nft add rule inet firewalld filter_FORWARD reject with icmpx type admin-prohibited",
        "nft delete table inet firewalld", witness=PING_PEER)

    def asymmetric(machine):
        """Answers leave by the card, the other node's packets come by the tunnel: strict filters drop them."""
        machine.sh("ip route replace 10.244.2.0/24 via 192.168.77.12 dev eth0; sysctl -qw net.ipv4.conf.flannel/1.rp_filter=1")
        peer = machine.lab.pair(machine.flavour)[1]
        peer.sh(f"ip netns exec {peer.space('peer-1')} ping -c3 -i0.2 -W1 {machine.pods['web-1'][1]}", check=False)
    Row("strict filters, and answers that leave elsewhere", "RTE-08", "flannel", asymmetric, None)
    Row("nothing is forwarded", "RTE-09", "flannel", "sysctl -qw net.ipv4.ip_forward=0",
        "sysctl -qw net.ipv4.ip_forward=1; sysctl -qw net.ipv4.conf.all.rp_filter=0", witness=PING_PEER, smoke=True)
    Row("the bridge forwards nothing", "RTE-09", "flannel", "sysctl -qw net.ipv4.conf.cni0.forwarding=0",
        "sysctl -qw net.ipv4.conf.cni0.forwarding=1", witness=PING_PEER)
    Row("a pod's pair forwards nothing", "RTE-09", "calico", "sysctl -qw net.ipv4.conf.cali11111111111.forwarding=0",
        "sysctl -qw net.ipv4.conf.cali11111111111.forwarding=1", witness=PING_WORLD)
    Row("a routed machine forwards nothing", "RTE-09", "aws", "sysctl -qw net.ipv4.ip_forward=0", "sysctl -qw net.ipv4.ip_forward=1")
    Row("networkd removed the rules", "RTE-12", "aws", "ip rule flush; ip rule add pref 32766 lookup main; ip rule add pref 32767 lookup default", None)
    Row("udev gave a pair another MAC", "RTE-13", "aws", "ip link set eni1111111111a address 06:00:00:00:00:99",
        "ip link set eni1111111111a address 0a:58:00:00:00:11; ip route replace {IP1}/32 dev eni1111111111a scope link", witness="ip netns exec {POD1} ping -c1 -W1 192.168.77.11")
    Row("flannel's masquerading is gone", "RTE-14", "flannel", "iptables-nft -t nat -F FLANNEL-POSTRTG",
        "iptables-nft -t nat -F FLANNEL-POSTRTG; iptables-nft -t nat -A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -j RETURN; iptables-nft -t nat -A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.0.0/16 -j RETURN; iptables-nft -t nat -A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE; iptables-nft -t nat -A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.0.0/16 -j MASQUERADE",
        witness=PING_WORLD, smoke=True)
    Row("the bridge plugin's masquerading is gone", "RTE-14", "bridge",
        "iptables-nft-save -t nat > /root/nat; grep -v 'CNI-' /root/nat | sed 's/^\\*nat/*nat/' > /root/bare; iptables-nft -t nat -F; iptables-nft-restore < /root/bare",
        "iptables-nft-restore < /root/nat", witness=PING_WORLD)
    Row("a rule returns before the masquerading", "RTE-14", "flannel", "iptables-nft -t nat -I POSTROUTING -s 10.244.0.0/16 -j ACCEPT",
        "iptables-nft -t nat -D POSTROUTING -s 10.244.0.0/16 -j ACCEPT", witness=PING_WORLD)
    Row("kube-proxy's rules are in both flavours of iptables", "RTE-16", "flannel",
        lambda machine: machine.sh("iptables-legacy-restore --noflush", text=machine.rules),
        "for t in nat filter; do iptables-legacy -t $t -F; iptables-legacy -t $t -X; done")
    Row("a pod's interface is down", "RTE-17", "flannel", "ip -n {POD1} link set eth0 down",
        "ip -n {POD1} link set eth0 up; ip -n {POD1} route replace default via 10.244.1.1; ip -n {POD1} route replace 10.244.0.0/16 via 10.244.1.1", witness=PING_WORLD)
    Row("a pair's end is down", "RTE-17", "flannel", "ip link set {HOST1} down", "ip link set {HOST1} up", witness=PING_WORLD)
    Row("a routed pair's end is down", "RTE-17", "calico", "ip link set cali11111111111 down",
        "ip link set cali11111111111 up; ip route replace {IP1}/32 dev cali11111111111 scope link", witness=PING_WORLD)
    Row("a pair is on no bridge", "RTE-17", "flannel", "ip link set {HOST1} nomaster", "ip link set {HOST1} master cni0; bridge link set dev {HOST1} hairpin on", witness=PING_WORLD)
    Row("the bridge is down", "RTE-17", "flannel", "ip link set cni0 down", "ip link set cni0 up", witness=PING_WORLD)
    Row("the overlay's device is down", "RTE-17", "flannel", "ip link set flannel.1 down",
        "ip link set flannel.1 up; ip addr replace 10.244.1.0/32 dev flannel.1; ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent; ip route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink", witness=PING_PEER)
    Row("the way to a node leads through its tunnel", "RTE-20", "flannel", "ip route add {PEER}/32 via 10.244.2.0 dev flannel.1 onlink",
        "ip route del {PEER}/32", witness=PING_PEER)
    # A6, A7, A8, A11.

    def bpf(machine):
        renamed(machine)
        machine.sh("umount /sys/fs/bpf; rm /etc/cni/net.d/00-multus.conf.cilium_bak; ip link add cilium_host type veth peer name cilium_net; ip link set cilium_host up; ip link set cilium_net up")

    def unbpf(machine):
        machine.sh(f"ip link del cilium_host; rm /etc/cni/net.d/05-cilium.conflist /opt/cni/bin/cilium-cni; mv /root/f {FILE}")
    Row("no bpffs where Cilium runs", "BPF-01", "flannel", bpf, unbpf)
    Row("the machine's resolver is itself, and CoreDNS loops", "DNS-03", "flannel",
        "cp /etc/resolv.conf /root/r; echo 'nameserver 127.0.0.53' > /etc/resolv.conf; d=/var/log/pods/kube-system_coredns-5d78c9869d-abcde_11111111-2222-3333-4444-555555555555/coredns; mkdir -p $d; echo '{STAMP} stdout F [FATAL] plugin/loop: Loop (127.0.0.1:52713 -> :53) detected for zone \".\", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO 4547991504243258144.3688648895315093531.\"' > $d/3.log",
        "cp /root/r /etc/resolv.conf; rm -r /var/log/pods")
    Row("the machine's resolver is itself, and kubelet uses another file", None, "flannel",
        "cp /etc/resolv.conf /root/r; cp /var/lib/kubelet/config.yaml /root/k; mkdir -p /run/systemd/resolve; cp /etc/resolv.conf /run/systemd/resolve/resolv.conf; echo 'nameserver 127.0.0.53' > /etc/resolv.conf; echo 'resolvConf: /run/systemd/resolve/resolv.conf' >> /var/lib/kubelet/config.yaml",
        "cp /root/r /etc/resolv.conf; cp /root/k /var/lib/kubelet/config.yaml; rm -r /run/systemd/resolve")
    Row("kube-proxy of both modes", "SVC-04", "flannel",
        "ip link add kube-ipvs0 type bridge; ip addr add 10.96.0.1/32 dev kube-ipvs0; ip addr add 10.96.7.7/32 dev kube-ipvs0",
        "ip link del kube-ipvs0")
    Row("bridges do not ask the packet filters", "SVC-07", "flannel", "sysctl -qw net.bridge.bridge-nf-call-iptables=0",
        "sysctl -qw net.bridge.bridge-nf-call-iptables=1", smoke=True)
    Row("hairpin is off", "SVC-08", "flannel", "bridge link set dev {HOST1} hairpin off", "bridge link set dev {HOST1} hairpin on")
    Row("a Service's rules are gone", "SVC-03", "flannel", "iptables-nft -t nat -F KUBE-SVC-WEB0000000000000",
        "iptables-nft -t nat -A KUBE-SVC-WEB0000000000000 ! -s 10.244.0.0/16 -d 10.96.7.7/32 -p tcp --dport 80 -j KUBE-MARK-MASQ; iptables-nft -t nat -A KUBE-SVC-WEB0000000000000 -j KUBE-SEP-WEB0000000000000")
    Row("kube-proxy's chain is not asked", "SVC-03", "flannel", "iptables-nft -t nat -D PREROUTING -m comment --comment 'kubernetes service portals' -j KUBE-SERVICES",
        "iptables-nft -t nat -I PREROUTING -m comment --comment 'kubernetes service portals' -j KUBE-SERVICES")

    def tracked(machine):
        """Flows until the table is full: datagrams over the loopback, each of its own pair of ports."""
        # On a busy host the first ones would be forgotten before the last ones are made.
        machine.sh("sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600")
        machine.sh("python3 -", text=textwrap.dedent("""
            import socket
            most = int(open("/proc/sys/net/netfilter/nf_conntrack_max").read())
            made = 0
            for port in range(20000, 30000):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(("127.0.0.1", port))
                for to in range(1, 60000, 5):
                    try:
                        s.sendto(b"x", ("127.0.0.1", to))
                    except OSError:
                        pass
                    made += 1
                    if made > most * 1.05:
                        raise SystemExit
                s.close()
        """))
    Row("the connection tracking table is full", "SVC-09", "flannel", tracked, None)
    Row("pods' packets are too large for the tunnel", "MTU-01", "flannel", """
        ip link set eth0 mtu 9000; ip link set flannel.1 mtu 1500; ip link set eth0 mtu 1500; ip link set cni0 mtu 1500
        for i in $(ls /sys/class/net/cni0/brif); do ip link set $i mtu 1500; done
        for i in {POD1} {POD2}; do ip -n $i link set eth0 mtu 1500; done
        """, """
        for i in {POD1} {POD2}; do ip -n $i link set eth0 mtu 1450; done
        for i in $(ls /sys/class/net/cni0/brif); do ip link set $i mtu 1450; done
        ip link set cni0 mtu 1450; ip link set flannel.1 mtu 1450
        """, smoke=True)
    Row("the card carries less than the tunnel adds to", ["MTU-01", "MTU-02"], "calico", "ip link set eth0 mtu 1400", "ip link set eth0 mtu 1500; ip link set vxlan.calico mtu 1450; ip route replace default via 192.168.77.1")
    Row("ICMP that tells the path's MTU is dropped", "MTU-04", "flannel",
        "iptables-nft -I INPUT -p icmp --icmp-type fragmentation-needed -j DROP", "iptables-nft -D INPUT -p icmp --icmp-type fragmentation-needed -j DROP")
    Row("all of ICMP is dropped on its way", "MTU-04", "bridge", "iptables-nft -I FORWARD -p icmp -j DROP", "iptables-nft -D FORWARD -p icmp -j DROP")

    def watchers(machine):
        """A user of its own opens as many instances as it may."""
        machine.watcher = subprocess.Popen(machine.words("python3", "-c", textwrap.dedent("""
            import ctypes, os, time
            os.setgid(54321); os.setuid(54321)
            libc = ctypes.CDLL(None, use_errno=True)
            while libc.inotify_init1(0) >= 0: pass
            print("full", flush=True); time.sleep(600)
        """)), stdout=subprocess.PIPE, text=True)
        machine.watcher.stdout.readline()

    def unwatchers(machine):
        machine.watcher.kill()
        machine.watcher.wait()
        machine.sh("pkill -U 54321 || true", check=False)
    Row("no inotify instance is left", "NOD-02", "flannel", watchers, unwatchers)
    # Well, though they look otherwise.
    Row("pods' reservations beside the last one's and the lock", None, "bridge", "touch /var/lib/cni/networks/pods/lock; printf 10.244.1.3 > /var/lib/cni/networks/pods/last_reserved_ip.0", "true")
    Row("Docker on a range of its own", None, "flannel",
        "ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; iptables-nft -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
        "iptables-nft -t nat -D POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE; ip link del docker0")
    Row("strict filters, and ways that are symmetric", None, "flannel", "sysctl -qw net.ipv4.conf.all.rp_filter=1", "sysctl -qw net.ipv4.conf.all.rp_filter=0")
    Row("a firewall that lets the cluster through", None, "flannel",
        "nft add table inet filter; nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'; nft add rule inet filter input ct state established,related accept; nft add rule inet filter input iif lo accept; nft add rule inet filter input iifname cni0 accept; nft add rule inet filter input ip saddr 192.168.77.0/24 udp dport 8472 accept; nft add rule inet filter input icmp type '{ echo-request, destination-unreachable }' accept; nft add rule inet filter input tcp dport '{ 22, 6443, 10250 }' accept",
        "nft delete table inet filter", witness=None)
    Row("an attachment of a pod that ended, kept by the runtime", None, "bridge",
        lambda machine: machine.cached("gone", "pods", ["10.244.1.99/24"], space="cni-gone", identifier="9" * 64),
        "rm /var/lib/cni/results/pods-9999*")


def unseen_rows():
    """Of the catalogue's mechanisms, and none of its examples."""
    def nft(family, hook, rule, priority="0", chain="c", more=""):
        place = f"device {more} " if family == "netdev" else ""
        return (f"nft add table {family} odd; nft 'add chain {family} odd {chain} {{ type filter hook {hook} {place}priority {priority}; }}'; "
                f"nft 'add rule {family} odd {chain} {rule}'", f"nft delete table {family} odd")

    def filtered(name, expect, flavour, family, hook, rule, priority="0", more="", **others):
        inject, mend = nft(family, hook, rule, priority, more=more)
        Row(name, expect, flavour, inject, mend, kind="unseen", **others)

    def broken(name, expect, flavour, inject, mend=None, **others):
        Row(name, expect, flavour, inject, mend, kind="unseen", **others)
    FILTER = ["RTE-06", "RTE-07"]
    # Packet filters: other families, hooks and priorities.
    filtered("the overlay is dropped before everything, at the card", "RTE-01", "flannel", "netdev", "ingress",
             "udp dport 8472 drop", more="eth0", witness=PING_PEER)
    filtered("the overlay is dropped before connection tracking", "RTE-01", "flannel", "inet", "prerouting",
             "udp dport 8472 drop", "-300", witness=PING_PEER)
    filtered("the overlay is dropped as the last thing on its way out", "RTE-01", "flannel", "ip", "postrouting",
             "udp dport 8472 drop", "300", witness=PING_PEER)
    filtered("a set of addresses holds the other node", "RTE-01", "flannel", "ip", "input",
             "ip saddr { 192.168.77.12, 192.168.77.40-192.168.77.44 } drop", "-10", witness=PING_PEER)
    filtered("what is forwarded is dropped in a table of raw's priority", FILTER, "bridge", "ip", "forward",
             "ip daddr 10.244.0.0/16 drop", "-300", witness=PING_PEER)
    filtered("new connections alone are dropped", FILTER, "bridge", "inet", "forward", "ct state new drop", witness=PING_PEER)
    filtered("the bridge itself drops between its ports", FILTER + ["RTE-17"], "flannel", "bridge", "forward",
             "ether type ip drop", witness=PING_NEIGHBOUR)
    filtered("ARP is dropped", FILTER + ["RTE-04", "RTE-13"], "calico", "arp", "input", "drop")
    filtered("large packets alone are dropped", ["MTU-04"] + FILTER, "bridge", "ip", "forward", "meta length 1000-65535 drop",
             witness="ip netns exec {POD1} ping -c1 -W1 -s 1200 10.244.2.2")
    filtered("one port is dropped", FILTER, "bridge", "ip", "forward", f"tcp dport {PORT} drop")
    broken("mangle drops what pods send", FILTER, "flannel", "iptables-nft -t mangle -I PREROUTING -i cni0 -d 10.244.2.0/24 -j DROP",
           "iptables-nft -t mangle -D PREROUTING -i cni0 -d 10.244.2.0/24 -j DROP", witness=PING_PEER)
    broken("raw drops the overlay", "RTE-01", "calico", "iptables-nft -t raw -I PREROUTING -p udp --dport 4789 -j DROP",
           "iptables-nft -t raw -D PREROUTING -p udp --dport 4789 -j DROP", witness=PING_ROUTED_PEER)
    broken("the other flavour of iptables drops the overlay", "RTE-01", "flannel", "iptables-legacy -I INPUT -p udp --dport 8472 -j DROP",
           "iptables-legacy -F INPUT", witness=PING_PEER)
    broken("what comes in by the card is not forwarded", FILTER, "bridge", "iptables-nft -I FORWARD -i eth0 -j DROP",
           "iptables-nft -D FORWARD -i eth0 -j DROP")
    broken("a chain of the cluster has a foreign rule", FILTER, "flannel", "iptables-nft -I FLANNEL-FWD -d {IP1} -j DROP",
           "iptables-nft -D FLANNEL-FWD -d {IP1} -j DROP", witness="ip netns exec {POD2} ping -c1 -W1 {IP1}")
    broken("a set of ipset holds the pods' range", FILTER, "bridge",
           "ipset create bad hash:net; ipset add bad 10.244.2.0/24; iptables-nft -I FORWARD -m set --match-set bad dst -j DROP",
           "iptables-nft -D FORWARD -m set --match-set bad dst -j DROP; ipset destroy bad", witness=PING_PEER)
    # Routes.
    broken("a rule leads into a table with a blackhole", "RTE-04", "flannel",
           "ip route add blackhole default table 99; ip rule add pref 50 to 10.244.2.0/24 lookup 99",
           "ip rule del pref 50; ip route flush table 99", witness=PING_PEER)
    broken("a table that is asked first has a blackhole of the other range", "RTE-04", "bridge",
           "ip route add blackhole 10.244.2.0/24 table 88; ip rule add pref 88 lookup 88",
           "ip rule del pref 88; ip route flush table 88", witness=PING_PEER)
    broken("a rule of what comes in by the bridge prohibits", "RTE-04", "flannel", "ip rule add pref 77 iif cni0 prohibit",
           "ip rule del pref 77", witness=PING_WORLD)
    broken("packets are marked, and the mark's table has no way", "RTE-04", "flannel",
           "iptables-nft -t mangle -A PREROUTING -s 10.244.1.0/24 -j MARK --set-mark 0x77; ip rule add pref 60 fwmark 0x77 lookup 97; ip route add unreachable default table 97",
           "iptables-nft -t mangle -D PREROUTING -s 10.244.1.0/24 -j MARK --set-mark 0x77; ip rule del pref 60; ip route flush table 97", witness=PING_PEER)
    broken("half of the other range is unreachable", "RTE-04", "flannel", "ip route add unreachable 10.244.2.0/25",
           "ip route del unreachable 10.244.2.0/25", witness=PING_PEER)
    broken("the other range goes to the router", "RTE-04", "bridge", "ip route replace 10.244.2.0/24 via 192.168.77.1",
           "ip route replace 10.244.2.0/24 via 192.168.77.12", witness=PING_PEER)
    broken("the other range goes to an address that nobody has", "RTE-04", "bridge", "ip route replace 10.244.2.0/24 via 192.168.77.99",
           "ip route replace 10.244.2.0/24 via 192.168.77.12", witness=PING_PEER)
    broken("the other range goes to the bridge", "RTE-04", "bridge", "ip route replace 10.244.2.0/24 dev cni0",
           "ip route replace 10.244.2.0/24 via 192.168.77.12", witness=PING_PEER)
    broken("one pod of the other node has a route of its own", "RTE-04", "flannel", "ip route add 10.244.2.2/32 via 192.168.77.1",
           "ip route del 10.244.2.2/32", witness=PING_PEER, alone=False)
    broken("the loopback has a pod's address", ["IPM-06", "RTE-04", "IPM-07"], "flannel", "ip addr add {IP1}/32 dev lo",
           "ip addr del {IP1}/32 dev lo", witness=PING_WORLD)
    broken("a pod's route leads to another pod", ["RTE-04", "IPM-06"], "calico", "ip route replace {IP1}/32 dev cali22222222222 scope link",
           "ip route replace {IP1}/32 dev cali11111111111 scope link", witness="ping -c1 -W1 {IP1}")
    broken("the Services' range is a blackhole", ["RTE-04", "IPM-07", "SVC-03"], "flannel", "ip route add blackhole 10.96.0.0/12",
           "ip route del blackhole 10.96.0.0/12")
    broken("the node has no default route", ["RTE-04", "RTE-14"], "flannel", "ip route del default",
           "ip route add default via 192.168.77.1", witness=PING_WORLD)
    broken("the card is down", ["RTE-17", "NOD-01", "RTE-04"], "flannel", "ip link set eth0 down",
           "ip link set eth0 up; ip route add default via 192.168.77.1", witness=PING_PEER)
    # Neighbours and links.
    broken("a fixed wrong entry for the other node", ["RTE-03", "RTE-04"], "bridge",
           "ip neigh replace {PEER} lladdr 02:00:00:de:ad:01 dev eth0 nud permanent", "ip neigh del {PEER} dev eth0", witness=PING_PEER)
    broken("a forwarding entry leads to an address of before", "RTE-03", "flannel", alone=False, inject=
           "bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst 192.168.77.99 self permanent", mend=
           "bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self permanent", witness=PING_PEER)
    broken("the tunnel has another number", ["RTE-11", "RTE-03", "RTE-02"], "flannel",
           "ip link del flannel.1; ip link add flannel.1 address ee:aa:00:00:00:01 type vxlan id 2 local 192.168.77.11 dev eth0 dstport 8472 nolearning; ip link set flannel.1 mtu 1450 up; ip addr add 10.244.1.0/32 dev flannel.1; ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent; bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self permanent; ip route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink",
           None, witness=PING_PEER, alone=False)
    broken("the tunnel has another port", ["RTE-11", "RTE-01", "RTE-03"], "flannel",
           "ip link del flannel.1; ip link add flannel.1 address ee:aa:00:00:00:01 type vxlan id 1 local 192.168.77.11 dev eth0 dstport 4789 nolearning; ip link set flannel.1 mtu 1450 up; ip addr add 10.244.1.0/32 dev flannel.1; ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent; bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self permanent; ip route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink",
           None, witness=PING_PEER, alone=False)
    broken("the tunnel's own MAC was rewritten", "RTE-02", "flannel", "ip link set flannel.1 address ee:aa:00:00:00:77; ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent",
           "ip link set flannel.1 address ee:aa:00:00:00:01; ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent; ip route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink", witness=PING_PEER, alone=False)
    broken("the node got another address", ["RTE-10"], "flannel",
           "ip addr del 192.168.77.11/24 dev eth0; ip addr add 192.168.77.31/24 dev eth0; ip route replace default via 192.168.77.1",
           "ip addr del 192.168.77.31/24 dev eth0; ip addr add 192.168.77.11/24 dev eth0; ip route replace default via 192.168.77.1", witness=PING_PEER)
    broken("a pod believes a wrong MAC of its gateway", "RTE-13", "calico",
           "ip -n {POD1} neigh replace 169.254.1.1 lladdr 02:00:00:de:ad:02 dev eth0 nud permanent",
           "ip -n {POD1} neigh del 169.254.1.1 dev eth0", witness=PING_WORLD)
    broken("nobody answers for a routed pod's gateway", ["RTE-04", "RTE-13"], "calico",
           "sysctl -qw net.ipv4.conf.cali11111111111.proxy_arp=0; ip -n {POD1} neigh flush dev eth0",
           "sysctl -qw net.ipv4.conf.cali11111111111.proxy_arp=1", witness=PING_WORLD)
    broken("the bridge answers no ARP", ["RTE-04", "RTE-13", "RTE-17"], "flannel",
           "sysctl -qw net.ipv4.conf.cni0.arp_ignore=8; ip -n {POD1} neigh flush dev eth0",
           "sysctl -qw net.ipv4.conf.cni0.arp_ignore=0", witness=PING_WORLD)
    broken("a port of the bridge is disabled", "RTE-17", "flannel", "bridge link set dev {HOST1} state 0",
           "bridge link set dev {HOST1} state 3", witness=PING_WORLD)
    broken("two ports of the bridge are isolated from each other", "RTE-17", "flannel",
           "for i in $(ls /sys/class/net/cni0/brif); do bridge link set dev $i isolated on; done",
           "for i in $(ls /sys/class/net/cni0/brif); do bridge link set dev $i isolated off; done", witness=PING_NEIGHBOUR)
    broken("a fixed entry of the bridge leads to the wrong port", ["RTE-17", "RTE-03", "RTE-13"], "flannel",
           "bridge fdb replace $(ip netns exec {POD2} cat /sys/class/net/eth0/address) dev {HOST1} master static",
           "bridge fdb del $(ip netns exec {POD2} cat /sys/class/net/eth0/address) dev {HOST1} master", witness=PING_NEIGHBOUR)
    broken("the bridge does not speak ARP", "RTE-17", "flannel", "ip link set cni0 arp off; ip neigh flush dev cni0",
           "ip link set cni0 arp on", witness="ping -c1 -W1 {IP1}")
    broken("a pod took the gateway's address", "IPM-06", "flannel", "ip -n {POD2} addr add 10.244.1.1/24 dev eth0",
           "ip -n {POD2} addr del 10.244.1.1/24 dev eth0")
    routes = "ip -n {POD1} route replace default via 10.244.1.1; ip -n {POD1} route replace 10.244.0.0/16 via 10.244.1.1"
    broken("a pod gave itself another address", ["RTE-04", "IPM-06"], "flannel",
           "ip -n {POD1} addr del {IP1}/24 dev eth0; ip -n {POD1} addr add 10.244.1.99/24 dev eth0; " + routes,
           "ip -n {POD1} addr del 10.244.1.99/24 dev eth0; ip -n {POD1} addr add {IP1}/24 dev eth0; " + routes)
    broken("a second card took a pod's default route", "RTE-04", "flannel",
           "ip -n {POD1} link add net1 type veth peer name net1p; ip -n {POD1} addr add 10.200.0.5/24 dev net1; ip -n {POD1} link set net1 up; ip -n {POD1} link set net1p up; ip -n {POD1} route replace default via 10.200.0.1 dev net1",
           "ip -n {POD1} link del net1; ip -n {POD1} route replace default via 10.244.1.1", witness=PING_WORLD)
    broken("a pod's own filter drops", FILTER + ["MSH-05"], "flannel", "ip netns exec {POD1} iptables-nft -A OUTPUT -p tcp --syn -j DROP",
           "ip netns exec {POD1} iptables-nft -F OUTPUT")
    broken("the overlay's device forwards nothing", "RTE-09", "flannel", "sysctl -qw net.ipv4.conf.flannel/1.forwarding=0",
           "sysctl -qw net.ipv4.conf.flannel/1.forwarding=1")
    broken("the card forwards nothing", "RTE-09", "bridge", "sysctl -qw net.ipv4.conf.eth0.forwarding=0",
           "sysctl -qw net.ipv4.conf.eth0.forwarding=1", witness=PING_PEER)
    # Sizes, rates, Services.
    broken("a pod's packets are larger than its pair's", "MTU-01", "flannel", "ip -n {POD1} link set eth0 mtu 9000",
           "ip -n {POD1} link set eth0 mtu 1450")
    broken("the other node's card carries less", ["MTU-01", "MTU-02"], "flannel",
           lambda machine: machine.lab.pair("flannel")[1].sh("ip link set eth0 mtu 1400"),
           lambda machine: machine.lab.pair("flannel")[1].sh("ip link set eth0 mtu 1500; ip link set flannel.1 mtu 1450"), alone=False)
    broken("a pair is held to a rate", "PRF-02", "flannel", "tc qdisc add dev {HOST1} root tbf rate 1mbit burst 32k latency 400ms",
           "tc qdisc del dev {HOST1} root")
    broken("the card is held to a rate", "PRF-02", "bridge", "tc qdisc replace dev eth0 root tbf rate 256kbit burst 16k latency 400ms",
           "tc qdisc del dev eth0 root")
    broken("what is for Services is accepted before kube-proxy's chain", "SVC-03", "flannel",
           "iptables-nft -t nat -I PREROUTING -d 10.96.0.0/12 -j ACCEPT", "iptables-nft -t nat -D PREROUTING -d 10.96.0.0/12 -j ACCEPT")
    broken("what is for Services is not tracked", "SVC-03", "flannel", "iptables-nft -t raw -I PREROUTING -d 10.96.0.0/12 -j NOTRACK",
           "iptables-nft -t raw -D PREROUTING -d 10.96.0.0/12 -j NOTRACK")
    broken("kube-proxy's rules lead to a pod that is gone", "SVC-05", "flannel",
           "iptables-nft -t nat -F KUBE-SEP-WEB0000000000000; iptables-nft -t nat -A KUBE-SEP-WEB0000000000000 -p tcp -j DNAT --to-destination 10.244.1.77:8080",
           "iptables-nft -t nat -F KUBE-SEP-WEB0000000000000; iptables-nft -t nat -A KUBE-SEP-WEB0000000000000 -s {IP1}/32 -j KUBE-MARK-MASQ; iptables-nft -t nat -A KUBE-SEP-WEB0000000000000 -p tcp -j DNAT --to-destination {IP1}:8080", alone=False)
    broken("kube-proxy's rules have another port", "SVC-05", "flannel",
           "iptables-nft -t nat -F KUBE-SEP-WEB0000000000000; iptables-nft -t nat -A KUBE-SEP-WEB0000000000000 -p tcp -j DNAT --to-destination {IP1}:8081",
           "iptables-nft -t nat -F KUBE-SEP-WEB0000000000000; iptables-nft -t nat -A KUBE-SEP-WEB0000000000000 -s {IP1}/32 -j KUBE-MARK-MASQ; iptables-nft -t nat -A KUBE-SEP-WEB0000000000000 -p tcp -j DNAT --to-destination {IP1}:8080", alone=False)
    broken("somebody masquerades what pods send to pods", ["RTE-14"], "bridge",
           "iptables-nft -t nat -I POSTROUTING -s 10.244.0.0/16 -o eth0 -j SNAT --to-source 192.0.2.7",
           "iptables-nft -t nat -D POSTROUTING -s 10.244.0.0/16 -o eth0 -j SNAT --to-source 192.0.2.7", witness=PING_PEER)
    broken("what pods send to the world leaves from an address of nobody", "RTE-14", "flannel",
           "iptables-nft -t nat -I POSTROUTING -s 10.244.0.0/16 -o eth0 -j SNAT --to-source 192.0.2.7",
           "iptables-nft -t nat -D POSTROUTING -s 10.244.0.0/16 -o eth0 -j SNAT --to-source 192.0.2.7", witness=PING_WORLD)

    def bpf(machine, attach):
        run("clang", "-O2", "-g", "-target", "bpf", "-c", "-x", "c", "-", "-o", f"/proc/{machine.process}/root/root/drop.o", text=BPF_DROP)
        machine.sh(attach)
    broken("a BPF classifier drops the overlay at the card", "RTE-01", "flannel",
           lambda machine: bpf(machine, "tc qdisc add dev eth0 clsact; tc filter add dev eth0 ingress bpf da obj /root/drop.o sec tc"),
           "tc qdisc del dev eth0 clsact", witness=PING_PEER)
    broken("an XDP program drops the overlay at the card", "RTE-01", "flannel",
           lambda machine: bpf(machine, "ip link set dev eth0 xdpgeneric obj /root/drop.o sec xdp"),
           "ip link set dev eth0 xdpgeneric off", witness=PING_PEER)
    # Well, though odd.
    for name, flavour, inject, mend in [
        ("a blackhole that is wider than the pods' routes", "bridge", "ip route add blackhole 10.240.0.0/12", "ip route del blackhole 10.240.0.0/12"),
        ("an unreachable default of the last metric", "flannel", "ip route add unreachable default metric 4278198272", "ip route del unreachable default metric 4278198272"),
        ("a rule that asks an empty table", "flannel", "ip rule add pref 100 lookup 200", "ip rule del pref 100"),
        ("a second default route of a higher metric", "bridge", "ip route add default via 192.168.77.254 metric 900", "ip route del default via 192.168.77.254 metric 900"),
        ("a bridge of virtual machines", "flannel", "ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0; ip link set virbr0 up; iptables-nft -t nat -A POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE",
         "iptables-nft -t nat -D POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE; ip link del virbr0"),
        ("a node-local name server", "flannel", "ip link add nodelocaldns type bridge; ip addr add 169.254.20.10/32 dev nodelocaldns; ip link set nodelocaldns up; iptables-nft -t raw -A PREROUTING -d 169.254.20.10/32 -p udp --dport 53 -j NOTRACK; iptables-nft -A INPUT -d 169.254.20.10/32 -p udp --dport 53 -j ACCEPT",
         "iptables-nft -D INPUT -d 169.254.20.10/32 -p udp --dport 53 -j ACCEPT; iptables-nft -t raw -D PREROUTING -d 169.254.20.10/32 -p udp --dport 53 -j NOTRACK; ip link del nodelocaldns"),
        ("an address of a load balancer on the card", "bridge", "ip addr add 192.168.77.200/32 dev eth0", "ip addr del 192.168.77.200/32 dev eth0"),
        ("a database's port is closed to the world", "flannel", "iptables-nft -A INPUT -i eth0 -p tcp --dport 3306 -j DROP", "iptables-nft -D INPUT -i eth0 -p tcp --dport 3306 -j DROP"),
        ("invalid packets are dropped, others are logged", "bridge", "iptables-nft -I FORWARD -m conntrack --ctstate INVALID -j DROP; nft add table inet logs; nft 'add chain inet logs f { type filter hook forward priority 0; }'; nft 'add rule inet logs f counter'",
         "iptables-nft -D FORWARD -m conntrack --ctstate INVALID -j DROP; nft delete table inet logs"),
        ("ssh is limited", "flannel", "iptables-nft -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --set; iptables-nft -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 60 --hitcount 4 -j DROP",
         "iptables-nft -F INPUT; iptables-nft -A INPUT -j KUBE-FIREWALL"),
        ("loose filters of the way back", "calico", "sysctl -qw net.ipv4.conf.all.rp_filter=2", "sysctl -qw net.ipv4.conf.all.rp_filter=0"),
        ("a neighbour that does not answer", "flannel", "ip neigh replace 192.168.77.240 dev eth0 nud failed || true; ping -c1 -W1 192.168.77.240 || true", "ip neigh flush dev eth0"),
        ("a place for classifiers, and none in it", "flannel", "tc qdisc add dev eth0 clsact", "tc qdisc del dev eth0 clsact"),
        ("names of somebody in hosts", "bridge", "cp /etc/hosts /root/hosts; echo '10.1.2.3 registry.corp' >> /etc/hosts", "cp /root/hosts /etc/hosts"),
        ("a card that is down and has no cable", "flannel", "ip link add eth7 type veth peer name eth7p", "ip link del eth7"),
        ("an old file beside the configuration", "flannel", "echo '{' > /etc/cni/net.d/10-flannel.conflist.rpmsave; echo old > /etc/cni/net.d/README", "rm /etc/cni/net.d/10-flannel.conflist.rpmsave /etc/cni/net.d/README"),
        ("a VPN of its own range", "bridge", "ip tuntap add mode tun name tun0; ip addr add 10.8.0.6/24 dev tun0; ip link set tun0 up; ip route add 172.30.0.0/16 via 10.8.0.1", "ip link del tun0"),
        ("echo is not answered", "calico", "sysctl -qw net.ipv4.icmp_echo_ignore_all=1; ip netns exec {POD1} sysctl -qw net.ipv4.icmp_echo_ignore_all=1", "sysctl -qw net.ipv4.icmp_echo_ignore_all=0; ip netns exec {POD1} sysctl -qw net.ipv4.icmp_echo_ignore_all=0"),
        ("a second card of a pod", "flannel", "ip -n {POD1} link add net1 type veth peer name net1p; ip -n {POD1} addr add 10.200.0.5/24 dev net1; ip -n {POD1} link set net1 up; ip -n {POD1} link set net1p up", "ip -n {POD1} link del net1"),
        ("rules of a VPN by mark that touch nobody", "flannel", "ip rule add pref 90 fwmark 0xca6c lookup 51820; ip route add blackhole default table 51820", "ip rule del pref 90; ip route flush table 51820"),
        ("a drop for a range of strangers", "bridge", "nft add table inet block; nft 'add chain inet block f { type filter hook forward priority -5; }'; nft 'add rule inet block f ip saddr { 203.0.113.0/24, 45.0.0.0/8 } drop'", "nft delete table inet block"),
    ]:
        Row(name, None, flavour, inject, mend, kind="unseen")


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


def later_rows():
    """A fourth set, with what is expected of each written down before any of it was tried."""
    BIN = "/opt/cni/bin"
    FILTER = ["RTE-06", "RTE-07"]

    def later(name, expect, flavour, inject, mend=None, **others):
        Row(name, expect, flavour, inject, mend, kind="later", **others)

    # Files, folders, rights.
    later("the plugins' folder is on a file system that executes nothing", ["INS-02", "INS-03"], "flannel",
          f"mkdir /root/bin; cp {BIN}/* /root/bin; mount -t tmpfs -o noexec tmpfs {BIN}; cp /root/bin/* {BIN}",
          f"umount {BIN}; rm -r /root/bin")
    later("the store of addresses is read-only", ["INS-11", "IPM-03", "NOD-01"], "flannel",
          "mount --bind /var/lib/cni/networks /var/lib/cni/networks; mount -o remount,bind,ro /var/lib/cni/networks\n"
          + complain("failed to allocate for range 0: open /var/lib/cni/networks/cbr0/10.244.1.9: read-only file system"),
          "umount /var/lib/cni/networks; rm /var/log/containerd.log")
    later("the store of addresses has no room left", ["IPM-03", "NOD-01", "NOD-04"], "flannel",
          "cp -a /var/lib/cni/networks /root/n; mount -t tmpfs -o size=16k tmpfs /var/lib/cni/networks; cp -a /root/n/* /var/lib/cni/networks; dd if=/dev/zero of=/var/lib/cni/networks/fill bs=4k count=8 2>/dev/null || true\n"
          + complain("failed to allocate for range 0: write /var/lib/cni/networks/cbr0/10.244.1.9: no space left on device"),
          "umount /var/lib/cni/networks; rm -r /root/n /var/log/containerd.log")
    row("the list of plugins is no list", "CFG-02", "flannel",
        edited(FILE, lambda value: value.update(plugins={"type": "flannel"})), kind="later")
    row("the list of plugins is empty", "CFG-02", "flannel", edited(FILE, lambda value: value.update(plugins=[])),
        kind="later")
    row("a plugin has no type", "CFG-02", "flannel", edited(FILE, lambda value: value["plugins"][0].pop("type")),
        kind="later")
    later("the configuration is a folder of its name", ["CFG-01", "CFG-02"], "flannel", f"mv {FILE} /root/f; mkdir {FILE}",
          f"rmdir {FILE}; mv /root/f {FILE}")
    later("the configuration is a link to nothing", ["CFG-01", "CFG-02", "CFG-03"], "flannel",
          f"mv {FILE} /root/f; ln -s /etc/gone/flannel.conflist {FILE}", f"rm {FILE}; mv /root/f {FILE}")
    row("subnet.env is another node's, as of a copied disk", ["IPM-05", "IPM-08", "INS-08"], "flannel", replaced(
        "/run/flannel/subnet.env", lambda text: text.replace("10.244.1.1", "10.244.2.1")), kind="later")
    row("the configuration has the other node's range", ["IPM-05", "IPM-08"], "bridge", replaced(
        "/etc/cni/net.d/10-bridge.conflist", lambda text: text.replace("10.244.1.0/24", "10.244.2.0/24")), kind="later")

    # Namespaces.
    later("a pod's name leads to another pod's namespace", ["IPM-06", "RTE-04", "INS-11", "IPM-03"], "flannel",
          "umount /run/netns/{POD1}; touch /run/netns/{POD1}; mount --bind /run/netns/{POD2} /run/netns/{POD1}", None)
    later("a pod's namespace is gone and its name stayed", ["INS-11", "IPM-03", "RTE-04"], "flannel",
          "umount /run/netns/{POD1}; touch /run/netns/{POD1}", None)

    # Links.
    def unplugged(machine):
        machine.lab.fabric.sh(f"ip link set p-{machine.name} down")

    def plugged(machine):
        """Nobody remembers that the other did not answer."""
        machine.lab.fabric.sh(f"ip link set p-{machine.name} up")
        for place in machine.lab.pair(machine.flavour):
            place.sh("ip neigh flush dev eth0")
    later("the card has no cable", ["RTE-17", "NOD-01"], "bridge", unplugged, plugged, witness=PING_PEER)
    later("a pair is on another bridge", "RTE-17", "flannel",
          "ip link add br9 type bridge; ip link set br9 up; ip link set {HOST1} master br9",
          "ip link set {HOST1} master cni0; bridge link set dev {HOST1} hairpin on; ip link del br9", witness=PING_WORLD)
    later("the card answers no ARP", ["RTE-04", "RTE-13", "RTE-17"], "bridge",
          "sysctl -qw net.ipv4.conf.eth0.arp_ignore=8; ip neigh flush dev eth0",
          "sysctl -qw net.ipv4.conf.eth0.arp_ignore=0")
    later("the other machine has this one's address", "IPM-06", "bridge",
          lambda machine: machine.lab.pair("bridge")[1].sh(f"ip addr add {machine.address}/24 dev eth0"),
          lambda machine: machine.lab.pair("bridge")[1].sh(f"ip addr del {machine.address}/24 dev eth0"), alone=False)

    # Tunnels.
    later("the other end's MAC is one of before, in both tables", ["RTE-02", "RTE-03"], "flannel",
          "ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:42 dev flannel.1 nud permanent; bridge fdb del ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self; bridge fdb add ee:aa:00:00:00:42 dev flannel.1 dst {PEER} self permanent",
          "bridge fdb del ee:aa:00:00:00:42 dev flannel.1 dst {PEER} self; bridge fdb add ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self permanent; ip neigh replace 10.244.2.0 lladdr ee:aa:00:00:00:02 dev flannel.1 nud permanent",
          witness=PING_PEER, alone=False)
    later("a forwarding entry leads to the machine itself", "RTE-03", "flannel",
          "bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst 192.168.77.11 self permanent",
          "bridge fdb replace ee:aa:00:00:00:02 dev flannel.1 dst {PEER} self permanent", witness=PING_PEER)
    later("what comes from the other node by UDP is dropped before it is tracked", "RTE-01", "flannel",
          "iptables-nft -t raw -I PREROUTING -s {PEER} -p udp -j DROP", "iptables-nft -t raw -D PREROUTING -s {PEER} -p udp -j DROP",
          witness=PING_PEER)
    later("the tunnel's packets may not be larger than small ones", ["MTU-01", "MTU-02", "MTU-04", "RTE-01"] + FILTER, "flannel",
          "nft add table inet odd; nft 'add chain inet odd c { type filter hook input priority 0; }'; nft 'add rule inet odd c udp dport 8472 meta length > 600 drop'",
          "nft delete table inet odd", witness="ip netns exec {POD1} ping -c1 -W1 -s 1000 10.244.2.2")

    # Routes and rules.
    later("a rule before all asks a table whose router is nobody", "RTE-04", "bridge",
          "ip route add default via 192.168.77.254 table 50; ip rule add pref 10 lookup 50",
          "ip rule del pref 10; ip route flush table 50", witness=PING_WORLD)
    later("the rule that asks the table main is gone", ["RTE-04", "RTE-12"], "bridge", "ip rule del pref 32766",
          "ip rule add pref 32766 lookup main", witness=PING_WORLD)
    later("the world is prohibited by a route", ["RTE-04", "RTE-14"], "flannel", "ip route add prohibit 0.0.0.0/1; ip route add prohibit 128.0.0.0/1",
          "ip route del prohibit 0.0.0.0/1; ip route del prohibit 128.0.0.0/1", witness=PING_WORLD)
    later("the default route leads to the pods' bridge", ["RTE-04", "RTE-14"], "flannel", "ip route replace default dev cni0",
          "ip route replace default via 192.168.77.1", witness=PING_WORLD)
    later("a pod's own rule prohibits the other pods", "RTE-04", "flannel", "ip -n {POD1} rule add pref 5 to 10.244.0.0/16 prohibit",
          "ip -n {POD1} rule del pref 5", witness=PING_PEER)

    # Filters of strangers.
    later("a firewall of a stranger forwards what is established alone", FILTER, "bridge",
          "nft add table inet guard; nft 'add chain inet guard f { type filter hook forward priority 10; policy drop; }'; nft add rule inet guard f ct state established,related accept; nft add rule inet guard f ip saddr 192.168.77.0/24 accept",
          "nft delete table inet guard", witness=PING_PEER)
    later("what pods send is given one hop to live", FILTER + ["RTE-04"], "bridge",
          "iptables-nft -t mangle -A PREROUTING -i cni0 -j TTL --ttl-set 1", "iptables-nft -t mangle -D PREROUTING -i cni0 -j TTL --ttl-set 1",
          witness=PING_PEER)
    later("a pod lets nothing in for its own port", FILTER, "flannel",
          "ip netns exec {POD1} nft 'add table inet own'; ip netns exec {POD1} nft 'add chain inet own i { type filter hook input priority 0; }'; ip netns exec {POD1} nft 'add rule inet own i tcp dport 8080 reject'",
          "ip netns exec {POD1} nft delete table inet own")
    later("tc sends what pods send to somewhere else", FILTER + ["PRF-02", "RTE-04"], "flannel",
          "ip link add away type veth peer name gone; ip link set away up; ip link set gone up; tc qdisc add dev {HOST1} clsact; tc filter add dev {HOST1} ingress protocol ip pref 5 u32 match ip dst 10.244.2.0/24 action mirred egress redirect dev away",
          "tc qdisc del dev {HOST1} clsact; ip link del away", witness=PING_PEER)
    # Well, though odd.
    later("a classifier that picks nothing of the cluster's", None, "flannel",
          "ip link add away type veth peer name gone; ip link set away up; ip link set gone up; tc qdisc add dev eth0 clsact; tc filter add dev eth0 ingress protocol ip pref 5 u32 match ip src 203.0.113.0/24 action mirred egress redirect dev away",
          "tc qdisc del dev eth0 clsact; ip link del away")
    later("a pod with rules of its own for its metrics' port", None, "bridge",
          "ip netns exec {POD1} iptables-nft -A INPUT -p tcp --dport 9100 ! -s 10.244.0.0/16 -j DROP", "ip netns exec {POD1} iptables-nft -F INPUT")
    later("the rule of the table local comes later", None, "bridge", "ip rule add pref 100 lookup local; ip rule del pref 0",
          "ip rule add pref 0 lookup local; ip rule del pref 100")


def tls_rows():
    """Certificates of machines: what the control plane and kubelet show and trust."""
    def named(name, expect, files, mend="rm -rf /etc/kubernetes /var/lib/kubelet/pki", **more):
        def inject(machine):
            for path, text in files(machine).items():
                machine.write(path, text)
        Row(name, expect, "flannel", inject, mend, kind="tls", **more)

    def plane(machine, days=300, names=None, issuer=None, authority=True):
        """As kubeadm leaves a control plane: its manifest, the authority, and the server's certificate."""
        names = names or ["kubernetes", "kubernetes.default", "kubernetes.default.svc", machine.name]
        pairs = issued(days, names, ["10.96.0.1", machine.address] if names[0] == "kubernetes" else [])
        other = issued(300, ["kubernetes"], [])
        found = {
            "/etc/kubernetes/manifests/kube-apiserver.yaml": textwrap.dedent(f"""\
                apiVersion: v1
                kind: Pod
                metadata: {{name: kube-apiserver, namespace: kube-system}}
                spec:
                  containers:
                  - command: [kube-apiserver, --advertise-address={machine.address}, --client-ca-file=/etc/kubernetes/pki/ca.crt, --tls-cert-file=/etc/kubernetes/pki/apiserver.crt, --tls-private-key-file=/etc/kubernetes/pki/apiserver.key, --service-cluster-ip-range=10.96.0.0/12]
                    name: kube-apiserver
                """),
            "/etc/kubernetes/pki/apiserver.crt": pairs["server"], "/etc/kubernetes/pki/apiserver.key": pairs["key"],
        }
        if authority:
            found["/etc/kubernetes/pki/ca.crt"] = (other if issuer else pairs)["authority"]
        return found
    named("a control plane whose certificates are in order", None, plane)
    named("the API server's own certificate ended", "API-01", lambda machine: plane(machine, days=-3))
    named("the API server's certificate is for another name", "API-01",
          lambda machine: plane(machine, names=["old-cluster.example.com"]))
    named("the API server's certificate is of another authority", "API-01", lambda machine: plane(machine, issuer="other"))
    named("the API server's authority is not there", "API-01", lambda machine: plane(machine, authority=False))

    def kubelet(days):
        def files(machine):
            pairs = issued(days, [], [], subject=f"/O=system:nodes/CN=system:node:{machine.name}", client=True)
            return {"/var/lib/kubelet/pki/kubelet-client-current.pem": pairs["server"] + pairs["key"],
                    "/etc/kubernetes/kubelet.conf": textwrap.dedent(f"""\
                        apiVersion: v1
                        kind: Config
                        clusters:
                        - name: kubernetes
                          cluster: {{server: "https://{UNDERLAY}.12:6443"}}
                        users:
                        - name: kubelet
                          user:
                            client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
                            client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
                        """)}
        return files
    named("kubelet's certificate is good for another month", None, kubelet(30))
    named("kubelet's own certificate ended", ["API-01", "NOD-01"], kubelet(-1))


def issued(days, names, addresses, subject="/CN=kube-apiserver", client=False, authority=3000):
    """A certificate of an authority of its own: both end so many days from now."""
    with tempfile.TemporaryDirectory() as folder:
        def moment(seconds):
            return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key", "-out", f"{folder}/csr", "-subj", subject)
        other = ",".join([f"DNS:{name}" for name in names] + [f"IP:{address}" for address in addresses])
        with open(f"{folder}/conf", "w") as file:
            file.write(f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\n"
                       f"default_md=sha256\npolicy=p\nunique_subject=no\n[p]\norganizationName=optional\ncommonName=supplied\n[e]\n"
                       f"extendedKeyUsage={'clientAuth' if client else 'serverAuth'}\n" + (f"subjectAltName={other}\n" if other else ""))
        open(f"{folder}/index", "w").close()
        with open(f"{folder}/serial", "w") as file:
            file.write("01\n")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.csr",
            "-subj", f"/CN=kubernetes-{os.urandom(3).hex()}")
        run("openssl", "ca", "-batch", "-selfsign", "-config", f"{folder}/conf", "-keyfile", f"{folder}/ca.key", "-in",
            f"{folder}/ca.csr", "-out", f"{folder}/ca.crt", "-startdate", moment(-500 * 86400),
            "-enddate", moment(authority * 86400), "-notext")
        run("openssl", "ca", "-batch", "-config", f"{folder}/conf", "-extensions", "e", "-keyfile", f"{folder}/ca.key",
            "-cert", f"{folder}/ca.crt", "-in", f"{folder}/csr", "-out", f"{folder}/crt", "-startdate", moment(-400 * 86400),
            "-enddate", moment(days * 86400), "-notext")
        return {part: open(f"{folder}/{file}").read() for part, file in [("server", "crt"), ("key", "key"), ("authority", "ca.crt")]}


class Door:
    """A server that shows a certificate and says no more: where a kubeconfig leads."""

    def __init__(self, folder, days, names, addresses, trusted):
        pairs = issued(days, names, addresses)
        for name in ["server", "key"]:
            with open(f"{folder}/{name}.pem", "w") as file:
                file.write(pairs[name])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/server.pem", f"{folder}/key.pem")
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, args=[context], daemon=True).start()
        authority = {"own": pairs, "other": issued(300, ["kubernetes"], [])}.get(trusted)
        text = f"certificate-authority-data: {base64.b64encode(authority['authority'].encode()).decode()}" if authority else ""
        if trusted == "gone":
            text = f"certificate-authority: {folder}/no-such-ca.crt"
        self.kubeconfig = f"{folder}/kubeconfig"
        with open(self.kubeconfig, "w") as file:
            file.write(textwrap.dedent(f"""\
                apiVersion: v1
                kind: Config
                clusters:
                - name: broken
                  cluster:
                    server: https://127.0.0.1:{self.listener.getsockname()[1]}
                    {text}
                users:
                - name: admin
                  user: {{token: none}}
                contexts:
                - name: broken
                  context: {{cluster: broken, user: admin}}
                current-context: broken
                """))

    def serve(self, context):
        while True:
            try:
                caller, _ = self.listener.accept()
                context.wrap_socket(caller, server_side=True).close()
            except OSError:
                if self.listener.fileno() < 0:
                    return

    def end(self):
        self.listener.close()


def doors(options, score, program):
    """API servers that cannot be asked, because their certificate does not fit: the doctor says which of it."""
    wanted = set(options.only.split(",")) if options.only else None
    names, here = ["kubernetes", "localhost"], ["127.0.0.1"]
    for name, settings, words in [
        ("the server's certificate ended", (-3, names, here, "own"), ["expired"]),
        ("the server's certificate is for another name", (300, ["old.example.com"], ["10.0.0.1"], "own"), ["another name"]),
        ("another authority is trusted", (300, names, here, "other"), ["not trusted", "has only"]),
        ("no authority is named, and the system's do not know it", (300, names, here, None), ["not trusted", "does not know"]),
        ("the authority's file is not there", (300, names, here, "gone"), ["no-such-ca.crt"]),
    ]:
        row = Row.__new__(Row)
        row.name, row.flavour, row.expect = name, "door", ["API-01"]
        if wanted and not wanted & {"door", name}:
            continue
        with tempfile.TemporaryDirectory(prefix="doctor-inject-") as folder:
            door = Door(folder, *settings)
            outcome = run(program, "doctor", "--no-this-machine", "--kubeconfig", door.kubeconfig, check=False)
            door.end()
        said = " ".join((outcome.stdout + outcome.stderr).split())
        missing = [word for word in words if word not in said]
        verdict = "hit" if outcome.returncode == 3 and not missing else "wrong" if outcome.returncode == 0 else "silent"
        score.tell("doors", row, verdict, "" if verdict == "hit" else f"{outcome.returncode}: {said[:200]}")


def bird_rows():
    """Sessions of BIRD (Debian's bird2) between two machines of Calico's kind without a tunnel."""
    def session(machine, **settings):
        machine.bird(**settings)
        time.sleep(7)

    def configured(**settings):
        return lambda machine: session(machine, **settings), lambda machine: session(machine)

    def row_(name, expect, inject, mend, **more):
        Row(name, expect, "bird", inject, mend, alone=False, **more)

    def closed(machine):
        machine.sh("nft add table inet fw; nft 'add chain inet fw input { type filter hook input priority 0; }'; nft add rule inet fw input tcp dport 179 drop; nft add rule inet fw input tcp sport 179 drop")
        time.sleep(7)

    def opened(machine):
        machine.sh("nft delete table inet fw")
        time.sleep(7)
    row_("what is for BGP's port is dropped", "BGP-01", closed, opened)

    def beyond(machine):
        """Neither machine knows: the switch between them drops it."""
        machine.lab.fabric.sh("nft add table bridge fw; nft 'add chain bridge fw f { type filter hook forward priority 0; }'; nft add rule bridge fw f tcp dport 179 drop; nft add rule bridge fw f tcp sport 179 drop")
        time.sleep(7)

    def within(machine):
        machine.lab.fabric.sh("nft delete table bridge fw")
        time.sleep(7)
    row_("a firewall between the nodes drops BGP", "BGP-01", beyond, within)

    def stopped(machine):
        machine.lab.pair("bird")[1].sh("birdc -s /run/calico/bird.ctl down >/dev/null || true")
        time.sleep(7)

    def started(machine):
        machine.lab.pair("bird")[1].bird()
        time.sleep(7)
    row_("the other node's BIRD does not run", ["BGP-01", "BGP-04"], stopped, started)
    for name, expect, settings in [
        ("a wrong AS number", "BGP-03", {"number": 64999}),
        ("a wrong AS number is expected of the other", "BGP-03", {"expected": 64999}),
        ("one side has a password", ["BGP-03", "BGP-01"], {"password": "sesame"}),
        ("one router id for both", "BGP-03", {"identifier": f"{UNDERLAY}.12"}),
        ("more prefixes than are allowed", ["BGP-03", "BGP-01"], {"limit": 0}),
        ("nothing is announced", ["RTE-04", "BGP-05"], {"announces": False}),
        ("no session is configured, and the mesh is off", "BGP-05", {"mesh": False}),
    ]:
        inject, mend = configured(**settings)
        row_(name, expect, inject, mend)


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


# MARK: Both machines as one cluster, and the ways of connections

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


def tell_well(pair, score, options):
    """Machines that are well: no finding, and every connection is open."""
    healthy = Row.__new__(Row)
    healthy.name, healthy.flavour, healthy.expect, healthy.objects = "machines that are well", pair.flavour, None, None
    score.tell_others(healthy, pair.judged(healthy, pair.tried(patience=12)))


def explained(machine, row, program):
    """What `poplin explain` makes of the message with which a pod is refused now, where one is."""
    if row.expect is None or not row.code[:3] in ("INS", "CFG", "IPM", "API") or machine.flavour not in ("flannel", "bridge", "tiny"):
        return []
    outcome = machine.pod("asked", check=False, keep=False)
    if outcome.returncode == 0:
        identifier = hashlib.sha256(f"{machine.name} asked".encode()).hexdigest()
        space = f"cni-{identifier[:8]}-0000-4000-8000-{identifier[8:20]}"
        machine.sh(f"/opt/poplin cni del {machine.network} {space} --container-id {identifier} --plugin-dir /opt/cni/bin; ip netns del {space} 2>/dev/null || true", check=False)
        return []
    machine.sh(f"ip netns del cni-{hashlib.sha256(f'{machine.name} asked'.encode()).hexdigest()[:8]}-0000-4000-8000-{hashlib.sha256(f'{machine.name} asked'.encode()).hexdigest()[8:20]} 2>/dev/null || true", check=False)
    message = (outcome.stderr or outcome.stdout).strip()
    said = json.loads(run(program, "explain", "-", "-o", "json", text=message, check=False).stdout)
    codes = [item["code"] for item in said.get("causes", [])]
    if codes and codes[0] in row.expect:
        return [("explain", "hit", "")]
    sure = bool(said.get("causes")) and said["causes"][0].get("confidence") == "certain"
    state = "contains" if set(codes) & set(row.expect) else "wrong" if sure else "miss" if codes else "silent"
    return [("explain", state, f"{' '.join(codes)} of: {message[:200]}")]


def machines(options, score, program):
    machine_rows()
    unseen_rows()
    bird_rows()
    fresh_rows()
    later_rows()
    tls_rows()
    wanted = set(options.only.split(",")) if options.only else None
    rows = [row for row in Row.rows if (not wanted or row.code in wanted or row.name in wanted or row.flavour in wanted
                                        or row.kind in wanted or f"{row.kind}-{row.flavour}" in wanted)
            and (row.smoke or not options.smoke)]
    rows.sort(key=lambda row: row.flavour)
    lab = Lab(program)
    slowest = 0
    proven = set()
    try:
        for row in rows:
            try:
                machine, _ = lab.pair(row.flavour)
                pair = Pair(lab, row.flavour) if row.flavour in Pair.flavours and not options.alone else None
                if pair and row.flavour not in proven:
                    proven.add(row.flavour)
                    tell_well(pair, score, options)
                report = machine.doctor()
                slowest = max(slowest, machine.took)
                if report["causes"]:
                    score.alarms += 1
                    text = "; ".join(f"{c['code']} {c['confidence']} {c['title']}" for c in report["causes"])
                    print(f"alarm   {row.code:7} {row.flavour:8} before: {row.name}: {text}", flush=True)
                    if options.verbose:
                        print(textwrap.indent(machine.screen(), "        "))
                if row.witness:
                    try:
                        script(machine, row.witness)
                    except Failed as failure:
                        raise Failed(f"the witness fails on the machine that is well: {failure}")
                script(machine, row.inject)
                if row.witness:
                    try:
                        script(machine, row.witness)
                        raise AssertionError
                    except Failed:
                        pass
                    except AssertionError:
                        raise Failed("the witness does not see that anything is broken")
                report = machine.doctor()
                slowest = max(slowest, machine.took)
                verdict, text = judged(report, row)
                if not row.alone and verdict == "silent":
                    verdict = "unasked"
                more = machine.screen() if options.verbose or options.screen else ""
                score.tell("machines", row, verdict, text, more)
                if pair:
                    score.tell_others(row, pair.judged(row, pair.tried()))
                score.tell_others(row, explained(machine, row, program))
                if options.keep:
                    print(f"kept: nsenter --target {machine.process} --net --mount --uts --pid --root=/proc/{machine.process}/root")
                    signal.pause()
                if row.mend:
                    script(machine, row.mend)
                if row.renew:
                    lab.renew(row.flavour)
            # Whatever it is, the rows after this one are asked all the same, on machines that are made anew.
            except Exception as failure:
                score.tell("machines", row, "error", f"{type(failure).__name__}: {failure}"[:600])
                # What stands between the machines is not made anew with them.
                lab.fabric.sh("nft delete table bridge fw 2>/dev/null || true", check=False)
                lab.renew(row.flavour)
    finally:
        lab.end()
    print(f"the slowest answer took {slowest:.2f} s")



# MARK: The cluster


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


def cluster(options, score, program):
    cluster_rows()
    wanted = set(options.only.split(",")) if options.only else None
    rows = [row for row in ClusterRow.rows if (not wanted or row.code in wanted or row.name in wanted
                                               or ("unseen" if row.unseen else "seen") in wanted
                                        or f"unseen-{row.flavour}" in wanted and row.unseen)
            and (row.smoke or not options.smoke)]
    if options.skip:
        rows = rows[options.skip:]
    lab = Cluster(program, options.name, options.doctor)
    slowest = 0

    def well(row):
        """Nothing is found, when what the last row did has settled."""
        report = None
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            report = lab.doctor(*row.options)
            if not report["causes"]:
                return report
            time.sleep(3)
        return report
    try:
        lab.up()
        for row in rows:
            try:
                report = well(row)
                if report["causes"]:
                    score.alarms += 1
                    text = "; ".join(f"{c['code']} {c['confidence']} {c['title']}" for c in report["causes"])
                    print(f"alarm   {row.code:7} {row.flavour:8} before: {row.name}: {text}", flush=True)
                row.inject(lab)
                if row.settled:
                    lab.wait(row.name, lambda: row.settled(lab), row.patience)
                # Controllers and agents take a moment; the answer that is judged is the last one.
                deadline = time.monotonic() + row.patience
                while True:
                    report = lab.doctor(*row.options)
                    slowest = max(slowest, lab.took)
                    verdict, text = judged(report, row)
                    if verdict == "hit" and row.expect or time.monotonic() > deadline:
                        break
                    if row.expect is None and time.monotonic() > deadline - row.patience + 10:
                        break
                    time.sleep(2)
                if row.broken and verdict == "silent" and lab.lab(
                        "shell", "node-2", "--", "sh", "-c", row.broken, check=False).returncode:
                    verdict, text = "mended", "by the agent itself"
                more = lab.screen(*row.options) if options.screen else ""
                score.tell("cluster", row, verdict, text, more)
                if row.why:
                    score.tell_others(row, [lab.why(row)])
                row.mend(lab)
            except Exception as failure:
                score.tell("cluster", row, "error", f"{type(failure).__name__}: {failure}"[:600])
                try:
                    row.mend(lab)
                except Exception:
                    pass
    finally:
        if not options.keep:
            lab.down()
    print(f"the slowest answer took {slowest:.2f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--stage", choices=["machines", "cluster", "all"], default="machines")
    parser.add_argument("--only", help="codes, names of rows or flavours, separated by commas")
    parser.add_argument("--smoke", action="store_true", help="a few rows of each kind")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--screen", action="store_true")
    parser.add_argument("--doctor", help="cluster: another program than the lab's")
    parser.add_argument("--skip", type=int, default=0, help="cluster: so many rows at the beginning")
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
