// Keys as they are spelled. Kubernetes decodes with case-sensitive keys, unlike the runtimes that write our CNI input.

extension JSONNode {
    /// The member with exactly this key; of duplicates the last, as every decoder has it.
    public func member(_ key: String) -> JSONNode? {
        guard kind == .object else { return nil }
        var key = key
        return key.withUTF8 { wanted in
            var found: JSONNode?
            for index in JSONMemberIndices(of: self) where isSpelled(key: index, wanted) {
                found = JSONNode(document: document, index: index + 1)
            }
            return found
        }
    }

    /// The value at the end of these keys, each spelled exactly: `pod.at("metadata", "name")`.
    public func at(_ path: String...) -> JSONNode? { at(path) }

    public func at(_ path: some Sequence<String>) -> JSONNode? {
        var here = self
        for key in path {
            guard let next = here.member(key) else { return nil }
            here = next
        }
        return here
    }

    /// Whether two places are one: the same value of the same document.
    public func isSamePlace(as other: JSONNode) -> Bool { document === other.document && index == other.index }
}
