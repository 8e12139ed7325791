import Addressing
import IPAM
import JSONTree
import LinuxHost
import SystemCalls

/// A ledger with the file it is kept in: every change is in the file before anybody is told of it.
///
/// The file is replaced whole (rename), not flushed to the device: after a crash of the machine no pod is left whose
/// address it would have to know. A few kilobytes for each hundred pods.
struct AddressBook: Sendable {
    private(set) var ledger: AddressLedger
    let path: String
    /// The machine's start, which the ledger's clock counts from.
    private let boot: String
    /// Seconds since then.
    let now: @Sendable () -> UInt64
    /// Whether the file is older than the ledger.
    private(set) var isBehind = false

    /// Seconds since the machine was started, sleep included: setting the clock changes no rest.
    static let sinceBoot: @Sendable () -> UInt64 = { Clock.sinceBoot() / 1_000_000_000 }

    /// Opens the file, or begins a new one. Rests of an earlier start of the machine begin again, because their clock
    /// is gone.
    ///
    /// - Parameter rest: seconds.
    init(
        directory: String, rest: UInt64, boot: String? = nil, now: @escaping @Sendable () -> UInt64 = sinceBoot
    ) throws(AddressSourceError) {
        path = "\(directory)/addresses.json"
        self.now = now
        let bytes: [UInt8]?
        do throws(SystemCallError) {
            self.boot = if let boot { boot } else { try Clock.bootIdentifier() }
            try Directories.make(directory, mode: 0o700)
            bytes = try AtomicFile.read(path)
        } catch {
            throw Self.storage(error, path)
        }
        ledger = AddressLedger()
        if let bytes { ledger = try Self.parse(bytes, path, boot: self.boot, now: now(), rest: rest) }
    }

    private static func parse(
        _ bytes: [UInt8], _ path: String, boot: String, now: UInt64, rest: UInt64
    ) throws(AddressSourceError) -> AddressLedger {
        do {
            var (ledger, written) = try AddressLedger.read(try JSONTree(parsing: bytes).root)
            if written != boot { ledger.restartRest(now: now, rest: rest) }
            return ledger
        } catch {
            throw AddressSourceError(
                .storage, "\(path) cannot be read: \(error)",
                next: "every address given out is in it; move it away only when no pod runs on this node")
        }
    }

    /// Says of every range which of its addresses are never given out unasked; the file does not.
    mutating func reserve(_ reserved: (IPPrefix) -> [IPRange]) {
        for range in ledger.ranges { ledger.add(range, pool: ledger.pools[range] ?? "", reserved: reserved(range)) }
    }

    /// Changes the ledger and the file; when the file cannot be written, `undo` takes the change back.
    mutating func change<Result>(
        _ body: (inout AddressLedger, UInt64) throws(AddressSourceError) -> Result,
        orElse undo: (inout AddressLedger) -> Void
    ) throws(AddressSourceError) -> Result {
        let result = try body(&ledger, now())
        do throws(SystemCallError) {
            try write()
        } catch {
            undo(&ledger)
            isBehind = true
            throw Self.storage(error, path)
        }
        return result
    }

    /// Changes the ledger whether the file can be written or not: what is given back is given back. The file is tried
    /// again with the next change.
    mutating func release<Result>(_ body: (inout AddressLedger, UInt64) -> Result) -> Result {
        let result = body(&ledger, now())
        do throws(SystemCallError) { try write() } catch { isBehind = true }
        return result
    }

    private mutating func write() throws(SystemCallError) {
        try AtomicFile.write(path, ledger.value(boot: boot).serialized(), mode: 0o600)
        isBehind = false
    }

    private static func storage(_ error: SystemCallError, _ path: String) -> AddressSourceError {
        AddressSourceError(
            .storage, "the record of given-out addresses \(path) cannot be written: \(error)",
            next: error.errno == .ENOSPC ? "make room on that file system" : nil)
    }
}

extension AddressRequest {
    var holder: BlockHolder {
        BlockHolder(
            handle.description, namespace: pod?.namespace ?? "", name: pod?.name ?? "", uid: pod?.uid ?? "")
    }
}

extension AddressLedger {
    /// What the handle has, as host addresses.
    func interfaceAddresses(of handle: AddressHandle) -> [InterfaceAddress] {
        addresses(of: handle.description).map { InterfaceAddress(host: $0) }
    }

    /// Every allocation that names a container's interface.
    var addressAllocations: [AddressAllocation] {
        ranges.flatMap { range -> [AddressAllocation] in
            (blocks[range]?.allocations ?? []).compactMap { allocation in
                guard let handle = AddressHandle(allocation.holder.handle) else { return nil }
                let holder = allocation.holder
                return AddressAllocation(
                    address: allocation.address, handle: handle,
                    pod: holder.name.isEmpty
                        ? nil : PodIdentity(namespace: holder.namespace, name: holder.name, uid: holder.uid),
                    range: range, pool: pools[range] ?? "")
            }
        }
    }

    var usages: [AddressUsage] {
        ranges.compactMap { range in
            blocks[range].map { block in
                AddressUsage(
                    pool: pools[range] ?? "", range: range, total: UInt128(block.capacity),
                    allocated: block.allocatedCount, cooling: block.restingCount,
                    reserved: UInt128(block.reservedCount))
            }
        }
    }
}
