import Addressing
import JSONTree

extension AddressLedger {
    /// The format of the checkpoint; a file of a later one is refused. 1 had no changes behind it.
    public static let version: Int64 = 2

    /// - Parameters:
    ///   - boot: which start of the machine the clock of the rests is of.
    ///   - edition: what the changes behind this value name, so that they are of this one and not of one before.
    public func value(boot: String, edition: UInt64) -> JSONValue {
        [
            "version": .int(Self.version), "boot": .string(boot), "edition": .uint(edition),
            "blocks": .array(
                ranges.compactMap { range in
                    blocks[range].map { $0.value.settingMember("pool", to: .string(pools[range] ?? "")) }
                }),
        ]
    }

    /// What a file says.
    public struct Reading: Sendable {
        public var ledger = AddressLedger()
        /// The start of the machine it was written in.
        public var boot: String
        /// Nil: of a version that has no changes behind it.
        public var edition: UInt64?

        /// Does the changes behind it, in their order.
        public mutating func restore(_ changes: [JSONNode]) throws(BlockFormatError) { try ledger.restore(changes) }
    }

    public static func read(_ node: JSONNode) throws(BlockFormatError) -> Reading {
        guard let version = node.member("version")?.int else { throw BlockFormatError("version", node) }
        guard (1...Self.version).contains(version) else {
            throw BlockFormatError(
                "version \(version) is not one this program can read; it writes \(Self.version)")
        }
        var reading = Reading(boot: node.member("boot")?.string ?? "", edition: node.member("edition")?.uint)
        for element in node.member("blocks").map({ Array($0.elements) }) ?? [] {
            let block = try BlockAllocator(decoding: element)
            if reading.ledger.blocks[block.range] != nil { throw BlockFormatError("range", element, "is there twice") }
            reading.ledger.add(block, pool: element.member("pool")?.string ?? "")
        }
        return reading
    }
}
