import Addressing
import JSONTree

extension BlockAllocator {
    /// The allocator as JSON, addresses as texts, so that a person can read it. Reservations are not part of it: they
    /// belong to the pool.
    public var value: JSONValue {
        let given = allocations.map { allocation in
            var members = [
                JSONMember("address", .string(allocation.address.description)),
                JSONMember("handle", .string(allocation.holder.handle)),
                JSONMember("sequence", .uint(allocation.sequence)),
            ]
            for (key, text) in [
                ("namespace", allocation.holder.namespace), ("name", allocation.holder.name),
                ("uid", allocation.holder.uid),
            ] where !text.isEmpty { members.append(JSONMember(key, .string(text))) }
            return JSONValue.object(members)
        }
        var rest: [(UInt64, JSONValue)] = []
        var free: [(UInt64, JSONValue)] = []
        for (ordinal, slot) in slots {
            let text = JSONValue.string(address(ordinal).description)
            switch slot.state {
            case .resting(let until):
                rest.append(
                    (slot.sequence, ["address": text, "until": .uint(until), "sequence": .uint(slot.sequence)]))
            case .idle: free.append((slot.sequence, ["address": text, "sequence": .uint(slot.sequence)]))
            case .allocated: break
            }
        }
        func ordered(_ list: [(UInt64, JSONValue)]) -> JSONValue {
            .array(list.sorted { $0.0 < $1.0 }.map(\.1))
        }
        return [
            "range": .string(range.description), "sequence": .uint(sequence), "allocated": .array(given),
            "resting": ordered(rest), "idle": ordered(free),
        ]
    }

    /// - Throws: a sentence with the path of what cannot be read.
    public init(decoding node: JSONNode, reserved: [IPRange] = []) throws(BlockFormatError) {
        guard let range = node.member("range")?.string.flatMap({ IPPrefix($0) }) else {
            throw BlockFormatError("range", node)
        }
        self.init(range, reserved: reserved)
        guard let sequence = node.member("sequence")?.uint else { throw BlockFormatError("sequence", node) }
        for entry in Self.elements(node, "allocated") {
            guard let handle = entry.member("handle")?.string, !handle.isEmpty else {
                throw BlockFormatError("handle", entry)
            }
            func text(_ key: String) -> String { entry.member(key)?.string ?? "" }
            let holder = BlockHolder(handle, namespace: text("namespace"), name: text("name"), uid: text("uid"))
            try insert(entry, .allocated(holder))
            allocatedCount += 1
        }
        for entry in Self.elements(node, "resting") {
            guard let until = entry.member("until")?.uint else { throw BlockFormatError("until", entry) }
            resting.append(try insert(entry, .resting(until: until)))
            restingCount += 1
        }
        for entry in Self.elements(node, "idle") {
            let slot = try insert(entry, .idle)
            if !isReserved(address(slot.ordinal)) { idle.append(slot) }
        }
        self.sequence = max(sequence, slots.values.map(\.sequence).max() ?? 0)
    }

    private static func elements(_ node: JSONNode, _ key: String) -> [JSONNode] {
        node.member(key).map { Array($0.elements) } ?? []
    }

    @discardableResult
    private mutating func insert(_ entry: JSONNode, _ state: State) throws(BlockFormatError) -> SlotQueue.Entry {
        guard let address = entry.member("address")?.string.flatMap({ IPAddress($0) }), let ordinal = ordinal(address)
        else { throw BlockFormatError("address", entry) }
        guard let sequence = entry.member("sequence")?.uint else { throw BlockFormatError("sequence", entry) }
        guard slots[ordinal] == nil else { throw BlockFormatError("address", entry, "is there twice") }
        slots[ordinal] = Slot(state: state, sequence: sequence)
        return SlotQueue.Entry(ordinal: ordinal, sequence: sequence)
    }
}

/// Why a stored allocator cannot be read.
public struct BlockFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ field: String, _ node: JSONNode, _ reason: String = "is missing or cannot be read") {
        let path = node.path
        description = "\(path.isEmpty ? field : "\(path).\(field)") \(reason) (\(node.position))"
    }

    init(_ description: String) { self.description = description }
}
