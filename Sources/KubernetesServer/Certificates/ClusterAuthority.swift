import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate with its key, as PEM.
public struct CertificatePair: Hashable, Sendable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// The cluster's certificate authority: a P-256 key that signs the server's certificate and those of clients. Pure:
/// files are ``CertificateDirectory``'s.
public struct ClusterAuthority: Sendable {
    /// How long a certificate is good.
    public static let authorityLifetime = 3650.0 * 86400
    public static let lifetime = 365.0 * 86400
    /// Clocks of nodes may be behind.
    static let backdating = 3600.0

    public enum Role: Hashable, Sendable {
        /// With the names and addresses it is reached by.
        case server([String])
        case client
    }

    public let pair: CertificatePair
    private let certificate: Certificate
    private let key: Certificate.PrivateKey

    /// A new authority.
    public init(name: String = "poplin-ca", now: Date = Date()) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName(name) }
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: now - Self.backdating, notValidAfter: now + Self.authorityLifetime, issuer: subject,
            subject: subject,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            },
            issuerPrivateKey: key)
        self.key = key
        pair = try Self.pair(certificate, key)
    }

    /// One that was made before.
    public init(_ pair: CertificatePair) throws {
        self.pair = pair
        certificate = try Certificate(pemEncoded: pair.certificate)
        key = try Certificate.PrivateKey(pemEncoded: pair.key)
    }

    /// A new key with a certificate of this authority.
    ///
    /// - Parameters:
    ///   - name: the subject's common name: of a client Kubernetes' user name.
    ///   - organizations: of a client Kubernetes' groups.
    public func issue(
        _ name: String, organizations: [String] = [], role: Role, now: Date = Date(), lifetime: Double = lifetime
    ) throws -> CertificatePair {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName {
            for organization in organizations { OrganizationName(organization) }
            CommonName(name)
        }
        let usage: ExtendedKeyUsage
        var names: [GeneralName] = []
        switch role {
        case .server(let reachable):
            usage = try ExtendedKeyUsage([.serverAuth, .clientAuth])
            names = reachable.map(Self.generalName)
        case .client: usage = try ExtendedKeyUsage([.clientAuth])
        }
        let issuerKey = certificate.publicKey
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
            usage
            AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: issuerKey).keyIdentifier)
            if !names.isEmpty { SubjectAlternativeNames(names) }
        }
        let issued = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: now - Self.backdating, notValidAfter: now + lifetime, issuer: certificate.subject,
            subject: subject, extensions: extensions, issuerPrivateKey: self.key)
        return try Self.pair(issued, key)
    }

    /// What a certificate that a client showed says, and whether to believe it.
    public func judge(der: [UInt8], now: Date = Date()) -> ClientCertificate {
        CertificateJudge(certificate).judge(der: der, now: now)
    }

    /// Whether a kept pair is this authority's: after the authority was replaced the others must be too.
    func hasIssued(_ pair: CertificatePair) -> Bool {
        guard let issued = try? Certificate(pemEncoded: pair.certificate) else { return false }
        return certificate.publicKey.isValidSignature(issued.signature, for: issued)
    }

    private static func pair(_ certificate: Certificate, _ key: Certificate.PrivateKey) throws -> CertificatePair {
        CertificatePair(
            certificate: try certificate.serializeAsPEM().pemString + "\n",
            key: try key.serializeAsPEM().pemString + "\n")
    }

    /// An address, where the text is one, else a DNS name.
    private static func generalName(_ text: String) -> GeneralName {
        guard let bytes = AddressBytes.of(text) else { return .dnsName(text) }
        return .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
    }
}

/// When a certificate ends and what it is good for: whether a kept one can be used again.
struct CertificateValidity {
    let notAfter: Date
    private let names: Set<String>

    init(pem: String) throws {
        let certificate = try Certificate(pemEncoded: pem)
        notAfter = certificate.notValidAfter
        var names: Set<String> = []
        for name in try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames([]) {
            switch name {
            case .dnsName(let text): names.insert(text)
            case .ipAddress(let address): names.insert(Self.text(Array(address.bytes)))
            default: break
            }
        }
        self.names = names
    }

    func covers(_ wanted: [String]) -> Bool {
        wanted.allSatisfy { names.contains(AddressBytes.of($0).map(Self.text) ?? $0) }
    }

    private static func text(_ address: [UInt8]) -> String { address.map { "\($0)" }.joined(separator: ".") }
}
