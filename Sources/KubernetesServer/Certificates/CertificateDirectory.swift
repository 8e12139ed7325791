import Foundation
import LinuxHost
import SystemCalls

/// Keys and certificates in `DIR/pki`, made on the first start and renewed when they come near their end or when the
/// server gets another address. Keys have mode 0600.
///
///     ca.crt ca.key                       the cluster's authority
///     apiserver.crt apiserver.key         the server's own
///     admin.crt admin.key                 CN=kubernetes-admin, O=system:masters
///     front-proxy.crt front-proxy.key     CN=front-proxy-client, for servers behind the aggregation layer
public struct CertificateDirectory: Sendable {
    /// Renewed on a start that finds less than this left (seconds).
    static let renewal = 30.0 * 86400

    public let authority: ClusterAuthority
    public let server: CertificatePair
    public let admin: CertificatePair
    public let frontProxy: CertificatePair

    /// - Parameter names: what the server is reached by.
    public init(_ directory: String, names: [String], now: Date = Date()) throws {
        try Directories.make(directory, mode: 0o700)
        let files = Files(directory: directory)
        if let kept = try files.pair("ca") {
            do {
                authority = try ClusterAuthority(kept)
            } catch {
                throw CertificateFailure(path: "\(directory)/ca.crt", reason: "\(error)")
            }
        } else {
            authority = try ClusterAuthority(now: now)
            try files.write("ca", authority.pair)
        }
        let issuer = authority
        func kept(
            _ name: String, covering names: [String] = [], _ issue: () throws -> CertificatePair
        ) throws -> CertificatePair {
            if let pair = try files.pair(name), let validity = try? CertificateValidity(pem: pair.certificate),
                validity.notAfter > now + Self.renewal, validity.covers(names), issuer.hasIssued(pair)
            {
                return pair
            }
            let pair = try issue()
            try files.write(name, pair)
            return pair
        }
        server = try kept("apiserver", covering: names) {
            try issuer.issue("kube-apiserver", role: .server(names), now: now)
        }
        admin = try kept("admin") {
            try issuer.issue("kubernetes-admin", organizations: ["system:masters"], role: .client, now: now)
        }
        frontProxy = try kept("front-proxy") {
            try issuer.issue("front-proxy-client", role: .client, now: now)
        }
    }

    private struct Files {
        let directory: String

        func pair(_ name: String) throws -> CertificatePair? {
            guard let certificate = try AtomicFile.read("\(directory)/\(name).crt"),
                let key = try AtomicFile.read("\(directory)/\(name).key")
            else { return nil }
            return CertificatePair(
                certificate: String(decoding: certificate, as: UTF8.self), key: String(decoding: key, as: UTF8.self))
        }

        /// The key first: a certificate without its key would be kept by the next start.
        func write(_ name: String, _ pair: CertificatePair) throws {
            try AtomicFile.write("\(directory)/\(name).key", pair.key.utf8, mode: 0o600, durability: .machine)
            try AtomicFile.write("\(directory)/\(name).crt", pair.certificate.utf8, durability: .machine)
        }
    }
}

/// A file of keys or certificates that cannot be used.
struct CertificateFailure: Error, CustomStringConvertible {
    var path: String
    var reason: String

    var description: String {
        "\(path) cannot be used: \(reason); restore it from a copy, or remove the directory it is in to get a new "
            + "authority (every kubeconfig made before is then void)"
    }
}
