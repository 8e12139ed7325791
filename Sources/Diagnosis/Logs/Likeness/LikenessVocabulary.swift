/// What likeness knows of the field's language.
enum LikenessVocabulary {
    /// Ports, statuses and sizes that are names; other numbers are only numbers.
    static let tellingNumbers: Set<String> = [
        "53", "80", "95", "110", "111", "113", "127", "137", "179", "401", "403", "404", "409", "413", "421", "429",
        "431", "443", "500", "502", "503", "504", "1024", "1450", "1460", "1500", "2379", "4240", "4500", "4789",
        "5473",
        "6081", "6443", "8443", "8472", "9001", "9153", "10250", "10256", "15001", "15006", "15008", "15010", "15012",
        "15017", "15021", "15090", "51820",
    ]

    /// Words that every sentence has.
    static let common: Set<String> = [
        "the", "of", "to", "in", "on", "at", "for", "with", "and", "or", "is", "are", "was", "be", "been", "by", "from",
        "as", "it", "its", "this", "that", "there", "we", "my", "our", "you", "your", "when", "while", "if", "then",
        "than", "so", "but", "have", "has", "had", "will", "would", "can", "do", "into", "after", "before", "via",
        "using", "use", "used", "get", "gets", "got", "an", "msg", "me", "he", "am", "level", "time", "ts", "caller",
        "subsys", "com", "www", "http", "https", "go", "rpc", "desc", "code", "im", "ve", "were", "which", "what",
        "all",
    ]

    /// One name for what has several.
    static let synonyms: [String: String] = [
        "pods": "pod", "containers": "pod", "container": "pod", "svc": "service", "services": "service",
        "svcs": "service", "nodes": "node", "hosts": "node", "host": "node", "vm": "node", "vms": "node",
        "machine": "node", "machines": "node", "worker": "node", "workers": "node", "minion": "node", "minions": "node",
        "addr": "address", "addresses": "address", "ips": "ip", "cert": "certificate", "certs": "certificate",
        "certificates": "certificate", "x509": "certificate", "config": "configuration", "configs": "configuration",
        "cfg": "configuration", "conf": "configuration", "ns": "namespace", "iface": "interface",
        "ifaces": "interface", "nic": "interface", "nics": "interface", "k8s": "kubernetes", "kube": "kubernetes",
        "err": "error", "errors": "error", "enis": "eni", "sg": "securitygroup", "sgs": "securitygroup",
        "policies": "policy", "denied": "deny", "blocked": "block", "blocking": "block", "broke": "break",
        "broken": "break", "lost": "lose", "loses": "lose", "losing": "lose", "mem": "memory", "oom": "oomkilled",
        "conn": "connection", "conns": "connection", "connectivity": "connect", "latency": "slow", "delay": "slow",
        "delays": "slow", "netpol": "networkpolicy", "netpols": "networkpolicy", "nft": "nftables",
        "lb": "loadbalancer",
        "econnrefused": "refused", "etimedout": "timeout", "timeouts": "timeout", "timedout": "timeout",
        "ehostunreach": "unreachable", "enetunreach": "unreachable", "deadlineexceeded": "timeout",
        "endpointslice": "endpoint", "endpointslices": "endpoint", "endpoints": "endpoint", "kubedns": "coredns",
        "unauthorised": "unauthorized", "ovs": "openvswitch", "lets": "letsencrypt", "reboots": "reboot",
        "rebooted": "reboot", "rebooting": "reboot", "crashloopbackoff": "crash", "crashlooping": "crash",
        "workload": "pod", "workloads": "pod", "box": "node", "boxes": "node", "server": "node", "servers": "node",
        "hypervisor": "node", "sites": "cluster", "site": "cluster", "clusters": "cluster",
        "datacenter": "cluster", "datacenters": "cluster", "rejects": "refused", "rejected": "refused",
        "refuses": "refused", "refuse": "refused", "stalls": "hang", "stall": "hang", "freezes": "hang",
        "freeze": "hang", "frozen": "hang", "hangs": "hang", "hanging": "hang", "web": "internet", "world": "internet",
        "public": "external", "outer": "external", "outside": "external", "inner": "internal", "inside": "internal",
        "twice": "duplicate", "double": "duplicate", "depleted": "exhaust", "full": "exhaust", "exhausted": "exhaust",
        "exhaustion": "exhaust", "big": "large", "bigger": "large", "huge": "large", "tiny": "small", "short": "small",
        "answers": "answer", "answered": "answer", "replies": "answer", "reply": "answer", "responds": "answer",
        "respond": "answer", "response": "answer", "responses": "answer", "names": "name", "hostnames": "name",
        "hostname": "name", "vanish": "lose", "vanishes": "lose", "vanished": "lose", "disappear": "lose",
        "disappears": "lose", "disappeared": "lose", "gone": "lose", "wiped": "lose", "removed": "delete",
        "deleted": "delete", "removes": "delete", "erased": "delete", "forbids": "deny",
        "restrict": "deny", "restricts": "deny", "restricted": "deny", "isolated": "deny", "denies": "deny",
        "permitted": "allow", "allowed": "allow", "allows": "allow", "permits": "allow",
        "misspelt": "typo", "misspelled": "typo", "renamed": "rename", "changed": "change", "changes": "change",
        "replicas": "replica", "backends": "backend", "packets": "packet", "frames": "packet", "frame": "packet",
        "subnets": "subnet", "ranges": "range", "cidrs": "cidr", "networks": "network", "lookups": "lookup",
        "queries": "lookup", "query": "lookup", "resolves": "resolve", "resolved": "resolve", "resolving": "resolve",
        "reaches": "reach", "reached": "reach", "reaching": "reach", "contact": "reach", "contacting": "reach",
        "talks": "reach", "talk": "reach", "communicate": "reach",
        "duplicated": "duplicate", "dup": "duplicate", "same": "duplicate", "identical": "duplicate",
    ]

