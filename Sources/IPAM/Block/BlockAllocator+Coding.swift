import Addressing
import JSONTree

extension BlockAllocator {
    /// The allocator as JSON, addresses as texts, so that a person can read it. Reservations are not part of it: they
    /// belong to the pool.
    public var value: JSONValue {
        let given = allocations.map { Self.entry($0.address, .allocated($0.holder), $0.sequence) }
        var rest: [(UInt64, JSONValue)] = []
        var free: [(UInt64, JSONValue)] = []
        for (ordinal, slot) in slots {
            switch slot.state {
            case .resting: rest.append((slot.sequence, Self.entry(address(ordinal), slot.state, slot.sequence)))
            case .idle: free.append((slot.sequence, Self.entry(address(ordinal), slot.state, slot.sequence)))
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

    /// One address: `handle` says that it is given out, `until` that it rests.
    private static func entry(_ address: IPAddress, _ state: State, _ sequence: UInt64) -> JSONValue {
        var members = [JSONMember("address", .string(address.description))]
        switch state {
        case .allocated(let holder):
            members += [JSONMember("handle", .string(holder.handle)), JSONMember("sequence", .uint(sequence))]
            for (key, text) in [("namespace", holder.namespace), ("name", holder.name), ("uid", holder.uid)]
            where !text.isEmpty { members.append(JSONMember(key, .string(text))) }
        case .resting(let until):
            members += [JSONMember("until", .uint(until)), JSONMember("sequence", .uint(sequence))]
        case .idle:
            members.append(JSONMember("sequence", .uint(sequence)))
        }
        return .object(members)
    }

    // MARK: Changes

    /// The addresses that changed since this was asked last, as they are now.
    mutating func takeChanges() -> [JSONValue] {
        var values: [JSONValue] = []
        for (place, ordinal) in changed.enumerated() where !changed[..<place].contains(ordinal) {
            guard let slot = slots[ordinal] else { continue }
            values.append(Self.entry(address(ordinal), slot.state, slot.sequence))
        }
        changed = []
        return values
    }

    /// Takes one of the values of ``takeChanges()``. Queues and counts are right only after ``recount()``.
    mutating func restore(_ entry: JSONNode) throws(BlockFormatError) {
        let place = try Self.place(entry, in: self)
        let state: State
        if entry.member("handle") != nil {
            state = .allocated(try Self.holder(entry))
        } else if let until = entry.member("until")?.uint {
            state = .resting(until: until)
        } else {
            state = .idle
        }
        slots[place.ordinal] = Slot(state: state, sequence: place.sequence)
        sequence = max(sequence, place.sequence)
    }

    /// Makes queues and counts say what the slots say.
    mutating func recount() {
        allocatedCount = 0
        var rest: [SlotQueue.Entry] = []
        var free: [SlotQueue.Entry] = []
        for (ordinal, slot) in slots {
            let entry = SlotQueue.Entry(ordinal: ordinal, sequence: slot.sequence)
            switch slot.state {
            case .allocated: allocatedCount += 1
            case .resting: rest.append(entry)
            case .idle: if !isReserved(address(ordinal)) { free.append(entry) }
            }
        }
        restingCount = rest.count
        resting = SlotQueue(rest.sorted { $0.sequence < $1.sequence })
        idle = SlotQueue(free.sorted { $0.sequence < $1.sequence })
    }

    // MARK: Reading

    /// - Throws: a sentence with the path of what cannot be read.
    public init(decoding node: JSONNode, reserved: [IPRange] = []) throws(BlockFormatError) {
        guard let range = node.member("range")?.string.flatMap({ IPPrefix($0) }) else {
            throw BlockFormatError("range", node)
        }
        self.init(range, reserved: reserved)
        guard let sequence = node.member("sequence")?.uint else { throw BlockFormatError("sequence", node) }
        for entry in Self.elements(node, "allocated") {
            try insert(entry, .allocated(try Self.holder(entry)))
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
        let place = try Self.place(entry, in: self)
        guard slots[place.ordinal] == nil else { throw BlockFormatError("address", entry, "is there twice") }
        slots[place.ordinal] = Slot(state: state, sequence: place.sequence)
        return place
    }

    private static func place(_ entry: JSONNode, in block: Self) throws(BlockFormatError) -> SlotQueue.Entry {
        guard let address = entry.member("address")?.string.flatMap({ IPAddress($0) }),
            let ordinal = block.ordinal(address)
        else { throw BlockFormatError("address", entry) }
        guard let sequence = entry.member("sequence")?.uint else { throw BlockFormatError("sequence", entry) }
        return SlotQueue.Entry(ordinal: ordinal, sequence: sequence)
    }

    private static func holder(_ entry: JSONNode) throws(BlockFormatError) -> BlockHolder {
        guard let handle = entry.member("handle")?.string, !handle.isEmpty else {
            throw BlockFormatError("handle", entry)
        }
        func text(_ key: String) -> String { entry.member(key)?.string ?? "" }
        return BlockHolder(handle, namespace: text("namespace"), name: text("name"), uid: text("uid"))
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
