import Addressing

/// How full a range set is, for the message of a pool that is exhausted and for STATUS.
public struct PoolReport: Hashable, Sendable {
    public let network: String
    public let directory: String
    public let set: RangeSet
    /// Addresses of the set that are reserved, however they came to be.
    public let used: Int
    /// The three oldest reservations, oldest first.
    public let oldest: [Reservation]
    /// Files that say something else than who holds the address, and are left alone.
    public let foreign: [IPAddress]

    public struct Reservation: Hashable, Sendable {
        public let address: IPAddress
        public let holder: AddressHolder?
        /// Seconds since the reservation was made.
        public let age: Int64
    }

    /// One sentence with the numbers.
    public var summary: String {
        "no address is left in \(set): \(used) of \(set.capacity) are reserved"
    }

    /// The holders and what to do, one to a line.
    public var details: String {
        var lines = ["range \(set), size \(set.capacity), used \(used), reservations in \(directory)"]
        if !oldest.isEmpty {
            lines.append("oldest reservations:")
            for reservation in oldest {
                let holder = reservation.holder?.description ?? "nobody that its file names"
                lines.append("  \(reservation.address)  \(Self.text(age: reservation.age))  \(holder)")
            }
        }
        if !foreign.isEmpty {
            lines.append("not reservations of containers, left alone: \(list(Array(foreign.prefix(3))))")
        }
        lines.append("next: `poplin cni gc \(network)` gives back what no container holds, or add a range to `ranges`")
        return lines.joined(separator: "\n")
    }

    /// The two largest units: `3d 4h`, `12m 5s`.
    static func text(age: Int64) -> String {
        let age = max(age, 0)
        let units: [(Int64, String)] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]
        guard let index = units.firstIndex(where: { age >= $0.0 }), index < 3 else { return "\(age)s" }
        let (large, small) = (units[index], units[index + 1])
        return "\(age / large.0)\(large.1) \(age % large.0 / small.0)\(small.1)"
    }
}