    /// Stems of words that are about a network; a text without any is about something else, whatever it is like.
    static let field: Set<String> = Set(
        [
            "network address ip route router routing dns resolver resolve lookup name domain subnet range cidr vxlan",
            "overlay tunnel mtu jumbo proxy service endpoint backend ingress balancer loadbalancer gateway certificate",
            "tls mtls policy firewall switch bridge interface card veth packet frame traffic connect connection reach",
            "unreachable refused timeout peer session bgp neighbour neighbor mac arp icmp ping port udp tcp iptables",
            "nftables conntrack nat masquerade forward cni plugin calico cilium flannel weave antrea multus kubeproxy",
            "coredns mesh sidecar istio envoy webhook admission apiserver vpc eni ec2 hostport nodeport clusterip",
            "loopback kernel verifier bpf ebpf sysctl listen hostnetwork socket download upload vpn overlap allocate",
            "pool wireguard ipsec vlan bond qdisc throughput bandwidth inotify containercreating sandbox lock token",
            "injection handshake challenge acme agent nameserver hairpin openvswitch networkpolicy securitygroup",
        ].flatMap { $0.split(separator: " ") }.map { LikenessWords.stem(synonyms[String($0)] ?? String($0)) })

    struct Phrase {
        let rest: [String]
        let meaning: String
    }

    /// By their first word, the longest first.
    static let phrases: [String: [Phrase]] = {
        let list: [(String, String)] = [
            ("api server", "apiserver"), ("kubernetes api server", "apiserver"), ("kube apiserver", "apiserver"),
            ("kube api server", "apiserver"), ("k8s api", "apiserver"), ("kubernetes api", "apiserver"),
            ("load balancer", "loadbalancer"), ("load balancers", "loadbalancer"), ("core dns", "coredns"),
            ("kube dns", "coredns"), ("kube proxy", "kubeproxy"), ("cluster ip", "clusterip"),
            ("node port", "nodeport"),
            ("node ports", "nodeport"), ("network policy", "networkpolicy"), ("network policies", "networkpolicy"),
            ("ip tables", "iptables"), ("nf tables", "nftables"), ("service account", "serviceaccount"),
            ("service accounts", "serviceaccount"), ("end point", "endpoint"), ("end points", "endpoint"),
            ("endpoint slice", "endpoint"), ("endpoint slices", "endpoint"), ("timed out", "timeout"),
            ("time out", "timeout"), ("times out", "timeout"), ("deadline exceeded", "timeout"),
            ("context canceled", "timeout"), ("no route to host", "unreachable"),
            ("network is unreachable", "unreachable"), ("host unreachable", "unreachable"),
            ("not reachable", "unreachable"), ("cannot reach", "unreachable"), ("can t reach", "unreachable"),
            ("can not reach", "unreachable"), ("unable to reach", "unreachable"), ("could not reach", "unreachable"),
            ("connection refused", "refused"), ("can not", "cannot"), ("can t", "cannot"), ("could not", "cannot"),
            ("couldn t", "cannot"), ("unable to", "cannot"), ("not able to", "cannot"), ("is not able to", "cannot"),
            ("don t", "not"), ("does not", "not"), ("doesn t", "not"), ("do not", "not"), ("did not", "not"),
            ("didn t", "not"), ("isn t", "not"), ("is not", "not"), ("won t", "not"), ("aren t", "not"),
            ("wasn t", "not"), ("are not", "not"), ("data plane", "dataplane"), ("host network", "hostnetwork"),
            ("security group", "securitygroup"), ("security groups", "securitygroup"), ("open vswitch", "openvswitch"),
            ("let s encrypt", "letsencrypt"), ("exact same", "duplicate"), ("no longer", "nolonger"),
        ]
        var phrases: [String: [Phrase]] = [:]
        for (words, meaning) in list {
            let words = words.split(separator: " ").map(String.init)
            phrases[words[0], default: []].append(Phrase(rest: Array(words.dropFirst()), meaning: meaning))
        }
        return phrases.mapValues { $0.sorted { $0.rest.count > $1.rest.count } }
    }()
}
