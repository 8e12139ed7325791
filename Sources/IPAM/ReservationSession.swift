import Addressing
import CLinux
import LinuxHost
import SystemCalls

/// The reservations of one network while its lock is held. Ends, and gives the lock back, with the last reference.
///
/// The order of the steps is what makes a kill harmless. A reservation appears whole (a file that has its content
/// before it has a name) or not at all, the index follows, and only then is the index declared fresh. A kill anywhere
/// before that leaves a directory that is right and an index that is seen to be stale.
final class ReservationSession {
    let directory: String
    let index: ReservationIndex
    let boot: String
    private let lock: FileLock
    private var status: FileStatus
    private var isStale: Bool
    private var hasChanged = false
    /// What the directory holds, once it has been walked.
    private(set) var contents: [IPAddress: ReservationContent]?
    /// What was put right in passing, for standard error.
    private(set) var notices: [String] = []

    /// How old an empty reservation must be before it is taken for a leak, nanoseconds. Whoever keeps to the lock can
    /// never be seen making one; this is for those who do not.
    static let grace: Int64 = 60_000_000_000

    /// Nil when the network has no directory and none should be made.
    static func open(
        _ store: ReservationStore, making: Bool
    ) throws(SystemCallError) -> ReservationSession? {
        let path = "\(store.directory)/lock"
        let lock: FileLock
        do throws(SystemCallError) {
            lock = try FileLock.take(path)
        } catch  where error.errno == .ENOENT {
            guard making else { return nil }
            try Directories.make(store.directory)
            lock = try FileLock.take(path)
        }
        return try ReservationSession(store, lock: lock)
    }

    private init(_ store: ReservationStore, lock: consuming FileLock) throws(SystemCallError) {
        directory = store.directory
        index = ReservationIndex(path: store.indexDirectory)
        status = try FileSystem.status(store.directory)
        boot = try Clock.bootIdentifier()
        isStale = !(try index.describes(status, boot: boot))
        self.lock = lock
        if isStale { try rebuild() }
    }

    /// Ends an operation that changed something and left the index right.
    func finish() throws(SystemCallError) {
        guard hasChanged else { return }
        try index.declareFresh(status, at: directory, boot: boot)
        hasChanged = false
    }

    func path(of address: IPAddress) -> String { "\(directory)/\(address)" }

    /// What the file of an address says; nil when there is none.
    func content(of address: IPAddress) throws(SystemCallError) -> ReservationContent? {
        try AtomicFile.read(path(of: address), limit: 4096).map { ReservationContent($0) }
    }
}

// MARK: - Building the index again

extension ReservationSession {
    /// Walks the directory and makes the index say what it says. Reservations without content that are older than
    /// the grace period are removed in passing.
    func rebuild() throws(SystemCallError) {
        try index.make()
        try index.declareStale()
        hasChanged = true
        var contents: [IPAddress: ReservationContent] = [:]
        let now = Int64(Clock.now())
        for name in try FileSystem.list(directory) {
            guard let address = IPAddress(name), address.description == name else { continue }
            do throws(SystemCallError) {
                let content = try content(of: address)
                if content == .empty, now - (try FileSystem.status(path(of: address))).modified > Self.grace {
                    try FileSystem.unlink(path(of: address))
                    notices.append("\(address) given back: its reservation was empty, left by a plugin that was killed")
                    continue
                }
                contents[address] = content
            } catch  where error.errno == .ENOENT {
                // Removed by a person while we look.
                continue
            } catch  where error.errno == .EISDIR || error.errno == .EFBIG {
                contents[address] = .foreign
            }
        }
        var held: [AddressHolder: [IPAddress]] = [:]
        for (address, content) in contents {
            if case .holder(let holder) = content { held[holder, default: []].append(address) }
        }
        try index.replaceUsed(by: contents.keys)
        try index.replaceRecords(by: held.mapValues { $0.sorted() }, boot: boot)
        self.contents = contents
        isStale = false
    }

    /// What the directory holds, walking it if that has not been done under this lock.
    func walked() throws(SystemCallError) -> [IPAddress: ReservationContent] {
        if let contents { return contents }
        try rebuild()
        return contents ?? [:]
    }
}

// MARK: - Changing reservations

extension ReservationSession {
    /// Reserves one address; false when it was taken, which the index now knows.
    func create(_ address: IPAddress, for holder: AddressHolder) throws(SystemCallError) -> Bool {
        hasChanged = true
        do throws(SystemCallError) {
            try AtomicFile.create(path(of: address), ReservationContent.bytes(for: holder), mode: 0o600)
        } catch  where error.errno == .EEXIST {
            try index.setUsed(address, true)
            return false
        }
        contents?[address] = .holder(holder)
        do throws(SystemCallError) {
            try index.setUsed(address, true)
        } catch {
            // The index could not be written (a full disk): the caller gets no address, so none may stay.
            try FileSystem.unlink(path(of: address))
            throw error
        }
        return true
    }

    /// Gives back one address, if it is the holder's. Somebody else's reservation and a missing one are left as
    /// they are.
    func remove(_ address: IPAddress, of holder: AddressHolder) throws(SystemCallError) -> Bool {
        guard try content(of: address) == .holder(holder) else { return false }
        hasChanged = true
        try FileSystem.unlink(path(of: address))
        contents?[address] = nil
        try index.setUsed(address, false)
        return true
    }

    /// Gives back everything that `holder` holds by this name, and forgets it.
    func removeAll(of holder: AddressHolder, _ record: ReservationRecord) throws(SystemCallError) -> [IPAddress] {
        var removed: [IPAddress] = []
        for address in record.addresses where try remove(address, of: holder) { removed.append(address) }
        hasChanged = true
        try index.removeRecord(for: holder)
        return removed
    }

    /// Removes a file that holds an address for nobody.
    func removeEmpty(_ address: IPAddress) throws(SystemCallError) {
        hasChanged = true
        try FileSystem.unlink(path(of: address))
        contents?[address] = nil
        try index.setUsed(address, false)
        notices.append("\(address) given back: its reservation was empty, left by a plugin that was killed")
    }

    /// The holder and its record; reservations that name no interface belong to all of the container's.
    func record(for holder: AddressHolder) throws(SystemCallError) -> (AddressHolder, ReservationRecord)? {
        for name in [holder, holder.withoutInterface] {
            if let record = try index.record(for: name) { return (name, record) }
        }
        return nil
    }

    func note(_ notice: String) { notices.append(notice) }
}

// MARK: - The round

extension ReservationSession {
    private func cursorPath(_ set: Int) -> String { "\(directory)/last_reserved_ip.\(set)" }

    /// The address reserved last in the set with this number; nil when there is none, or nothing that is an address.
    func cursor(ofSet set: Int) throws(SystemCallError) -> IPAddress? {
        guard let bytes = try AtomicFile.read(cursorPath(set), limit: 4096) else { return nil }
        return IPAddress(String(decoding: bytes, as: UTF8.self))
    }

    /// The text must be the address alone, without a line break: the reference does not trim it.
    func setCursor(_ address: IPAddress, ofSet set: Int) throws(SystemCallError) {
        hasChanged = true
        let bytes = Array(address.description.utf8)
        let file = try FileDescriptor.open(cursorPath(set), O_WRONLY | O_CREAT, mode: 0o600)
        try file.writeAll(bytes, at: 0)
        try file.truncate(to: bytes.count)
    }
}
