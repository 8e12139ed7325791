/// What somebody tells in their own words: what works and what does not, clause by clause.
///
/// "Pods cannot reach the service, directly they do" says more than its words: the way that works rules out what both
/// ways have in common. A negation belongs to its clause, and a clause that only says "the others do" is about what the
/// clause before it was about.
struct LogAccount: Sendable {
    /// What a clause is about.
    enum Matter: Sendable, Hashable, CaseIterable {
        case service, podAddress, nodePort, name, inner, outer, itself, sameNode, otherNode, loopback
        case ping, stream, datagram, segment, large, small, oldPods, newPods, address, host, policy
    }

    private(set) var works: Set<Matter> = []
    private(set) var fails: Set<Matter> = []
    /// How many clauses complain, and how many say that something works.
    private(set) var complaints = 0
    private(set) var successes = 0
    /// Whether somebody only says that all is well.
    private(set) var isContent = false
    /// Whether a word of trouble stands in it, and is denied: "without any problem".
    private(set) var deniesTrouble = false

    /// - Parameter text: in lower case, with one kind of quotes, as ``LogText`` has it.
    init(_ text: String) {
        var before: Set<Matter> = []
        for clause in Self.clauses(of: text) {
            var matters = clause.matters
            // "And to nobody else" is about what was not said.
            if matters.subtracting([.host, .stream]).isEmpty, !clause.text.contains(" else ") {
                // "But TCP hangs" is not about the pings that pass.
                matters.formUnion(matters.contains(.stream) ? before.subtracting([.ping, .small]) : before)
            }
            // "External ones give SERVFAIL" is about names if the clause before was.
            if before.contains(.name), !matters.contains(.address), !matters.isDisjoint(with: [.inner, .outer]) {
                matters.insert(.name)
            }
            // The cluster's own names are its services'.
            if matters.isSuperset(of: [.service, .name]) { matters.insert(.inner) }
            before = matters.subtracting([.host])
            switch clause.tone {
            case .works:
                works.formUnion(matters)
                successes += 1
            case .fails:
                fails.formUnion(matters)
                complaints += 1
            case .neither: break
            }
        }
        let padded = " " + text + " "
        deniesTrouble = Self.affirmations.contains(where: padded.contains)
        let isWell = Self.contentment.contains(where: padded.contains)
        isContent =
            complaints == 0 && (isWell || Self.wishes.contains(where: padded.contains))
            && !Self.reservations.contains(where: padded.contains)
    }

    func fails(_ matters: Matter...) -> Bool { fails.isSuperset(of: matters) }
    func works(anyOf matters: Matter...) -> Bool { !works.isDisjoint(with: matters) }

    // MARK: Clauses

    private enum Tone { case works, fails, neither }

    private struct Clause {
        var text: String
        var tone: Tone
        var matters: Set<Matter>
    }

    private static let joints: Set<Substring> = [
        "but", "while", "whereas", "although", "though", "yet", "however", "and", "because", "until", "unless",
    ]

