import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// The files `<directory>/results/<network>-<container>-<interface>` that libcni keeps too: a node can go over from
/// one runtime to another with containers running.
///
/// Files are replaced as a whole, never written in place; a torn one, as libcni's plain write can leave after a crash,
/// is told apart from one that is not there.
public struct ResultCache: Sendable {
    /// libcni's default.
    public static let defaultDirectory = "/var/lib/cni"

    public let directory: String

    public init(directory: String = ResultCache.defaultDirectory) { self.directory = directory }

    var results: String { "\(directory)/results" }

    /// What is known of an attachment.
    public enum Entry: Sendable {
        case none
        case found(CachedAttachment)
        /// The file is there and says nothing: torn, or of an unknown format.
        case unreadable(path: String)
        /// Both names run together in the file's name, and it is about somebody else: network `a-b` with container `c`
        /// has the same file as network `a` with container `b-c`.
        case foreign(CachedAttachment, path: String)

        public var attachment: CachedAttachment? {
            if case .found(let attachment) = self { attachment } else { nil }
        }
    }

    public func path(network: String, _ attachment: CNIAttachment) -> String {
        "\(results)/\(network)-\(attachment.containerID)-\(attachment.interfaceName)"
    }

    public func entry(network: String, _ attachment: CNIAttachment) throws(CNIError) -> Entry {
        let path = path(network: network, attachment)
        do throws(SystemCallError) {
            guard let source = try AtomicFile.read(path) else { return .none }
            guard let cached = CachedAttachment(decoding: source, expecting: (network, attachment)) else {
                return .unreadable(path: path)
            }
            if cached.network == network && cached.attachment == attachment { return .found(cached) }
            return .foreign(cached, path: path)
        } catch {
            throw CNIError(error, during: "the result cache cannot be read")
        }
    }

    /// Keeps an attachment. Directories are made with mode 0700 and files with 0600, as libcni does: results can hold
    /// what is nobody else's business.
    public func store(_ cached: CachedAttachment) throws(CNIError) {
        do throws(SystemCallError) {
            try Directories.make(results, mode: 0o700)
            try AtomicFile.write(
                path(network: cached.network, cached.attachment), cached.value.serialized(), mode: 0o600)
        } catch {
            throw CNIError(error, during: "the result cannot be cached")
        }
    }

    /// Forgets an attachment; one that is not there is fine.
    public func remove(network: String, _ attachment: CNIAttachment) throws(CNIError) {
        do throws(SystemCallError) {
            try AtomicFile.remove(path(network: network, attachment))
        } catch  where error.errno == .ENOENT || error.errno == .ENOTDIR {
            return
        } catch {
            throw CNIError(error, during: "the cached result cannot be removed")
        }
    }

    /// Every attachment there is, in the order of the file names.
    ///
    /// - Returns: also the files that say nothing, and that older format whose names cannot be taken apart.
    public func all() throws(CNIError) -> (attachments: [CachedAttachment], unreadable: [String]) {
        var attachments: [CachedAttachment] = []
        var unreadable: [String] = []
        do throws(SystemCallError) {
            for name in try Directories.sortedList(results) where AtomicFile.target(ofStagingName: name) == nil {
                // Removed by a DEL since the directory was read.
                guard let source = try AtomicFile.read("\(results)/\(name)") else { continue }
                if let cached = CachedAttachment(decoding: source, expecting: nil) {
                    attachments.append(cached)
                } else {
                    unreadable.append("\(results)/\(name)")
                }
            }
        } catch {
            throw CNIError(error, during: "the result cache cannot be read")
        }
        return (attachments, unreadable)
    }
}
