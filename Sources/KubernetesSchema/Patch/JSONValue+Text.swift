import JSONTree

extension JSONValue {
    /// The value as JSON on one line.
    func text(sortedKeys: Bool = false) -> String {
        String(decoding: serialized(sortedKeys: sortedKeys), as: UTF8.self)
    }
}
