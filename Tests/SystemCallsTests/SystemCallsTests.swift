import Foundation
import Testing

@testable import SystemCalls

@Suite struct ErrnoTests {
    @Test(arguments: [
        (Errno.EEXIST, "EEXIST", "File exists (EEXIST)"), (.ENOENT, "ENOENT", "No such file or directory (ENOENT)"),
    ])
    func saysItsName(errno: Errno, name: String, description: String) {
        #expect(errno.name == name)
        #expect(errno.description == description)
    }

    @Test func unknownNumbersAreNumbers() {
        #expect(Errno(rawValue: 4242).name == "errno 4242")
    }

    @Test func errorNamesCallAndSubject() {
        #expect(
            SystemCallError("open", .EACCES, on: "/x").description == "open /x: Permission denied (EACCES)")
        #expect(SystemCallError("socket", .EMFILE).description == "socket: Too many open files (EMFILE)")
    }
}

@Suite struct FileTests {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "pt-" + UUID().uuidString
        try FileSystem.makeDirectory(directory)
    }

    @Test func writesAndReadsBack() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/file"
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let file = try FileDescriptor.open(path, O_CREAT | O_RDWR | O_EXCL, mode: 0o640)
        try file.writeAll(bytes)
        #expect(try file.status().size == 300_000)
        #expect(try FileDescriptor.open(path, O_RDONLY).readAll() == bytes)
        // Of a long one the end is enough, whatever became of the beginning.
        let end = try FileDescriptor.open(path, O_RDONLY).readEnd(limit: 1000)
        #expect(end.bytes == Array(bytes.suffix(1000)) && end.skipped == 299_000)
        let whole = try FileDescriptor.open(path, O_RDONLY).readEnd(limit: 300_000)
        #expect(whole.bytes == bytes && whole.skipped == 0)
        #expect(throws: SystemCallError("read", .EFBIG)) {
            _ = try FileDescriptor.open(path, O_RDONLY).readAll(limit: 1000)
        }
        try file.truncate(to: 3)
        #expect(try FileSystem.status(path).size == 3)
    }

    @Test func namesAreListedLinkedAndRemoved() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/file"
        _ = try FileDescriptor.open(path, O_CREAT | O_WRONLY, mode: 0o600)
        try FileSystem.link(path, to: directory + "/second")
        #expect(throws: SystemCallError("link", .EEXIST, on: directory + "/second")) {
            try FileSystem.link(path, to: directory + "/second")
        }
        try FileSystem.symbolicLink(to: "nowhere", at: directory + "/dangling")
        #expect(try FileSystem.readLink(directory + "/dangling") == "nowhere")
        #expect(try FileSystem.exists(directory + "/dangling"))
        #expect(try !FileSystem.exists(directory + "/nothing"))
        #expect(try !FileSystem.exists(path + "/below-a-file"))
        #expect(try FileSystem.list(directory).sorted() == ["dangling", "file", "second"])
        #expect(try FileSystem.status(path).links == 2)
        try FileSystem.unlink(path)
        #expect(throws: SystemCallError("unlink", .ENOENT, on: path)) { try FileSystem.unlink(path) }
    }

    @Test func descriptorsCloseWithTheirOwner() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let number = try FileDescriptor.open("/dev/null", O_RDONLY).rawValue
        // Somebody else may have taken the number since, but then it is not /dev/null opened by us: only the flag is
        // looked at in this process when the number is free.
        let file = try FileDescriptor.open("/dev/null", O_RDONLY)
        let copy = try file.duplicate()
        #expect(copy.rawValue != file.rawValue)
        #expect(fcntl(copy.rawValue, F_GETFD) & FD_CLOEXEC != 0)
        let raw = copy.release()
        #expect(close(raw) == 0)
        _ = number
    }
}

@Suite struct SocketTests {
    @Test func emptyNonBlockingSocketIsNil() throws {
        let socket = try Sockets.make(domain: AF_UNIX, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = try buffer.withUnsafeMutableBytes {
            try Sockets.receive(socket, into: $0, flags: Int32(MSG_DONTWAIT))
        }
        #expect(count == nil)
    }
}
