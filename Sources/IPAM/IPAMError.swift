import Addressing
import SystemCalls

/// Why an address could not be reserved, found or given back.
public enum IPAMError: Error, Hashable, Sendable, CustomStringConvertible {
    case exhausted(PoolReport)
    /// This interface of this container has an address of these ranges already.
    case alreadyReserved(AddressHolder, [IPAddress])
    /// A requested address belongs to somebody; nil when its reservation names nobody.
    case taken(IPAddress, by: AddressHolder?)
    /// A requested address is never handed out.
    case notForContainers(IPAddress, reason: String)
    /// No range has a requested address, or two were requested of one set.
    case outside([IPAddress], sets: [RangeSet])
    /// CHECK: nothing, or not this address, is reserved for the container's interface.
    case notReserved(AddressHolder, [IPAddress], heldBy: [IPAddress: AddressHolder])
    /// Other plugins hold the directory's lock for longer than we wait.
    case busy(path: String)
    case storage(SystemCallError)

    init(_ error: SystemCallError) {
        self =
            error.operation == "flock" && error.errno == .ETIMEDOUT ? .busy(path: error.subject ?? "") : .storage(error)
    }

    public var description: String {
        switch self {
        case .exhausted(let report):
            report.summary
        case .alreadyReserved(let holder, let addresses):
            "\(holder) has \(list(addresses)) already: a second ADD needs a DEL first"
        case .taken(let address, let holder?):
            "the requested address \(address) is taken by \(holder)"
        case .taken(let address, nil):
            "the requested address \(address) is taken by a reservation that names no container"
        case .notForContainers(let address, let reason):
            "the requested address \(address) is never handed out: it is \(reason)"
        case .outside(let addresses, let sets):
            "the requested \(list(addresses)) \(addresses.count == 1 ? "is" : "are") in no range that still has to "
                + "supply an address; the ranges are \(sets.map(\.description).joined(separator: "; "))"
        case .notReserved(let holder, let addresses, let holders):
            addresses.isEmpty
                ? "nothing is reserved for \(holder)"
                : addresses.map { address in
                    "\(address) is \(holders[address].map { "reserved for \($0)" } ?? "not reserved") "
                        + "and should be for \(holder)"
                }.joined(separator: "; ")
        case .busy(let path):
            "another plugin has held the lock \(path) for 30 seconds"
        case .storage(let error):
            error.description
        }
    }
}

func list(_ addresses: [IPAddress]) -> String {
    addresses.map(\.description).joined(separator: ", ")
}

/// Runs what only system calls can make fail.
func storing<Result>(_ body: () throws(SystemCallError) -> Result) throws(IPAMError) -> Result {
    do throws(SystemCallError) { return try body() } catch { throw IPAMError(error) }
}
