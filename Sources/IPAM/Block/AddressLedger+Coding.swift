import Addressing
import JSONTree

extension AddressLedger {
    /// The format of the checkpoint; a file of a later one is refused.
    public static let version: Int64 = 1

    /// - Parameter boot: which start of the machine the clock of the rests is of.
    public func value(boot: String) -> JSONValue {
        [
            "version": .int(Self.version), "boot": .string(boot),
            "blocks": .array(
                ranges.compactMap { range in
                    blocks[range].map { $0.value.settingMember("pool", to: .string(pools[range] ?? "")) }
                }),
        ]
    }

    /// - Returns: the ledger and the start of the machine it was written in.
    public static func read(_ node: JSONNode) throws(BlockFormatError) -> (ledger: AddressLedger, boot: String) {
        guard let version = node.member("version")?.int else { throw BlockFormatError("version", node) }
        guard version == Self.version else {
            throw BlockFormatError("version \(version) is not one this program can read; it writes \(Self.version)")
        }
        var ledger = AddressLedger()
        for element in node.member("blocks").map({ Array($0.elements) }) ?? [] {
            let block = try BlockAllocator(decoding: element)
            if ledger.blocks[block.range] != nil { throw BlockFormatError("range", element, "is there twice") }
            ledger.add(block, pool: element.member("pool")?.string ?? "")
        }
        return (ledger, node.member("boot")?.string ?? "")
    }
}
