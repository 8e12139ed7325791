"""Rows that were written after the checks, and tried untouched."""
from inject.pair import PORT
from inject.rows import PING_NEIGHBOUR, PING_PEER, PING_ROUTED_PEER, PING_WORLD, Row
from inject.rows_fresh import BPF_DROP
from inject.space import run


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
