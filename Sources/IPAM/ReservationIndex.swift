import Addressing
import CLinux
import LinuxHost
import SystemCalls

/// What makes reserving and releasing cost the same however many addresses are reserved: a cache beside the network's
/// directory, in a place the reference plugin does not walk. The directory is the truth; the index can be removed at
/// any time and is built again from it.
///
///     <dataDir>/<network>/<address>               the reservation: container and interface (reference format)
///     <dataDir>/<network>/last_reserved_ip.<n>    where set n's round stands (reference format)
///     <dataDir>/<network>/lock                    flock(2) of both
///     <dataDir>/.poplin/<network>/by/<cid>:<if>   a symbolic link whose text is the record of what they hold
///     <dataDir>/.poplin/<network>/used/<address>  the bitmap of the block of addresses that begins there
///     <dataDir>/.poplin/<network>/state           which state of the directory the index describes
///
/// The index is fresh when the directory's inode and time of modification are those written in `state`, and the
/// machine has not been restarted since. Every operation that changed the directory ends by giving it a time of
/// modification of our own, to the nanosecond. Whatever anybody does to the directory afterwards sets another time:
/// the kernel's clock tick, which is before ours, or a later moment. So a change by the reference plugin, by a person
/// or by one of ours that was killed half way is noticed by the next operation, which builds the index again.
final class ReservationIndex {
    let path: String
    /// The bitmaps that were looked at, seldom more than one for each set. An array, because the first dictionary of
    /// a type that a process makes costs more than looking through these.
    private var blocks: [Block] = []

    /// A loaded bitmap and its open file, which is made by the first bit that is set.
    private final class Block {
        let block: AddressBlock
        var bits: UsedBits
        var file: FileDescriptor?

        init(_ block: AddressBlock, bits: UsedBits, file: consuming FileDescriptor?) {
            self.block = block
            self.bits = bits
            self.file = file
        }
    }

    init(path: String) { self.path = path }

    private var records: String { "\(path)/by" }
    private var used: String { "\(path)/used" }
    private var state: String { "\(path)/state" }

    /// Makes the directories. Root's alone: container identifiers are nobody else's business.
    func make() throws(SystemCallError) {
        try Directories.make(records, mode: 0o700)
        try Directories.make(used, mode: 0o700)
    }
}

// MARK: - Freshness

extension ReservationIndex {
    private static func state(of directory: FileStatus, modified: Int64, boot: String) -> [UInt8] {
        let place = "\(directory.device):\(directory.inode)"
        return Array("poplin-ipam 1\nboot \(boot)\ndirectory \(place)\nmodified \(modified)\n".utf8)
    }

    /// Whether the index describes the directory as it is.
    func describes(_ directory: FileStatus, boot: String) throws(SystemCallError) -> Bool {
        try AtomicFile.read(state, limit: 4096)
            == Self.state(of: directory, modified: directory.modified, boot: boot)
    }

    /// Declares that the index describes the directory at `path`, by giving the directory a new time. A kill between
    /// the two calls leaves an index that is not fresh.
    func declareFresh(_ directory: FileStatus, at path: String, boot: String) throws(SystemCallError) {
        let now = Int64(Clock.now())
        let bytes = Self.state(of: directory, modified: now, boot: boot)
        let file = try FileDescriptor.open(state, O_WRONLY | O_CREAT, mode: 0o600)
        try file.writeAll(bytes, at: 0)
        // Numbers may have become shorter, and what is left of the old text would make it another one.
        try file.truncate(to: bytes.count)
        try FileSystem.setModified(path, now)
    }

    /// Before the index is built again: a kill in the middle must not leave it looking fresh.
    func declareStale() throws(SystemCallError) {
        try AtomicFile.remove(state)
    }
}

// MARK: - Which addresses are taken

extension ReservationIndex {
    private func load(_ block: AddressBlock) throws(SystemCallError) -> Block {
        if let loaded = blocks.first(where: { $0.block == block }) { return loaded }
        let loaded: Block
        do throws(SystemCallError) {
            let file = try FileDescriptor.open("\(used)/\(block.first)", O_RDWR)
            let bytes = try file.read(UsedBits.wordCount * 8, at: 0)
            loaded = Block(block, bits: UsedBits(bytes: bytes), file: file)
        } catch  where error.errno == .ENOENT {
            loaded = Block(block, bits: UsedBits(), file: nil)
        }
        blocks.append(loaded)
        return loaded
    }

    func bits(of block: AddressBlock) throws(SystemCallError) -> UsedBits { try load(block).bits }

