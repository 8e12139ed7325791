"""The first rows: a cause of the catalogue each."""
import json
import subprocess
import textwrap

from inject.networks import kubeconfig
from inject.rows import FILE, PING_PEER, PING_ROUTED_PEER, PING_WORLD, Row, complain, edited, replaced, row, waiting
from inject.space import Failed, stamp


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
