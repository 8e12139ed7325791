"""What came after those."""
from inject.rows import FILE, PING_PEER, PING_WORLD, Row, complain, edited, replaced, row


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
