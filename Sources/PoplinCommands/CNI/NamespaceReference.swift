import CNI
import Findings
import LinuxHost
import SystemCalls

/// A network namespace as a user names it: a name of `ip netns`, a path, or nothing.
struct NamespaceReference: Sendable, Equatable {
    /// Empty when there is none.
    let path: String

    /// What has a `/` in it is a path, anything else a name.
    init(_ text: String?) {
        guard let text, !text.isEmpty else {
            path = ""
            return
        }
        path = text.contains("/") ? text : NetworkNamespace.path(ofName: text)
    }

    /// The name, when it is one of `ip netns`.
    var name: String? {
        for directory in ["/run/netns/", "/var/run/netns/"] where path.hasPrefix(directory) {
            let name = path.dropFirst(directory.count)
            if !name.isEmpty && !name.contains("/") { return String(name) }
        }
        return nil
    }

    /// The container's identifier when the user gives none: the same for the same namespace, so that CHECK and DEL
    /// find what ADD made.
    var containerID: String {
        if let name, CNINames.isIdentifier(name) { return name.hasPrefix("poplin-") ? name : "poplin-\(name)" }
        // FNV-1a, 64 bits: short, and the same in every process.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "poplin-" + hex(hash)
    }
}

/// Sixteen digits.
func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The namespaces that `--make-netns` made, so that DEL removes those and no others.
///
/// A file of the namespace's name holds the inode: a namespace that somebody else made later under the same name is
/// not ours.
struct MadeNamespaces: Sendable {
    var directory = "/run/poplin/netns"

    /// Makes a namespace, its loopback interface down as `ip netns add` leaves it, and remembers it.
    func make(named name: String?) throws(CommandFailure) -> NamespaceReference {
        let name = if let name { name } else { try Self.freshName("poplin") }
        let namespace: NetworkNamespace
        do throws(NetworkNamespace.Failure) {
            namespace = try NetworkNamespace.create(named: name)
        } catch {
            throw CommandFailure(.findings, Self.finding("cannot make network namespace \(name)", error))
        }
        do throws(SystemCallError) {
            try Directories.make(directory)
            try AtomicFile.write("\(directory)/\(name)", Array("\(namespace.identity.inode)\n".utf8), mode: 0o600)
        } catch {
            _ = try? NetworkNamespace.remove(named: name)
            throw CommandFailure(.findings, Finding("cannot remember network namespace \(name): \(error)"))
        }
        return NamespaceReference(name)
    }

    /// `poplin-` and eight random hexadecimal digits.
    static func freshName(_ prefix: String) throws(CommandFailure) -> String {
        do throws(SystemCallError) {
            return "\(prefix)-\(hex(try Entropy.number()).prefix(8))"
        } catch {
            throw CommandFailure(.internalError, Finding("no random number for a name: \(error)"))
        }
    }

    /// Whether the namespace is one that ``make(named:)`` made.
    func isOurs(_ reference: NamespaceReference) -> Bool {
        guard let name = reference.name, let bytes = try? AtomicFile.read("\(directory)/\(name)"),
            let namespace = try? NetworkNamespace.open(reference.path)
        else { return false }
        return String(decoding: bytes, as: UTF8.self) == "\(namespace.identity.inode)\n"
    }

    /// Removes one that is ours.
    func remove(_ reference: NamespaceReference) throws(CommandFailure) {
        guard let name = reference.name else { return }
        do throws(NetworkNamespace.Failure) {
            try NetworkNamespace.remove(named: name)
        } catch {
            throw CommandFailure(.findings, Self.finding("cannot remove network namespace \(name)", error))
        }
        _ = try? AtomicFile.remove("\(directory)/\(name)")
    }

    private static func finding(_ what: String, _ failure: NetworkNamespace.Failure) -> Finding {
        var finding = Finding("\(what): \(failure)")
        if case .refused(let error) = failure {
            if error.errno == .EEXIST { finding.next = "take another name, or leave out --make-netns to use that one" }
            if error.errno == .EPERM || error.errno == .EACCES { finding.next = "run the command as root" }
        }
        return finding
    }
}
