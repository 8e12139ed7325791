import LinuxHost
import SystemCalls

/// A file that goes with the test.
final class TemporaryFile: Sendable {
    let path: String

    init(_ text: String, named name: String = "file") throws {
        path = "/tmp/poplin-client-\(String(try Entropy.number(), radix: 16))-\(name)"
        try AtomicFile.write(path, Array(text.utf8))
    }

    deinit { _ = try? AtomicFile.remove(path) }

    func write(_ text: String) throws { try AtomicFile.write(path, Array(text.utf8)) }

    /// A script that can be run.
    convenience init(script: String, named name: String = "plugin") throws {
        try self.init("#!/bin/sh\n\(script)", named: name)
        try FileSystem.setMode(path, 0o755)
    }
}
