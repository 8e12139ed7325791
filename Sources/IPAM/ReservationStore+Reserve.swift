import Addressing
import LinuxHost
import SystemCalls

extension ReservationStore {
    /// Reserves one address of each set for the holder (ADD): all of them or none.
    ///
    /// - Parameters:
    ///   - requested: addresses the runtime asks for; each must be in a set, and a set supplies one.
    ///   - namespace: the path of the container's network namespace, by which a reservation whose container is gone
    ///     can be told later.
    public func reserve(
        for holder: AddressHolder, from sets: [RangeSet], requested: [IPAddress] = [], namespace: String? = nil
    ) throws(IPAMError) -> Outcome<[Reserved]> {
        let wanted = try Self.assign(requested, to: sets)
        guard let session = try session(making: true) else { return Outcome(value: [], notices: []) }

        var held: [IPAddress] = []
        if let (name, record) = try storing({ () throws(SystemCallError) in try session.record(for: holder) }) {
            held = try settle(record, of: name, from: sets, session)
        }

        var reserved: [IPAddress] = []
        do throws(IPAMError) {
            for (number, set) in sets.enumerated() {
                let address =
                    if let address = wanted[number] {
                        try reserve(address, for: holder, session)
                    } else {
                        try reserveNext(of: set, number, for: holder, session)
                    }
                reserved.append(address)
                try storing { () throws(SystemCallError) in try session.setCursor(address, ofSet: number) }
            }
            try storing { () throws(SystemCallError) in
                let record = ReservationRecord(
                    addresses: held + reserved, boot: session.boot, namespace: Self.inode(of: namespace))
                try session.index.setRecord(record, for: holder)
                try session.finish()
            }
        } catch {
            // All or none. When even this fails the directory still names the holder, so its DEL finds them.
            _ = try? storing { () throws(SystemCallError) in
                for address in reserved { _ = try session.remove(address, of: holder) }
                if held.isEmpty { try session.index.removeRecord(for: holder) }
                try session.finish()
            }
            throw error
        }
        let results = zip(sets, reserved).compactMap { set, address in
            set.range(containing: address).map {
                Reserved(address: InterfaceAddress(address, in: $0.subnet), gateway: $0.gateway)
            }
        }
        return Outcome(value: results, notices: session.notices)
    }

    /// Which set supplies which requested address, or why one cannot be supplied. Pure.
    static func assign(_ requested: [IPAddress], to sets: [RangeSet]) throws(IPAMError) -> [Int: IPAddress] {
        var wanted: [Int: IPAddress] = [:]
        var left: [IPAddress] = []
        // The same address may be asked for in several ways at once.
        for address in requested.map(\.unmapped) where !left.contains(address) && !wanted.values.contains(address) {
            guard let number = sets.indices.first(where: { wanted[$0] == nil && sets[$0].contains(address) }) else {
                left.append(address)
                continue
            }
            if let range = sets[number].range(containing: address), range.excludes(address) {
                let reason =
                    address == range.gateway
                    ? "the gateway of \(range.subnet)"
                    : "the \(address == range.subnet.network ? "network" : "broadcast") address of \(range.subnet)"
                throw .notForContainers(address, reason: reason)
            }
            wanted[number] = address
        }
        if !left.isEmpty { throw .outside(left, sets: sets) }
        return wanted
    }

    /// The holder has something already. In these sets that is an error, unless it is left from before: from before
    /// the machine was restarted, or from a namespace that is gone. Answers what it keeps in other sets.
    private func settle(
        _ record: ReservationRecord, of name: AddressHolder, from sets: [RangeSet], _ session: ReservationSession
    ) throws(IPAMError) -> [IPAddress] {
        let owned = try storing { () throws(SystemCallError) in
            var owned: [IPAddress] = []
            for address in record.addresses where try session.content(of: address) == .holder(name) {
                owned.append(address)
            }
            return owned
        }
        let inTheWay = owned.filter { address in sets.contains { $0.contains(address) } }
        if !inTheWay.isEmpty {
            let isLeft = try storing { () throws(SystemCallError) -> Bool in
                if try session.arePredatingStart(inTheWay) { return true }
                return try session.isStale(record, of: name)
            }
            guard isLeft else { throw .alreadyReserved(name, inTheWay) }
            try storing { () throws(SystemCallError) in
                for address in inTheWay { _ = try session.remove(address, of: name) }
            }
            session.note("\(list(inTheWay)) given back: left by \(name) from before")
        }
        let others = owned.filter { !inTheWay.contains($0) }
        // Old reservations name no interface and keep their own record.
        if name.interfaceName.isEmpty {
            try storing { () throws(SystemCallError) in
                if others.isEmpty {
                    try session.index.removeRecord(for: name)
                } else {
                    let rest = ReservationRecord(addresses: others, boot: record.boot, namespace: record.namespace)
                    try session.index.setRecord(rest, for: name)
                }
            }
            return []
        }
        return others
    }

    private func reserve(
        _ address: IPAddress, for holder: AddressHolder, _ session: ReservationSession
    ) throws(IPAMError) -> IPAddress {
        let (isReserved, content) = try storing { () throws(SystemCallError) -> (Bool, ReservationContent?) in
            if try session.create(address, for: holder) { return (true, nil) }
            // An empty file is nobody's; it only has to be old enough to be a leak.
            let content = try session.walked()[address]
            if content == nil, try session.create(address, for: holder) { return (true, nil) }
            return (false, content)
        }
        if isReserved { return address }
        if case .holder(let other) = content { throw .taken(address, by: other) }
        throw .taken(address, by: nil)
    }

    private func reserveNext(
        of set: RangeSet, _ number: Int, for holder: AddressHolder, _ session: ReservationSession
    ) throws(IPAMError) -> IPAddress {
        let address = try storing { () throws(SystemCallError) -> IPAddress? in
            if let address = try session.reserveFree(of: set, number, for: holder) { return address }
            // The index may be wrong where somebody changed the directory without the lock: look at the truth.
            if session.contents == nil {
                try session.rebuild()
                if let address = try session.reserveFree(of: set, number, for: holder) { return address }
            }
            guard try session.reclaimStale(in: set) > 0 else { return nil }
            return try session.reserveFree(of: set, number, for: holder)
        }
        if let address { return address }
        throw .exhausted(try storing { () throws(SystemCallError) in try report(on: set, session) })
    }

    private static func inode(of namespace: String?) -> UInt64? {
        guard let namespace, !namespace.isEmpty else { return nil }
        do throws(SystemCallError) { return try FileSystem.status(namespace).inode } catch { return nil }
    }
}

extension ReservationSession {
    /// The next address of the round that nobody has.
    fileprivate func reserveFree(
        of set: RangeSet, _ number: Int, for holder: AddressHolder
    ) throws(SystemCallError) -> IPAddress? {
        let cursor = try cursor(ofSet: number)
        while let address = try set.firstFree(
            after: cursor, bits: { block throws(SystemCallError) in try index.bits(of: block) })
        {
            if try create(address, for: holder) { return address }
        }
        return nil
    }
}
