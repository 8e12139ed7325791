import LinuxHost
import SystemCalls

/// A certificate, a key or a token: in the configuration itself, or in a file that may be replaced while we run.
public enum Material: Hashable, Sendable {
    /// - Parameter name: for messages: `client-certificate-data of user "admin"`.
    case inline([UInt8], name: String)
    case file(String)

    /// Bytes of the largest file that is read.
    static let limit = 4 << 20

    public var name: String {
        switch self {
        case .inline(_, let name): name
        case .file(let path): path
        }
    }

    /// The bytes as they are now.
    func read() throws(KubernetesFailure) -> [UInt8] {
        switch self {
        case .inline(let bytes, _): return bytes
        case .file(let path):
            do throws(SystemCallError) {
                if let bytes = try AtomicFile.read(path, limit: Self.limit) { return bytes }
            } catch {
                throw KubernetesFailure(.authentication(.file(path: path, "\(error.errno)")))
            }
            throw KubernetesFailure(.authentication(.file(path: path, "there is no such file")))
        }
    }
}

/// A certificate with its key, both PEM.
public struct ClientCertificate: Hashable, Sendable {
    public var certificate: Material
    public var key: Material

    public init(certificate: Material, key: Material) {
        self.certificate = certificate
        self.key = key
    }
}