    /// Parts between commas, stops and conjunctions; a part without a verb of its own belongs to the next.
    private static func clauses(of text: String) -> [Clause] {
        var parts: [[Substring]] = [[]]
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" }) {
            if joints.contains(word) {
                parts.append([])
                continue
            }
            let bare = word.drop { "(".contains($0) }
            if bare.count < word.count { parts.append([]) }
            let core = String(bare.reversed().drop { ",;.:!?)".contains($0) }.reversed())
            parts[parts.count - 1].append(Substring(core))
            if core.count < bare.count { parts.append([]) }
        }
        var clauses: [Clause] = []
        var waiting: [Substring] = []
        for part in parts where !part.isEmpty {
            let words = waiting + part
            let text = " " + words.joined(separator: " ") + " "
            let tone = tone(of: text)
            if tone == .neither {
                waiting = words
                continue
            }
            waiting = []
            clauses.append(Clause(text: text, tone: tone, matters: matters(in: text)))
        }
        if !waiting.isEmpty {
            let text = " " + waiting.joined(separator: " ") + " "
            clauses.append(Clause(text: text, tone: .neither, matters: matters(in: text)))
        }
        return clauses
    }

    private static func tone(of clause: String) -> Tone {
        if affirmations.contains(where: clause.contains) { return .works }
        if negations.contains(where: clause.contains) { return .fails }
        return successWords.contains(where: clause.contains) ? .works : .neither
    }

    /// A negation of a trouble.
    private static let affirmations = [
        "without trouble", "without problem", "without any problem", "without issue", "without any issue",
        "without error", " no problem", " no issue", " no trouble", " no errors", "not affected", "unaffected",
        "never fails", "never does ", "nothing wrong", "not a problem",
    ]
    private static let negations = [
        " not ", "n\"t ", "cannot ", " no ", " none ", " nobody ", " never ", " nothing ", " neither ", "fail",
        " unable ", "times out", " time out", "timed out", "timeout", "timing out", " hang", "refus", " lost ",
        " lose", " losing ", " dead ", "broken", " break", " broke ", "unreachable", "stall", " drop", "block", " den",
        "reset", " stop", "servfail", "nxdomain", " slow", "vanish", "disappear", " die", "impossible", " error",
        "stuck", "reject", " wrong ", "bad gateway", " 502 ", " 503 ", " 504 ", "no longer", "complain", "crash",
        " pending ", " taken ", " exhaust", "misbehav", " freez", " stays silent", " goes silent", " eaten ",
        " swallow",
        " only if ", " forbid", " turned away", " ignor", " useless ", " hardly ", " barely ",
    ]
    /// Words that leave no doubt, and words that take it back: where something should not work it is no good news.
    private static let contentment = [
        " works", " working", " fine", "as expected", " healthy", "no problem", "no issue", "as before", "as it should",
        "as it did before", " ready again", "are ready", "back to normal", "is reachable", "are reachable",
        "reachable again", " are green", " is green",
        "without trouble", "without problem", "without any problem",
    ]
    /// What somebody has before them, and not behind them.
    private static let wishes = [
        "would like to try", "would like to test", "plan to", "planning to", "thinking about", "thinking of",
        "considering to", "intend to", "going to try",
        "how do i see", "how do i find", "how can i see", "how can i find", "how do i list", "how do i show",
    ]
    private static let reservations = [
        " still ", " only ", "polic", " instead", "workaround", "work around", " after i ", "if i ", " when i ",
        "until ", "sometimes", " why ", "should", "restarting", "once i ", "resolve", " fix",
    ]
    private static let successWords = [
        " work", " fine ", " ok ", " okay ", " can ", " able ", " reach", " resolve ", " resolves ", " succeed",
        " answers ", " passes ", " pass ", " through ", " do ", " does ", " healthy ", " good ", " normal",
        "as expected", " respond", " opens ", " run ", " runs ", " running ", " did ", " gets through ", " 200 ",
        " connects ", " connect ", " talk ", " flow ", " flows ", " see each other", " come back", " comes back",
        " repl", " arrive", " get there", " gets there", " gets it", " get it", " load ", " loads ", " finds ",
        " find ",
        " get out", " gets out", " completes ", " complete ", " establish", " succeeds ", " possible ",
    ]

    private static func matters(in clause: String) -> Set<Matter> {
        let named = words.filter { $0.words.contains(where: clause.contains) }.map(\.matter)
        return Set(named).union(places(in: clause))
    }

    private static let machines: Set<Substring> = [
        "node", "nodes", "host", "hosts", "machine", "machines", "worker", "workers", "server", "servers", "box",
        "boxes",
        "vm", "vms", "instance", "instances", "minion", "minions", "hypervisor", "hypervisors", "kubelet",
    ]
    private static let together: Set<Substring> = ["same", "one", "single", "share", "within", "its"]
    private static let apart: Set<Substring> = [
        "other", "another", "different", "separate", "two", "second", "remote", "across", "between", "others",
        "several",
        "distinct", "neighbouring", "neighboring", "foreign",
    ]

    /// Whether it is about one machine or about two: the word before the machine's, or the one before that.
    private static func places(in clause: String) -> Set<Matter> {
        var found: Set<Matter> = []
        let words = clause.split(separator: " ")
        for (place, word) in words.enumerated() where machines.contains(word) {
            let before = words[..<place].suffix(2)
            if before.contains(where: apart.contains) {
                found.insert(.otherNode)
            } else if before.contains(where: together.contains), word.last != "s" || before.last == "within" {
                found.insert(.sameNode)
            } else if before.last == "a", before.first == "share" || before.first == "on" || before.first == "within" {
                found.insert(.sameNode)
            }
        }
        return found
    }

    private static let words: [(matter: Matter, words: [String])] = [
        (
            .service,
            [
                " service ", " services ", "service\"s", " svc ", "cluster ip", "clusterip", "cluster-ip", "virtual ip",
                " vip ", "service ip", "service address",
            ]
        ),
        (
            .podAddress,
            [
                "pod ip", "pod\"s ip", "pods\" ip", "podip", "pod-ip", "pod address", "pods\" address",
                "pod\"s address",
                " directly", " direct ", "endpoint ip", "endpoint address", "its ip", "their ip", "container ip",
                "container\"s ip", "ip of the pod", "ips of the pod", "each other", "pod to pod", "pod-to-pod",
                "address of the pod", "addresses of the pods", "pods behind", "other pod", "another pod", "backend",
                "own addresses", "own address", "own ip", "pods themselves", "endpoints themselves",
                "container address",
                "pod itself", "pods by address", "east-west", "east west", "among pods", "between pods", "to pods",
                "pod traffic",
            ]
        ),
        (.nodePort, ["nodeport", "node port", "node-port"]),
        (.name, [" dns ", "name", "resol", "lookup", " dig ", "hosts by name"]),
        (
            .inner,
            [
                "internal", "in-cluster", "cluster.local", "inside the cluster", "within the cluster", "in the cluster",
                "service discovery", "cluster name",
            ]
        ),
        (
            .outer,
            [
                "external", " outside", "public", "internet", "google", "github", "8.8.8.8", "1.1.1.1", "the world",
                "outer ", " the web ", "third party", "third-party", "upstream", "way out", "out of the cluster",
                "beyond the cluster",
            ]
        ),
        (
            .itself,
            [
                " itself ", "its own pods", "own pods", "from the pod to its service", "its own service", "own service",
                "their own service", "to self", "own vip", "own cluster",
                "own virtual", "own clusterip",
            ]
        ),
        (
            .sameNode,
            [
                "same node", "same host", "same machine", "same worker", "same server", "local to a node",
                "local to the node", "within a node", "within one node", "on one node", "everything local",
                "node-local", "locally", "that node only", "same box", "its own machine", "its own node",
                "its own host",
            ]
        ),
        (
            .otherNode,
            [
                "other node", "another node", "different node", "across node", "across the node", "between node",
                "between the node", "cross node", "cross-node", "inter-node", "remote node", "other host",
                "different host", "another host", "other worker", "different worker", "other machine", "across host",
                "between host", "different machine", "other box", "neighbour node", "neighboring node",
            ]
        ),
        (
            .loopback,
            [
                "loopback", "localhost", "127.0.0.1", "inside the container", "in the container", "port-forward",
                "port forward",
            ]
        ),
        (.ping, [" ping", "icmp"]),
        (.datagram, [" udp"]),
        (.segment, [" tcp"]),
        (.stream, [" tcp", " udp", "http", "curl", "telnet", " connection", " nc "]),
        (
            .large,
            [
                " large", " big ", " bigger ", " bulk", "upload", "download", "handshake", "git clone", "transfer",
                " frames ", "payload", "long response", "huge", "megabyte", "kilobyte", " mb ", " kb ", " bytes",
            ]
        ),
        (.small, [" small", " tiny ", " short ", " little ", " ping"]),
        (.oldPods, ["existing pods", "old pods", "running pods", "already running", "existing ones", "older pods"]),
        (
            .newPods,
            [
                "new pods", "new ones", "newly created", "fresh pods", "newly started", "new pod ", "new workloads",
                "pods started since", "new replicas",
            ]
        ),
        (.address, [" address", " ip ", " ips "]),
        (
            .host,
            [
                "from the host", "from the node", "from node", "from hosts", "on the host", "the hosts do",
                "the nodes do", "node can ", "nodes can ", "host can ", "hosts can ", "host itself", "node itself",
                "nodes themselves", "hosts themselves", "node does", "from my laptop", "the host reaches",
                "the node reaches",
            ]
        ),
        (.policy, ["policy", "policies", "netpol", "default deny"]),
    ]
}
