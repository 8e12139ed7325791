import JSONTree

/// A machine's clock as its ``NodeEvidence/Part/clock`` has it.
public struct MachineClock: Sendable, Hashable {
    /// What it said, in seconds since 1970.
    var wall: Int64
    /// What the clock of whoever asked said when the answer was there.
    var seen: Int64

    /// Nil where nobody noted when the answer came: then it says nothing about the clock.
    init?(_ document: EvidenceTree.Document?) {
        guard let document, let root = try? JSONTree(parsing: document.bytes).root,
            let wall = root.member("wall")?.int, let seen = root.member("seen")?.int
        else { return nil }
        self.wall = wall
        self.seen = seen
    }

    /// The document with the moment at which it was there.
    /// - Parameter seen: nanoseconds since 1970.
    public static func marked(_ bytes: [UInt8], seen: UInt64) -> [UInt8] {
        guard let root = try? JSONTree(parsing: bytes).root, root.kind == .object else { return bytes }
        return JSONValue(root).settingMember("seen", to: .uint(seen / 1_000_000_000)).serialized()
    }
}
