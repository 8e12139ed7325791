/// `CNI_ARGS`: pairs `KEY=value` separated by `;`, from the runtime's user to one plugin of the chain.
///
/// Keys are matched exactly. Every plugin gets all pairs, so a plugin that reads some refuses the others, unless
/// `IgnoreUnknown` is `1` or `true`: container runtimes always send that together with their own pairs (K8S_POD_NAME...).
/// A plugin that reads none does not look at CNI_ARGS at all.
public struct CNIArguments: Hashable, Sendable {
    /// In order; a key may come twice, the last one counts.
    public let pairs: [(key: Substring, value: Substring)]
    public let ignoresUnknown: Bool

    public static func == (left: CNIArguments, right: CNIArguments) -> Bool {
        left.ignoresUnknown == right.ignoresUnknown && left.pairs.elementsEqual(right.pairs, by: ==)
    }

    public func hash(into hasher: inout Hasher) {
        for pair in pairs {
            hasher.combine(pair.key)
            hasher.combine(pair.value)
        }
    }

    /// - Parameter known: the keys the plugin reads.
    public init(_ text: String, known: [String]) throws(CNIError) {
        var pairs: [(key: Substring, value: Substring)] = []
        var unknown: [Substring] = []
        var ignoresUnknown = false
        if !text.isEmpty {
            for pair in text.split(separator: ";", omittingEmptySubsequences: false) {
                let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
                guard parts.count == 2 else {
                    throw CNIError(
                        .invalidEnvironment, "CNI_ARGS: invalid pair \"\(pair)\"",
                        details: "expected KEY=value pairs separated by ; in \"\(text)\"")
                }
                if parts[0] == "IgnoreUnknown" {
                    switch parts[1].lowercased() {
                    case "1", "true": ignoresUnknown = true
                    case "0", "false": ignoresUnknown = false
                    default:
                        throw CNIError(
                            .invalidEnvironment,
                            "CNI_ARGS: IgnoreUnknown must be 1, 0, true or false, not \"\(parts[1])\"")
                    }
                } else if known.contains(where: { $0 == parts[0] }) {
                    pairs.append((parts[0], parts[1]))
                } else {
                    unknown.append(pair)
                }
            }
        }
        if !unknown.isEmpty && !ignoresUnknown {
            throw CNIError(
                .invalidEnvironment, "CNI_ARGS: unknown args \(unknown.map { "\"\($0)\"" }.joined(separator: " "))",
                details: "this plugin reads \(known.joined(separator: ", ")); IgnoreUnknown=1 lets others pass")
        }
        self.pairs = pairs
        self.ignoresUnknown = ignoresUnknown
    }

    /// The value of a key; nil when it is not there or empty.
    public subscript(_ key: String) -> String? {
        guard let pair = pairs.last(where: { $0.key == key }), !pair.value.isEmpty else { return nil }
        return String(pair.value)
    }
}
