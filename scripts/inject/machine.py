"""A node: a root file system of its own over the host's, a network's files and rules, and pods."""
import hashlib
import json
import os
import tempfile
import textwrap
import time

from inject.networks import Networks
from inject.space import Failed, PLUGINS, Space, UNDERLAY, WORLD, stamp


class Machine(Networks, Space):
    """A node: a root file system of its own over the host's, links to the underlay, a network's files and rules."""

    def __init__(self, lab, name, number, flavour):
        self.lab, self.number, self.flavour = lab, number, flavour
        self.address = f"{UNDERLAY}.{10 + number}"
        self.folder = tempfile.mkdtemp(prefix=f"{name}-", dir=lab.folder)
        plugins = next((place for place in PLUGINS if os.path.exists(f"{place}/bridge")), None)
        if not plugins:
            raise Failed("there are no reference plugins: apt-get install containernetworking-plugins")
        self.pods = {}
        # A real one, where the flavour has it.
        self.containerd = None
        super().__init__(name, f"""
            hostname {name}
            mount -t tmpfs -o size=256m tmpfs {self.folder}
            mkdir {self.folder}/upper {self.folder}/work {self.folder}/root
            mount -t overlay overlay -o lowerdir=/,upperdir={self.folder}/upper,workdir={self.folder}/work {self.folder}/root
            cd {self.folder}/root
            mount --rbind /dev dev
            mount -t proc proc proc
            mount -t sysfs sysfs sys
            {"mount --rbind /sys/fs/cgroup sys/fs/cgroup" if flavour == "runtime" else ""}
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
        try:
            lab.plug(self)
            self.sh(f"ip addr add {self.address}/24 dev eth0; ip link set eth0 up; ip route add default via {UNDERLAY}.1")
            if flavour != "runtime":
                # The runtime, as far as anybody sees who only looks at the list of processes.
                self.sh("cp /bin/sleep /usr/local/bin/containerd; setsid /usr/local/bin/containerd 3600 </dev/null >/dev/null 2>&1 &")
            getattr(self, flavour)()
        except BaseException:
            self.end()
            raise

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

    def end(self):
        super().end()
        if self.containerd:
            self.containerd.end()
