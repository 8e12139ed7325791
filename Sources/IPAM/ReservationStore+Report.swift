import Addressing
import CLinux
import LinuxHost
import SystemCalls

extension ReservationStore {
    /// Whether an ADD could be served now (STATUS): the directory can be written, and no set is exhausted. Makes
    /// nothing, and unless a set is exhausted costs the same however many addresses are reserved.
    public func probe(_ sets: [RangeSet]) throws(IPAMError) {
        try storing { () throws(SystemCallError) in try probeWriting() }
        guard try storing({ () throws(SystemCallError) in try FileSystem.exists(directory) }),
            let session = try session(making: false)
        else { return }
        for set in sets {
            let isFull = try storing { () throws(SystemCallError) -> Bool in
                guard try session.usedCount(of: set) >= set.capacity else { return false }
                _ = try session.walked()
                guard try session.usedCount(of: set) >= set.capacity else { return false }
                // An ADD would give these back first.
                return try session.staleHolders(in: set).isEmpty
            }
            if isFull { throw .exhausted(try storing { () throws(SystemCallError) in try report(on: set, session) }) }
        }
        try storing { () throws(SystemCallError) in try session.finish() }
    }

    /// Makes a file without a name in the directory (or where the directory would be made), writes to it and forgets
    /// it: what a reservation needs, and a full or read-only disk refuses.
    private func probeWriting() throws(SystemCallError) {
        var place = directory
        while true {
            do throws(SystemCallError) {
                let file = try FileDescriptor.open(place, clinux_o_tmpfile() | O_WRONLY, mode: 0o600)
                return try file.writeAll(
                    ReservationContent.bytes(for: AddressHolder(containerID: "-", interfaceName: "")))
            } catch  where error.errno == .EOPNOTSUPP || error.errno == .EISDIR {
                return try FileSystem.access(place, W_OK)
            } catch  where error.errno == .ENOENT {
                guard let slash = place.lastIndex(of: "/"), place != "/" else { throw error }
                place = slash == place.startIndex ? "/" : String(place[..<slash])
            }
        }
    }

    /// The numbers of an exhausted set.
    func report(on set: RangeSet, _ session: ReservationSession) throws(SystemCallError) -> PoolReport {
        let now = Int64(Clock.now())
        var reservations: [PoolReport.Reservation] = []
        var foreign: [IPAddress] = []
        for (address, content) in try session.walked() where set.allows(address) {
            var holder: AddressHolder?
            switch content {
            case .holder(let found): holder = found
            case .empty: break
            case .foreign: foreign.append(address)
            }
            let made = try FileSystem.status(session.path(of: address)).modified
            reservations.append(
                PoolReport.Reservation(address: address, holder: holder, age: (now - made) / 1_000_000_000))
        }
        reservations.sort { ($1.age, $0.address) < ($0.age, $1.address) }
        return PoolReport(
            network: network, directory: directory, set: set, used: reservations.count,
            oldest: Array(reservations.prefix(3)), foreign: foreign.sorted())
    }
}

extension ReservationSession {
    func usedCount(of set: RangeSet) throws(SystemCallError) -> Int { try index.usedCount(of: set) }
}
