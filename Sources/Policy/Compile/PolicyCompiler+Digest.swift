import Addressing

// One number for everything that is compiled. It does not depend on the order in which objects arrived, on the numbers
// that classes happened to get, nor on the process: two agents that know the same cluster have the same digest.

extension PolicyCompiler {
    /// The sum over all endpoints of their name and program. Computed on demand, at the cost of reading every entry.
    public var digest: UInt64 {
        var byProgram: [Int32: UInt64] = [:]
        for (id, record) in programs { byProgram[id] = digest(of: record.program) }
        var sum: UInt64 = 0
        for (id, record) in programs {
            for pod in record.endpoints {
                var hash = StableHash()
                hash.combine(engine.podIDs.names[Int(pod)].description)
                hash.combine(byProgram[id] ?? 0)
                sum &+= hash.value
            }
        }
        return sum
    }

    private func digest(of program: EndpointProgram) -> UInt64 {
        var sum: UInt64 = 0
        for direction in Direction.allCases {
            for (index, tier) in program[direction].tiers.enumerated() {
                var shape = StableHash()
                shape.combine(direction.rawValue)
                shape.combine(UInt64(index))
                shape.combine(tier.name)
                shape.combine(
                    UInt64(tier.isolates ? 1 : 0) | (tier.isolatesOwnNode ? 2 : 0) | (tier.deniesAtEnd ? 4 : 0))
                sum &+= shape.value
            }
        }
        for line in program.entries {
            var hash = StableHash()
            hash.combine(line.direction.rawValue)
            hash.combine(UInt64(line.tier))
            hash.combine(UInt64(line.peer.kind.rawValue))
            hash.combine(line.peer.identity.map { engine.classes[Int($0)].key.stableHash } ?? 0)
            hash.combine(line.prefix?.description ?? "")
            hash.combine(UInt64(line.entry.family?.rawValue ?? 0))
            hash.combine(UInt64(line.entry.transport?.number ?? 0) | (line.entry.transport == nil ? 256 : 0))
            hash.combine(UInt64(line.entry.numbers.first) << 16 | UInt64(line.entry.numbers.last))
            hash.combine(UInt64(line.entry.sourcePorts.first) << 16 | UInt64(line.entry.sourcePorts.last))
            hash.combine(UInt64(line.entry.action.rawValue))
            hash.combine(UInt64(bitPattern: Int64(line.entry.precedence)))
            hash.combine(line.entry.rule?.description ?? "")
            sum &+= hash.value
        }
        return sum
    }
}

extension ClassKey {
    /// Of the content alone. Labels are summed, because a dictionary has no order.
    var stableHash: UInt64 {
        var labels: UInt64 = 0
        for (key, value) in own {
            var pair = StableHash()
            pair.combine(key)
            pair.combine(value)
            labels &+= pair.value
        }
        var hash = StableHash()
        hash.combine(UInt64(subject.rawValue))
        hash.combine(namespace)
        hash.combine(serviceAccount)
        hash.combine(labels)
        for port in ports {
            hash.combine(port.name ?? "")
            hash.combine(UInt64(port.number) << 8 | UInt64(port.transport.number))
        }
        return hash.value
    }
}

/// FNV-1a with 64 bits, finished with SplitMix64's mixer. `Hasher` is seeded anew in every process.
struct StableHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func combine(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xFF)
    }

    mutating func combine(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }

    private mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    var value: UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
