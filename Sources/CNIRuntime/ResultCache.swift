import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// What ADD answered, kept until DEL so that CHECK and DEL can give it to the plugins again: the files
/// `<directory>/results/<network>-<container>-<interface>` in libcni's format, so that a node can go over from a
/// runtime built on libcni to Poplin, and back, with containers running.
///
/// Files are replaced as a whole, never written in place. A torn one, as libcni's plain write leaves after a crash, is
/// told apart from one that is not there.
public struct ResultCache: Sendable {
    /// Below it lies `results/`.
    public let directory: String

    /// libcni's.
    public static let standardDirectory = "/var/lib/cni"

    public init(_ directory: String = ResultCache.standardDirectory) { self.directory = directory }

    private var results: String { "\(directory)/results" }

    /// The file of an attachment.
    public func path(network: String, _ attachment: CNIAttachment) -> String {
        "\(results)/\(network)-\(attachment.containerID)-\(attachment.interfaceName)"
    }

    /// What the cache knows of an attachment.
    public enum Answer: Sendable {
        case nothing
        case found(Entry)
        /// The file is there and says nothing: torn, or of an unknown format.
        case unreadable(path: String)
        /// The file is about somebody else: network `a-b` with container `c` has the same file name as network `a`
        /// with container `b-c`, which is libcni's doing.
        case foreign(Entry, path: String)
    }

    public func answer(network: String, _ attachment: CNIAttachment) throws(CNIError) -> Answer {
        let path = path(network: network, attachment)
        guard let source = try read(path) else { return .nothing }
        guard let entry = Entry(decoding: source, fileFor: (network, attachment)) else {
            return .unreadable(path: path)
        }
        if entry.network == network && entry.attachment.attachment == attachment { return .found(entry) }
        return .foreign(entry, path: path)
    }

    /// The entry of an attachment; nil when there is none, or none that can be read.
    public func entry(
        of list: NetworkConfigurationList, _ attachment: CNIAttachment
    ) throws(CNIError) -> Entry? {
        if case .found(let entry) = try answer(network: list.name, attachment) { return entry }
        return nil
    }

    /// Keeps an attachment. Directories get mode 0700 and files 0600, as libcni makes them.
    public func store(_ entry: Entry) throws(CNIError) {
        let value = try entry.value
        do throws(SystemCallError) {
            try Directories.make(results, mode: 0o700)
            try AtomicFile.write(
                path(network: entry.network, entry.attachment.attachment), value.serialized(), mode: 0o600)
        } catch {
            throw CNIError(error, during: "failed to set network \"\(entry.network)\" cached result")
        }
    }

    /// Forgets an attachment; one that is not there is fine.
    public func remove(network: String, _ attachment: CNIAttachment) throws(CNIError) {
        do throws(SystemCallError) {
            try AtomicFile.remove(path(network: network, attachment))
        } catch  where error.errno == .ENOENT || error.errno == .ENOTDIR {
            return
        } catch {
            throw CNIError(error, during: "failed to remove network \"\(network)\" cached result")
        }
    }

    /// Every attachment of a network (nil: of all networks) that can be read, in the order of the file names.
    public func entries(network: String? = nil) throws(CNIError) -> [Entry] {
        try all().entries.filter { network == nil || $0.network == network }
    }

    /// Everything there is. Files that say nothing are named, and so are those of the older format, whose names
    /// cannot be taken apart into network, container and interface.
    func all() throws(CNIError) -> (entries: [Entry], unreadable: [String]) {
        let names: [String]
        do throws(SystemCallError) {
            names = try Directories.sortedList(results)
        } catch {
            throw CNIError(error, during: "the result cache cannot be read")
        }
        var entries: [Entry] = []
        var unreadable: [String] = []
        for name in names where !name.hasPrefix(".") {
            let path = "\(results)/\(name)"
            // Removed by a DEL since the directory was read.
            guard let source = try read(path) else { continue }
            if let entry = Entry(decoding: source, fileFor: nil) {
                entries.append(entry)
            } else {
                unreadable.append(path)
            }
        }
        return (entries, unreadable)
    }

    /// Whether the name of a file says that it is about a network.
    func isAbout(_ network: String, path: String) -> Bool { path.hasPrefix("\(results)/\(network)-") }

    private func read(_ path: String) throws(CNIError) -> [UInt8]? {
        do throws(SystemCallError) {
            return try AtomicFile.read(path)
        } catch {
            throw CNIError(error, during: "the result cache cannot be read")
        }
    }
}
