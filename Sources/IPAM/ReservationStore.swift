import Addressing
import LinuxHost
import SystemCalls

/// The addresses of one network on this machine, kept in the reference host-local plugin's directory format, which
/// both can read and write: a node can change hands with containers running, and change back.
///
/// Reserving and releasing cost the same however full the directory is (see ``ReservationIndex``).
///
/// Nothing is flushed to the disk. A process that is killed leaves what it had done, which is always whole. A machine
/// that loses power may come back with a reservation that is empty, and its container is gone: such files are
/// recognised and removed (see ``ReservationContent/empty``).
///
/// When a reservation may be given to somebody else without a DEL or GC, decided so that no address is handed out
/// that may still be in use:
/// - its file is empty and older than a minute, or
/// - the pool is exhausted, and the reservation was made (or first seen) under another boot identifier, and both its
///   file and its record are older than the machine's start, or
/// - the pool is exhausted, we made the reservation more than a minute ago and noted the container's network
///   namespace, and no thread and no mount has that namespace any more.
///
/// A container that comes back after a restart of the machine under its old identifier gets an address again: its
/// own reservation from before counts as released.
public struct ReservationStore: Sendable {
    public let dataDirectory: String
    public let network: String

    public static let defaultDataDirectory = "/var/lib/cni/networks"

    public init(dataDirectory: String = Self.defaultDataDirectory, network: String) {
        self.dataDirectory = dataDirectory
        self.network = network
    }

    /// The reservations, one file for each.
    public var directory: String { "\(dataDirectory)/\(network)" }
    /// A network's name cannot begin with a dot, so this is never a network's directory.
    var indexDirectory: String { "\(dataDirectory)/.poplin/\(network)" }

    /// An address with what goes beside it into a result.
    public struct Reserved: Hashable, Sendable {
        public let address: InterfaceAddress
        public let gateway: IPAddress
    }

    /// What an operation did, and what it put right in passing that a person may want to know.
    public struct Outcome<Value: Sendable>: Sendable {
        public let value: Value
        public let notices: [String]
    }

    func session(making: Bool) throws(IPAMError) -> ReservationSession? {
        try storing { () throws(SystemCallError) in try ReservationSession.open(self, making: making) }
    }
}

// MARK: - Releasing

extension ReservationStore {
    /// Gives back everything the holder has (DEL). Nothing to give back is fine, and makes nothing.
    public func release(_ holder: AddressHolder) throws(IPAMError) -> Outcome<[IPAddress]> {
        guard let session = try session(making: false) else { return Outcome(value: [], notices: []) }
        return try storing { () throws(SystemCallError) in
            var released: [IPAddress] = []
            if let (name, record) = try session.record(for: holder) {
                released = try session.removeAll(of: name, record)
            }
            try session.finish()
            return Outcome(value: released, notices: session.notices)
        }
    }

    /// Gives back what nobody in `valid` holds (GC). The runtime runs no ADD of this network meanwhile, as the
    /// specification demands; so everything that is not listed is stale, however young.
    public func collectGarbage(keeping valid: some Sequence<AddressHolder>) throws(IPAMError) -> Outcome<[IPAddress]> {
        guard let session = try session(making: false) else { return Outcome(value: [], notices: []) }
        let keep = Set(valid)
        let containers = Set(keep.map(\.containerID))
        return try storing { () throws(SystemCallError) in
            var released: [IPAddress] = []
            for (address, content) in try session.walked().sorted(by: { $0.key < $1.key }) {
                switch content {
                case .holder(let holder) where holder.interfaceName.isEmpty:
                    guard !containers.contains(holder.containerID) else { continue }
                    if try session.remove(address, of: holder) { released.append(address) }
                    try session.index.removeRecord(for: holder)
                case .holder(let holder):
                    guard !keep.contains(holder) else { continue }
                    if try session.remove(address, of: holder) { released.append(address) }
                    try session.index.removeRecord(for: holder)
                case .empty:
                    try session.removeEmpty(address)
                case .foreign:
                    session.note("\(address) left alone: its file does not name a container")
                }
            }
            try session.finish()
            return Outcome(value: released, notices: session.notices)
        }
    }
}

// MARK: - Looking

extension ReservationStore {
    /// That each of `addresses`, and at least one address, is reserved for the holder (CHECK).
    public func check(_ holder: AddressHolder, has addresses: [IPAddress]) throws(IPAMError) {
        guard let session = try session(making: false) else {
            throw .notReserved(holder, addresses, heldBy: [:])
        }
        var missing: [IPAddress] = []
        var others: [IPAddress: AddressHolder] = [:]
        for address in addresses {
            let content = try storing { () throws(SystemCallError) in try session.content(of: address) }
            if case .holder(let found) = content {
                if found == holder || found == holder.withoutInterface { continue }
                others[address] = found
            }
            missing.append(address)
        }
        let record = try storing { () throws(SystemCallError) in
            let record = try session.record(for: holder)
            try session.finish()
            return record
        }
        if record == nil || !missing.isEmpty { throw .notReserved(holder, missing, heldBy: others) }
    }

    /// What the holder has.
    public func addresses(of holder: AddressHolder) throws(IPAMError) -> [IPAddress] {
        guard let session = try session(making: false) else { return [] }
        return try storing { () throws(SystemCallError) in
            let record = try session.record(for: holder)
            try session.finish()
            return record?.1.addresses ?? []
        }
    }
}
