import Addressing
import IPAM
import JSONTree
import LinuxHost
import SystemCalls

/// A ledger with the files it is kept in: every change is in them before anybody is told of it.
///
/// `addresses.json` is the whole ledger, replaced by another whole one (rename) now and then; `addresses.log` has a line
/// for each change since (``AddressJournal``). Nothing is flushed to the device: after a crash of the machine no pod is
/// left whose address would have to be known.
struct AddressBook: Sendable {
    private(set) var ledger: AddressLedger
    let path: String
    /// Open behind what `path` says; nil: the next change writes everything.
    private var journal: AddressJournal?
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
        guard let bytes else { return }
        let lines: [[UInt8]]
        do throws(SystemCallError) {
            lines = try AddressJournal.lines(at: AddressJournal.path(besides: path))
        } catch {
            throw Self.storage(error, path)
        }
        ledger = try Self.parse(bytes, lines, path, boot: self.boot, now: now(), rest: rest)
    }

    private static func parse(
        _ bytes: [UInt8], _ lines: [[UInt8]], _ path: String, boot: String, now: UInt64, rest: UInt64
    ) throws(AddressSourceError) -> AddressLedger {
        do {
            var reading = try AddressLedger.read(try JSONTree(parsing: bytes).root)
            let isOfThisBoot = reading.boot == boot
            do {
                try reading.restore(AddressJournal.changes(in: lines, since: reading.edition))
            } catch  where !isOfThisBoot {
                // What was not flushed before the machine went down may be anything; nobody has those addresses now.
            }
            if !isOfThisBoot { reading.ledger.restartRest(now: now, rest: rest) }
            return reading.ledger
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
        if let changes = ledger.takeChanges(), let journal, !isBehind {
            if changes.isEmpty { return }
            do throws(SystemCallError) {
                if try journal.append(changes) { return }
            } catch {
                // Half a line may stand there now. What replaces both files says more about the reason if it fails, too.
            }
        }
        try writeAll()
    }

    private mutating func writeAll() throws(SystemCallError) {
        journal = nil
        let edition = UInt64.random(in: 1..<UInt64(Int64.max))
        let bytes = ledger.value(boot: boot, edition: edition).serialized()
        try AtomicFile.write(path, bytes, mode: 0o600)
        isBehind = false
        // Without one every change writes everything, as this one did.
        journal = try? AddressJournal(
            at: AddressJournal.path(besides: path), since: edition, limit: max(bytes.count, 64 << 10))
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
