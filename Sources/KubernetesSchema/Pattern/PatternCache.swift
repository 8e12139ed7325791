import Synchronization

/// Compiled patterns by their text: a schema's pattern is compiled once, not once for each object.
enum PatternCache {
    private static let known = Mutex<[String: Pattern?]>([:])

    /// Patterns come from CustomResourceDefinitions, which change; past this many the cache begins anew.
    private static let limit = 4096

    /// nil for what is no pattern.
    static func pattern(_ text: String) -> Pattern? {
        if let pattern = known.withLock({ $0[text] }) { return pattern }
        let pattern = try? Pattern(text)
        known.withLock { known in
            if known.count >= limit { known = [:] }
            known[text] = pattern
        }
        return pattern
    }
}
