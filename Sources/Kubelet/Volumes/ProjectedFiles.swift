import CLinux
import LinuxHost
import SystemCalls

/// A directory of files that change together: `..data` is a link to a directory with one state of them, each name a link
/// through it, and a new state comes with one rename (kubernetes/pkg/volume/util/atomic_writer.go).
struct ProjectedFiles {
    struct File: Hashable, Sendable {
        var path: String
        var bytes: [UInt8]
        var mode: Int
    }

    var directory: String

    /// Makes `files` what is there; answers whether that was a change.
    @discardableResult
    func write(_ files: [File]) throws(SystemCallError) -> Bool {
        try Directories.make(directory)
        let link = "\(directory)/..data"
        let before = try? FileSystem.readLink(link)
        if let before, try holds(files, in: "\(directory)/\(before)") { return false }
        let state = "..\(LogLine.text(Clock.now()).replacing(":", with: "_"))"
        try Directories.make("\(directory)/\(state)")
        for file in files {
            let path = "\(directory)/\(state)/\(file.path)"
            try Directories.make(RootTree.parent(of: path))
            try AtomicFile.write(path, file.bytes, mode: UInt32(file.mode))
            try FileSystem.setMode(path, UInt32(file.mode))
        }
        let next = "\(directory)/..data_tmp"
        _ = try? FileSystem.unlink(next)
        try FileSystem.symbolicLink(to: state, at: next)
        try FileSystem.rename(next, to: link)
        let names = Set(files.compactMap { $0.path.split(separator: "/").first.map(String.init) })
        for name in names where try !FileSystem.exists("\(directory)/\(name)") {
            try FileSystem.symbolicLink(to: "..data/\(name)", at: "\(directory)/\(name)")
        }
        for name in try FileSystem.list(directory) where !name.hasPrefix("..") && !names.contains(name) {
            try FileSystem.unlink("\(directory)/\(name)")
        }
        if let before { RootTree.removeAll("\(directory)/\(before)") }
        return true
    }

    private func holds(_ files: [File], in state: String) throws(SystemCallError) -> Bool {
        for file in files {
            guard try AtomicFile.read("\(state)/\(file.path)") == file.bytes else { return false }
        }
        return Self.count(state) == files.count
    }

    private static func count(_ path: String) -> Int {
        var count = 0
        for name in (try? FileSystem.list(path)) ?? [] {
            let here = "\(path)/\(name)"
            let isDirectory = (try? FileSystem.status(here, followingLinks: false))?.isDirectory ?? false
            count += isDirectory ? Self.count(here) : 1
        }
        return count
    }
}
