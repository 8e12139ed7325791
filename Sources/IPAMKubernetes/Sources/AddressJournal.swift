import CLinux
import JSONTree
import LinuxHost
import Synchronization
import SystemCalls

/// The changes behind a ledger's file: a line of JSON for each, appended with one write(2), so that giving out an address
/// costs the same however many are given out already.
///
///     {"edition":4711}
///     [{"address":"10.244.1.5","handle":"poplin/c1/eth0","sequence":12,"range":"10.244.1.0/24"}]
///
/// The first line names the ledger's file that the rest belongs to. A kill between the writing of that file and the
/// beginning of its journal leaves one of an edition before, whose changes the file has already. A kill or a full disk in
/// the middle of a line leaves a part without its end, which nobody was told of.
final class AddressJournal: Sendable {
    private let path: String
    private let file: FileDescriptor
    /// Which file it is: a name can come to mean another one.
    private let status: FileStatus
    /// Bytes after which everything is written anew.
    private let limit: Int
    private let size: Mutex<Int>

    static func path(besides ledger: String) -> String {
        (ledger.hasSuffix(".json") ? String(ledger.dropLast(5)) : ledger) + ".log"
    }

    /// Begins one, in place of what is there.
    init(at path: String, since edition: UInt64, limit: Int) throws(SystemCallError) {
        let head = Self.line(["edition": .uint(edition)])
        try AtomicFile.write(path, head, mode: 0o600)
        self.path = path
        file = try FileDescriptor.open(path, O_WRONLY | O_APPEND)
        status = try file.status()
        self.limit = limit
        size = Mutex(head.count)
    }

    /// False when the journal has become too long, or is not any more what has its name: then everything is to be written
    /// anew, and nothing was added.
    func append(_ changes: [JSONValue]) throws(SystemCallError) -> Bool {
        let line = Self.line(.array(changes))
        let isShort = size.withLock { size in
            size += line.count
            return size <= limit
        }
        guard isShort else { return false }
        let there = try FileSystem.status(path)
        guard there.device == status.device, there.inode == status.inode else { return false }
        try file.writeAll(line)
        return true
    }

    private static func line(_ value: JSONValue) -> [UInt8] { value.serialized() + [UInt8(ascii: "\n")] }

    // MARK: Reading

    /// The whole lines; none when there is no such file.
    static func lines(at path: String) throws(SystemCallError) -> [[UInt8]] {
        guard let bytes = try AtomicFile.read(path), let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            return []
        }
        return bytes[..<end].split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    /// The changes that belong to the edition; none, when the journal is another's.
    static func changes(in lines: [[UInt8]], since edition: UInt64?) throws(JSONSyntaxError) -> [JSONNode] {
        guard let edition, let head = lines.first,
            try JSONTree(parsing: head).root.member("edition")?.uint == edition
        else { return [] }
        var changes: [JSONNode] = []
        for line in lines.dropFirst() { changes += Array(try JSONTree(parsing: line).root.elements) }
        return changes
    }
}
