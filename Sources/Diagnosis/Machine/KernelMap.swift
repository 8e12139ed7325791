import JSONTree

/// A BPF map of a machine, with how much of it is used.
public struct KernelMap: Sendable, Hashable {
    public var id: Int64
    /// `hash`, `lru_hash`, `lpm_trie`, ...
    public var type: String
    /// At most fifteen bytes of it.
    public var name: String
    public var mostEntries: Int64
    /// Nil where it was not counted.
    public var entries: Int64?
    /// Where it is pinned.
    public var paths: [String]

    init?(_ node: JSONNode) {
        guard let id = node.member("id")?.int, let type = node.member("type")?.string,
            let most = node.member("max_entries")?.int
        else { return nil }
        self.id = id
        self.type = type
        mostEntries = most
        name = node.member("name")?.string ?? ""
        entries = node.member("entries")?.int
        paths = node.member("pinned").map { $0.elements.compactMap(\.string) } ?? []
    }

    /// A map that refuses what does not fit. An LRU map throws out the oldest instead, and to be full is its normal state.
    public var refuses: Bool { ["hash", "percpu_hash", "lpm_trie", "hash_of_maps"].contains(type) }

    /// The name it is pinned by, which is whole, or its own.
    public var fullName: String { paths.first?.split(separator: "/").last.map(String.init) ?? name }
}

extension NodeEvidence {
    /// Nil when they were not collected.
    public var kernelMaps: [KernelMap]? {
        decoded.value("kernel maps") { () -> [KernelMap]? in
            guard let list = json(.bpf)?.member("maps"), list.kind == .array else { return nil }
            return list.elements.compactMap { KernelMap($0) }
        }
    }
}
