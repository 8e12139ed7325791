import Policy

/// A cause of failures, as the catalogue knows it. Codes never change their meaning.
public struct Cause: Sendable, Hashable {
    public enum Layer: String, Sendable, Hashable, CaseIterable {
        case installation = "INS"
        case apiAccess = "API"
        case webhooks = "WHK"
        case configuration = "CFG"
        case addresses = "IPM"
        case routing = "RTE"
        case bgp = "BGP"
        case bpf = "BPF"
        case dns = "DNS"
        case services = "SVC"
        case policy = "POL"
        case ingress = "ING"
        case mesh = "MSH"
        case mtu = "MTU"
        case performance = "PRF"
        case node = "NOD"
        case aws = "AWS"
        case azure = "AZR"
        case gcp = "GCP"
        case multiCluster = "MCL"
    }

    public let code: String
    /// What is wrong, as one clause.
    public let title: String
    /// How it comes about and what it does.
    public let mechanism: String
    /// What shows it and nothing else: the fact that turns "possible" into "certain".
    public let shows: String
    /// The smallest reversible step.
    public let fix: String
    /// The popular remedy that does not help, and why; empty for none.
    public let not: String
    /// Whether the evidence decides; otherwise it can only be likely.
    public let isDecisive: Bool

    init(
        _ code: String, _ title: String, _ mechanism: String, shows: String, fix: String, not: String = "",
        isDecisive: Bool = true
    ) {
        self.code = code
        self.title = title
        self.mechanism = mechanism
        self.shows = shows
        self.fix = fix
        self.not = not
        self.isDecisive = isDecisive
    }

    public var layer: Layer? { Layer(rawValue: String(code.prefix { $0 != "-" })) }

    /// By layer, in the order of the codes.
    public static let all: [Cause] =
        installation + access + configuration + addresses + routing + dataplane + names + services + edge + platform
        + policies

    /// What lint finds is a cause as well.
    private static let policies = LintCode.all.map { code in
        Cause(
            code.code, code.title, code.explanation, shows: "poplin policy lint --live", fix: "",
            // How many entries an agent's map takes, and how long it takes over them, only its own numbers decide.
            isDecisive: code.code != "POL-10")
    }

    private static let byCode = Dictionary(all.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    public static func coded(_ code: String) -> Cause? { byCode[code] }
}
