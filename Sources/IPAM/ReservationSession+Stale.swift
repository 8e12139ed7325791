import Addressing
import LinuxHost
import SystemCalls

/// Reservations whose containers cannot exist any more. The rules, and why no address that may be in use is given
/// away by them, are told at ``ReservationStore``.
extension ReservationSession {
    /// Whether the holder's container cannot exist any more. False when in doubt.
    func isStale(
        _ record: ReservationRecord, of holder: AddressHolder, census: NamespaceCensus?
    ) throws(SystemCallError) -> Bool {
        let recorded = try index.recordTime(for: holder)
        // A reservation younger than its record was made by another plugin since; the record knows nothing of it.
        for address in record.addresses where try modified(address) > recorded { return false }
        if record.boot != ReservationRecord.short(boot) { return try arePredatingStart(record.addresses) }
        guard let namespace = record.namespace, let census else { return false }
        return !census.contains(namespace) && Int64(Clock.now()) - recorded > Self.grace
    }

    /// The same with a census of its own, for one holder.
    func isStale(_ record: ReservationRecord, of holder: AddressHolder) throws(SystemCallError) -> Bool {
        try isStale(record, of: holder, census: record.namespace == nil ? nil : NamespaceCensus())
    }

    /// Whether all the reservations were made before the machine was started, by the time of day. Alone that is
    /// proof only where the clock was not set meanwhile, as boards without a battery do after start.
    func arePredatingStart(_ addresses: [IPAddress]) throws(SystemCallError) -> Bool {
        let start = Int64(Clock.bootTime())
        for address in addresses where try modified(address) >= start { return false }
        return !addresses.isEmpty
    }

    private func modified(_ address: IPAddress) throws(SystemCallError) -> Int64 {
        try FileSystem.status(path(of: address)).modified
    }

    /// The holders in the set whose containers cannot exist any more, with their records.
    func staleHolders(in set: RangeSet) throws(SystemCallError) -> [(AddressHolder, ReservationRecord)] {
        var holders: Set<AddressHolder> = []
        for (address, content) in try walked() where set.contains(address) {
            if case .holder(let holder) = content { holders.insert(holder) }
        }
        let census = NamespaceCensus()
        var stale: [(AddressHolder, ReservationRecord)] = []
        for holder in holders.sorted() {
            guard let record = try index.record(for: holder) else { continue }
            if try isStale(record, of: holder, census: census) { stale.append((holder, record)) }
        }
        return stale
    }

    /// Gives back what stale holders have in the set; answers how many addresses that were.
    func reclaimStale(in set: RangeSet) throws(SystemCallError) -> Int {
        var count = 0
        for (holder, record) in try staleHolders(in: set) {
            let removed = try removeAll(of: holder, record)
            count += removed.count
            note("\(list(removed)) given back: the container \(holder) does not exist any more")
        }
        return count
    }
}
