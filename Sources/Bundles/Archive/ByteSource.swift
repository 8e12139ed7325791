import CLinux
import SystemCalls

/// An archive that cannot be read any further.
struct ArchiveDamage: Error {
    var reason: String
}

/// Bytes in the order they come.
protocol ByteSource: AnyObject {
    /// The next ones; none at the end.
    func chunk() throws(ArchiveDamage) -> [UInt8]
}

/// Those of a file.
final class FileSource: ByteSource {
    private let file: FileDescriptor
    private static let chunkBytes = 256 << 10

    init(_ path: String) throws(SystemCallError) { file = try FileDescriptor.open(path, O_RDONLY) }

    func chunk() throws(ArchiveDamage) -> [UInt8] {
        var failure: SystemCallError?
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
            do throws(SystemCallError) {
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw ArchiveDamage(reason: "\(failure.errno)") }
        return bytes
    }
}

/// Those that are there already.
final class MemorySource: ByteSource {
    private var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func chunk() throws(ArchiveDamage) -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

/// No more than so many bytes of another: an archive may pretend to hold more than a day of reading.
final class BoundedSource: ByteSource {
    private let source: any ByteSource
    private let limit: Int
    private var passed = 0

    init(_ source: any ByteSource, _ limit: Int) {
        self.source = source
        self.limit = limit
    }

    func chunk() throws(ArchiveDamage) -> [UInt8] {
        if passed > limit { throw ArchiveDamage(reason: "there are more than \(limit >> 20) MiB in it") }
        let bytes = try source.chunk()
        passed += bytes.count
        return bytes
    }
}

/// What was read already, and then the rest.
final class RewoundSource: ByteSource {
    /// Nothing once it was handed out.
    private(set) var head: [UInt8]
    private let rest: any ByteSource

    init(_ head: [UInt8], then rest: any ByteSource) {
        self.head = head
        self.rest = rest
    }

    func chunk() throws(ArchiveDamage) -> [UInt8] {
        if head.isEmpty { return try rest.chunk() }
        defer { head = [] }
        return head
    }
}
