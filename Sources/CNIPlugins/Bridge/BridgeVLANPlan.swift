import CNI
import Netlink

/// The VLANs of a container's port: `vlan`, `vlanTrunk`, `preserveDefaultVlan`.
struct BridgeVLANPlan: Equatable {
    /// `vlan`: frames of the container belong to it, and it sees no tags. Nil (0) is none.
    var access: UInt16?
    /// `vlanTrunk`: VLANs that the container sees with their tags.
    var trunk: [ClosedRange<UInt16>] = []
    /// `preserveDefaultVlan`: the port stays in the bridge's default VLAN besides.
    var keepsDefault = false

    init() {}

    init(_ reader: ConfigurationReader) throws(CNIError) {
        let number = try reader.integer("vlan", default: 0, in: 0...4094)
        access = number == 0 ? nil : UInt16(number)
        keepsDefault = try reader.bool("preserveDefaultVlan", default: false)
        for entry in try reader.objects("vlanTrunk") { trunk += try Self.ranges(entry) }
        trunk = Self.merged(trunk)
    }

    /// One entry of `vlanTrunk`: a range `minID`...`maxID`, or a single `id`, or both.
    private static func ranges(_ entry: ConfigurationReader) throws(CNIError) -> [ClosedRange<UInt16>] {
        let identifiers = 1...4094
        let first = try entry.integer("minID", in: identifiers)
        let last = try entry.integer("maxID", in: identifiers)
        let single = try entry.integer("id", in: identifiers)
        var ranges: [ClosedRange<UInt16>] = []
        switch (first, last) {
        case (.some(let first), .some(let last)):
            if first > last { throw entry.invalid("minID", "is greater than maxID: \(first) > \(last)") }
            ranges.append(UInt16(first)...UInt16(last))
        case (.some, nil): throw entry.invalid("minID", "needs a maxID beside it")
        case (nil, .some): throw entry.invalid("maxID", "needs a minID beside it")
        case (nil, nil):
            if single == nil { throw entry.invalid(entry.node, "needs an id, or minID and maxID") }
        }
        if let single { ranges.append(UInt16(single)...UInt16(single)) }
        return ranges
    }

    /// The same VLANs as ranges that neither overlap nor touch, in order: what the kernel lists.
    static func merged(_ ranges: [ClosedRange<UInt16>]) -> [ClosedRange<UInt16>] {
        var result: [ClosedRange<UInt16>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// Whether the bridge has to look at tags.
    var needsFiltering: Bool { access != nil || !trunk.isEmpty }

    /// What is added to the port. A trunk without an access VLAN leaves untagged frames in VLAN 1.
    var memberships: [BridgeVLAN] {
        var list = trunk.map { BridgeVLAN($0.lowerBound, through: $0.upperBound) }
        if let access { list.append(BridgeVLAN(access, isPortVLAN: true, isUntagged: true)) }
        return list
    }

    /// What is taken off first: a new port is in the bridge's default VLAN.
    var removals: [BridgeVLAN] { access != nil && !keepsDefault ? [BridgeVLAN(1)] : [] }

    /// Whether the kernel's list for a port has all of it.
    func isSatisfied(by vlans: [BridgeVLAN]) -> Bool {
        memberships.allSatisfy { wanted in
            (wanted.first...wanted.last).allSatisfy { id in
                vlans.contains { has in
                    (has.first...has.last).contains(id) && (!wanted.isPortVLAN || has.isPortVLAN)
                        && (!wanted.isUntagged || has.isUntagged)
                }
            }
        }
    }
}
