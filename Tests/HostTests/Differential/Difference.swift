/// A difference from the reference plugins that we want, with the reason. The rows are the source of
/// docs/reference/cni-differences.md, and each is checked by the scenarios that name it.
struct Difference: Sendable {
    /// Stable, kebab-case; scenarios and the document use it.
    let id: String
    let plugins: String
    /// What containernetworking-plugins 1.1.1 does.
    let reference: String
    /// What Poplin does.
    let ours: String
    let reason: String
    /// Leaves the row accepts; `*` stands for any text.
    var paths: [String] = []
    /// Shows in (nearly) every scenario, so that scenarios need not name it.
    var everywhere = false
    /// Narrows ``paths`` by the two values.
    var values: (@Sendable (JSON?, JSON?) -> Bool)?

    func accepts(_ disagreement: Disagreement) -> Bool {
        paths.contains { wildcard($0, matches: disagreement.path) }
            && (values?(disagreement.reference, disagreement.ours) ?? true)
    }

    /// Matches whole texts; only `*` is special.
    private func wildcard(_ pattern: String, matches text: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = pieces.first, text.hasPrefix(first) else { return false }
        if pieces.count == 1 { return text == pattern }
        var rest = text.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(pieces.last ?? "")
    }
}
