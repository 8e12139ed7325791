// Keys as they are spelled. Kubernetes decodes with case-sensitive keys, unlike the runtimes that write our CNI input.

extension JSONNode {
    /// The member with exactly this key; of duplicates the last, as every decoder has it.
    public func member(_ key: String) -> JSONNode? {
        guard kind == .object else { return nil }
        var key = key
        let found = key.withUTF8 { wanted in
            // Through pointers: this is asked millions of times of a large cluster.
            document.tape.withUnsafeBufferPointer { tape in
                document.source.withUnsafeBufferPointer { source in
                    var found: Int?
                    var place = index + 1
                    let end = Int(tape[index].next)
                    while place < end {
                        if Self.isSpelled(self, place, tape[place], source, wanted) { found = place + 1 }
                        place = Int(tape[place + 1].next)
                    }
                    return found
                }
            }
        }
        return found.map { JSONNode(document: document, index: $0) }
    }

    /// Whether a key is spelled exactly so.
    private static func isSpelled(
        _ node: JSONNode, _ place: Int, _ key: JSONEntry, _ source: UnsafeBufferPointer<UInt8>,
        _ wanted: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        if key.traits.contains(.encoded) { return node.bytes(of: place).elementsEqual(wanted) }
        // Between the quotes.
        let start = Int(key.start) + 1
        guard Int(key.end) - 1 - start == wanted.count else { return false }
        for offset in 0..<wanted.count where source[start + offset] != wanted[offset] { return false }
        return true
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
