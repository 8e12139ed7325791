import Findings
import KubernetesModel
import LinuxHost
import SystemCalls

extension ManifestReading {
    /// Every path in order: a file, a directory with everything below it (sorted by name), or `-` for standard input.
    public init(paths: [String]) {
        self.init()
        for path in paths { read(path: path) }
    }

    /// Only what is called like a manifest is taken from directories; a file that is named is read whatever its name.
    static let suffixes = [".yaml", ".yml", ".json"]

    /// Directories inside each other, for links that lead back up.
    static let depthLimit = 64

    public mutating func read(path: String) {
        do throws(SystemCallError) {
            if path == "-" {
                read(try StandardStreams.readInput(), file: "standard input")
            } else if try FileSystem.status(path).isDirectory {
                let before = (manifests.count, findings.count)
                readDirectory(path, depth: 0)
                if (manifests.count, findings.count) == before {
                    add(
                        Finding(
                            .warning, "no manifest in this directory", at: Finding.Place(file: path),
                            next: "files are to end in .yaml, .yml or .json"))
                }
            } else {
                try readFile(path)
            }
        } catch {
            add(Self.finding(error, path))
        }
    }

    private mutating func readDirectory(_ path: String, depth: Int) {
        do throws(SystemCallError) {
            if depth > Self.depthLimit { throw SystemCallError("open", .ELOOP, on: path) }
            for name in try Directories.sortedList(path) where !name.hasPrefix(".") {
                let inner = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
                do throws(SystemCallError) {
                    if try FileSystem.status(inner).isDirectory {
                        readDirectory(inner, depth: depth + 1)
                    } else if Self.suffixes.contains(where: name.hasSuffix) {
                        try readFile(inner)
                    }
                } catch {
                    add(Self.finding(error, inner))
                }
            }
        } catch {
            add(Self.finding(error, path))
        }
    }

    private mutating func readFile(_ path: String) throws(SystemCallError) {
        guard let bytes = try AtomicFile.read(path) else { throw SystemCallError("open", .ENOENT, on: path) }
        read(bytes, file: path)
    }

    private static func finding(_ error: SystemCallError, _ path: String) -> Finding {
        let next: String? =
            switch error.errno {
            case .ENOENT: "check the path"
            case .EACCES, .EPERM: "it cannot be read by this user"
            case .EFBIG: "the file is larger than 64 MiB: split it"
            default: nil
            }
        return Finding(.error, "cannot read \(path): \(error.errno)", at: Finding.Place(file: path), next: next)
    }
}