    func isUsed(_ address: IPAddress) throws(SystemCallError) -> Bool {
        try bits(of: AddressBlock(containing: address))[AddressBlock.offset(of: address)]
    }

    func setUsed(_ address: IPAddress, _ isUsed: Bool) throws(SystemCallError) {
        let block = AddressBlock(containing: address)
        let loaded = try load(block)
        let offset = AddressBlock.offset(of: address)
        loaded.bits[offset] = isUsed
        if loaded.file == nil {
            loaded.file = try FileDescriptor.open("\(used)/\(block.first)", O_RDWR | O_CREAT, mode: 0o600)
        }
        try loaded.file?.writeAll(loaded.bits.wordBytes(offset >> 6), at: offset >> 6 * 8)
    }

    /// How many addresses of the set are taken, by the blocks that exist.
    func usedCount(of set: RangeSet) throws(SystemCallError) -> Int {
        var count = 0
        for name in try Directories.sortedList(used) {
            guard let first = IPAddress(name), first.family == set.family else { continue }
            let block = AddressBlock(containing: first)
            for range in set.ranges {
                let low = max(block.first, range.addresses.first)
                let high = min(block.last, range.addresses.last)
                guard low <= high else { continue }
                let bits = try bits(of: block)
                count += bits.count(in: AddressBlock.offset(of: low)...AddressBlock.offset(of: high))
                count -= range.excluded.count { low <= $0 && $0 <= high && bits[AddressBlock.offset(of: $0)] }
            }
        }
        return count
    }

    /// Replaces all bitmaps by one in which exactly `addresses` are taken.
    func replaceUsed(by addresses: some Sequence<IPAddress>) throws(SystemCallError) {
        var fresh: [AddressBlock: UsedBits] = [:]
        for address in addresses {
            fresh[AddressBlock(containing: address), default: UsedBits()][AddressBlock.offset(of: address)] = true
        }
        blocks = []
        for name in try Directories.sortedList(used) {
            guard let first = IPAddress(name), fresh[AddressBlock(containing: first)] != nil else {
                try FileSystem.unlink("\(used)/\(name)")
                continue
            }
        }
        for (block, bits) in fresh {
            let file = try FileDescriptor.open("\(used)/\(block.first)", O_RDWR | O_CREAT, mode: 0o600)
            try file.writeAll(bits.bytes, at: 0)
            blocks.append(Block(block, bits: bits, file: file))
        }
    }
}

// MARK: - Who holds what

extension ReservationIndex {
    private func recordPath(_ holder: AddressHolder) -> String { "\(records)/\(ReservationRecord.name(for: holder))" }

    func record(for holder: AddressHolder) throws(SystemCallError) -> ReservationRecord? {
        do throws(SystemCallError) {
            return ReservationRecord(try FileSystem.readLink(recordPath(holder)))
        } catch  where error.errno == .ENOENT || error.errno == .EINVAL {
            return nil
        }
    }

    /// When the record was written, nanoseconds since the Epoch.
    func recordTime(for holder: AddressHolder) throws(SystemCallError) -> Int64 {
        try FileSystem.status(recordPath(holder), followingLinks: false).modified
    }

    func setRecord(_ record: ReservationRecord, for holder: AddressHolder) throws(SystemCallError) {
        do throws(SystemCallError) {
            try FileSystem.symbolicLink(to: record.text, at: recordPath(holder))
        } catch  where error.errno == .EEXIST {
            try FileSystem.unlink(recordPath(holder))
            try FileSystem.symbolicLink(to: record.text, at: recordPath(holder))
        }
    }

    func removeRecord(for holder: AddressHolder) throws(SystemCallError) {
        do throws(SystemCallError) {
            try FileSystem.unlink(recordPath(holder))
        } catch  where error.errno == .ENOENT {
            return
        }
    }

    /// Makes the records say what `held` says. Records that say it already stay, with what else they know.
    func replaceRecords(by held: [AddressHolder: [IPAddress]], boot: String) throws(SystemCallError) {
        var missing = held
        var names: [String: AddressHolder] = [:]
        for holder in held.keys { names[ReservationRecord.name(for: holder)] = holder }
        for name in try Directories.sortedList(records) {
            if let holder = names[name], let addresses = held[holder],
                let record = try record(for: holder), record.addresses.sorted() == addresses.sorted()
            {
                missing[holder] = nil
            } else {
                try FileSystem.unlink("\(records)/\(name)")
            }
        }
        for (holder, addresses) in missing {
            try setRecord(ReservationRecord(addresses: addresses, boot: boot, namespace: nil), for: holder)
        }
    }
}
