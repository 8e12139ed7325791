import KubernetesModel
import NIOSSL

/// What a certificate says of itself, without its key: for whom, by whom, from when until when.
public struct CertificateFields: Sendable, Hashable {
    public let subject: String
    public let issuer: String
    /// Names and addresses of the subject's alternative names; a certificate without any fits no host (RFC 6125 6.4.4).
    public let names: [String]
    public let notBefore: Timestamp
    public let notAfter: Timestamp

    /// All certificates of a PEM text in its order, which is the leaf first (RFC 8446 4.4.2); nil when it is none.
    public static func all(inPEM bytes: [UInt8]) -> [CertificateFields]? {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else { return nil }
        return certificates.compactMap { PresentedCertificate($0) }.map { presented in
            CertificateFields(
                subject: unquoted(presented.subject), issuer: unquoted(presented.issuer), names: presented.names,
                notBefore: presented.firstDay, notAfter: presented.lastDay)
        }
    }

    /// All certificates of a PEM text that stands in base64, as Secrets and webhook configurations hold it.
    public static func all(inBase64 text: String) -> [CertificateFields]? {
        Base64.decode(text).flatMap { all(inPEM: $0) }
    }

    private static func unquoted(_ text: String) -> String {
        text.hasPrefix("\"") && text.hasSuffix("\"") && text.utf8.count > 1 ? String(text.dropFirst().dropLast()) : text
    }
}
