/// What a rule asks of a message. Patterns name what a mechanism must say whoever reports it (the errno, the file, the
/// object), not the sentence one program puts around it.
indirect enum LogPattern: Sendable {
    case has(LogWords)
    case all([LogPattern])
    case any([LogPattern])
    case not(LogPattern)
    /// What cannot be said with words: two values that disagree, a name out of a list.
    case check(@Sendable (LogText) -> Bool)

    func matches(_ text: LogText) -> Bool {
        switch self {
        case .has(let part): text.has(part)
        case .all(let parts): parts.allSatisfy { $0.matches(text) }
        case .any(let parts): parts.contains { $0.matches(text) }
        case .not(let part): !part.matches(text)
        case .check(let question): question(text)
        }
    }

    static func words(_ words: String...) -> LogPattern { .any(words.map { .has(LogWords($0)) }) }

    // MARK: What many rules ask

    static let timeout = words(
        "timeout", "timed out", "time out", "times out", "deadline exceeded", "deadline has elapsed",
        "deadlineexceeded", "context canceled",
        "timedout", "request canceled while waiting", "no response from", "timer expire", "did not properly respond",
        "(os error 110)", "errno 110", "(110)", "zeitüberschreitung", "délai d", "tiempo de espera", "连接超时",
        "время ожидания")
    static let refused = words(
        "connection refused", "econnrefused", "no such file or directory", "transport is closing", "unavailable",
        "actively refused", "(os error 111)", "errno 111", "(111)", "broker may not be available", "connexion refus",
        "verbindungsaufbau abgelehnt", "conexión rehusada", "conexión rechazada", "连接被拒绝", "соединении отказано")
    /// The other end answered that nobody listens, in the words of clients and languages.
    static let nobodyListens = words(
        "connection refused", "econnrefused", "actively refused", "(os error 111)", "errno 111", "(111)",
        "broker may not be available", "connexion refus", "verbindungsaufbau abgelehnt", "conexión rehusada",
        "conexión rechazada", "连接被拒绝", "соединении отказано", "couldn\"t connect to server", "failed to connect to",
        "could not connect to", "can\"t connect to", "no connection established")
    static let unreachable = words(
        "no route to host", "network is unreachable", "host unreachable", "not reachable", "unreachable", "unreach ",
        "ehostunreach", "enetunreach", "noroutetohost", "(os error 113)", "errno 113", "(113)",
        "keine route zum ziel", "aucun chemin d", "没有到主机的路由", "нет маршрута", "cannot reach",
        "can\"t reach", "could not reach", "cannot talk", "cannot connect", "no connectivity")
    static let aws = words(
        "aws", "ipamd", "ipam-d", " eni", "eni-", "ec2", "vpc", "add cmd:", "addnetworkreply", "assignpodipv",
        "failed to assign an ip address to")
    static let azure = words("azure", "cns", "azure-vnet")
    static let calico = words("calico", "felix", "typha", "bird", "autoassign")
    static let cilium = words("cilium")
    static let openVSwitch = words(
        "ovs", "openvswitch", "openswitch", "ovsdb", "ofswitch", "open vswitch", "vswitchd", "ofproto", "dpif",
        "br-int",
        "openflow", "ovnnb", "ovnsb", "ovn-appctl", "ovn-nbctl", "ovn-sbctl", "nbdb", "sbdb", "northbound",
        "southbound",
        "uplink port", "listing dp features", "ovn-controller", "northd", "|bridge|", "br-ex")
    static let noEndpoints = words(
        "no endpoints available", "does not have any active endpoint", "has no endpoints", "no active endpoint",
        "no ready endpoint", "no available endpoint", "no healthy endpoint", "no endpoint is ", "no endpoints are ",
        "without endpoints", "0 endpoints",
        "subset not found", "no destination available", "endpoints not available", "endpoints: <none>",
        "endpoints <none>", "no endpoints found")
    static let coredns = words("coredns", "plugin/", "kube-dns")
    static let outOfAddresses = words(
        "no ip addresses available", "no ip address available", "no available ip", "no available addresses",
        "no addresses available", "no free ip", "not enough ips", "out of ip", "ip exhaust", "no more ip",
        "failed to allocate for range", "failed to assign an ip", "failed to allocate address", "pool exhausted",
        "address pool is full", "range is full", "insufficient ip", "noavailableaddress", "no more addresses",
        "no free address", "no ips available", "no addresses left", "no ips left", "out of addresses",
        "no remaining address", "addresses used", "could not allocate ip", "addresses exhausted", "ips exhausted",
        "no free ips")
    static let absent = words(
        "not found", "no such", "does not exist", "doesn\"t exist", "missing", "cannot find", "can\"t find",
        "could not find", "couldn\"t find", "not present", "no object matching", "nxdomain")
    static let failing = words(
        "fail", "error", "unable", "cannot", "could not", "can\"t", "couldn\"t", "fatal", "denied", "invalid", "abort",
        "panic", "refus")
    /// The kernel does not know what it is asked for, in the words of errno.
    static let unknownToTheKernel = words(
        "operation not supported", "protocol not supported", "protocol not available", "not supported by the kernel",
        "address family not supported", "function not implemented", "unknown device type", "socket type not supported",
        "eopnotsupp", "eprotonosupport", "eafnosupport", "enosys", "(95)", "not implemented by the kernel",
        "unsupported by the kernel", "not supported by kernel",
        "kernel lacks")
    /// Who is asked to make something and does not manage.
    static let cannotMake = words(
        "failed to create", "could not create", "couldn\"t create", "unable to create", "cannot create",
        "error creating", "can\"t create", "failed creating", "failed to set up", "failed to setup", "could not add",
        "failed to add", "unable to add", "error adding", "cannot add", "failed adding", "failed to ensure", "creating "
    )
    /// Programs that make pods' networks, as their containers and pods are called.
    static let agent = words(
        "calico-node", "calico/node", "canal", "cilium", "flannel", "antrea", "ovnkube", "ovn-controller", "ovs-ovn",
        "kube-ovn", "kube-router", "weave-net", "weave-npc", "aws-node", "azure-cns", "azure-cni", "netd-", "kindnet",
        "multus", "spiderpool", "terway", "istio-cni", "linkerd-cni", "typha", "tigera", "install-cni", "whereabouts",
        "cni-node", "romana", "contiv", "calico/", "/cni:")
    /// Helpers of a mesh that live inside the application's pod.
    static let sidecar = words(
        "istio-proxy", "linkerd-proxy", "sidecar", "envoy-sidecar", "kuma-sidecar", "consul-dataplane")
    /// An API server's question to a pod, by its name or by its path.
    static let webhook = any([
        // Who asks the API for the webhook's own object has not called it.
        all([words("webhook"), any([not(words("/apis/", "/api/v1")), words("failed calling", "failed to call")])]),
        all([words(".svc:", ".svc/"), words("/mutat", "/validat", "/admission", "/convert", "/admit")]),
    ])
    static let loadBalancer = words(
        "load balancer", "loadbalancer", "metallb", "kube-vip", "lb-ipam", "external-ip", "external ip")

    /// A port that stands behind an address, a name or the word itself.
    static func port(_ numbers: Int...) -> LogPattern { .check { text in numbers.contains(where: text.hasPort) } }
}

/// Words to look for, made ready once: hundreds of them are asked of every line, and nearly all in vain.
struct LogWords: Sendable {
    let bytes: [UInt8]
    /// Which two bytes it begins and ends with, as `LogText` numbers them; 0 for a single byte.
    let first: Int
    let last: Int

    init(_ text: String) {
        bytes = Array(text.utf8)
        first = bytes.count < 2 ? 0 : LogText.pair(bytes[0], bytes[1])
        last = bytes.count < 2 ? 0 : LogText.pair(bytes[bytes.count - 2], bytes[bytes.count - 1])
    }
}

/// One mechanism: when a message speaks of it, which causes it may be, the likeliest first.
struct LogRule: Sendable {
    let pattern: LogPattern
    let codes: [String]
    /// Of the first cause; the others are possible.
    let confidence: Confidence
    /// What would tell the causes apart.
    let needs: [String]

    init(_ confidence: Confidence, _ codes: String..., when pattern: LogPattern, needs: String...) {
        self.init(confidence, codes: codes, when: pattern, needs: needs)
    }

    init(_ confidence: Confidence, codes: [String], when pattern: LogPattern, needs: [String]) {
        self.confidence = confidence
        self.codes = codes
        self.pattern = pattern
        self.needs = needs
    }
}
