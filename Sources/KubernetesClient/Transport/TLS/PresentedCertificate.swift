import KubernetesModel
import NIOSSL
import SwiftASN1
import X509

/// A certificate as a message shows it.
struct PresentedCertificate: Sendable {
    let certificate: Certificate
    let subject: String
    let issuer: String
    let names: [String]
    let firstDay: Timestamp
    let lastDay: Timestamp

    init?(_ certificate: NIOSSLCertificate) {
        guard let bytes = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: bytes) else {
            return nil
        }
        self.certificate = parsed
        subject = Self.text(parsed.subject)
        issuer = Self.text(parsed.issuer)
        firstDay = Timestamp(seconds: Int64(certificate.notValidBefore))
        lastDay = Timestamp(seconds: Int64(certificate.notValidAfter))
        let alternatives = try? parsed.extensions.subjectAlternativeNames
        names = alternatives?.compactMap { Self.text($0) } ?? []
    }

    private static func text(_ name: DistinguishedName) -> String {
        let text = "\(name)"
        return text.isEmpty ? "a certificate without a subject" : "\"\(text)\""
    }

    private static func text(_ name: GeneralName) -> String? {
        switch name {
        case .dnsName(let text): text
        case .ipAddress(let octets): address(Array(octets.bytes))
        default: nil
        }
    }

    static func address(_ bytes: [UInt8]) -> String? {
        switch bytes.count {
        case 4: bytes.map { String($0) }.joined(separator: ".")
        case 16:
            stride(from: 0, to: 16, by: 2)
                .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
        default: nil
        }
    }

    /// Whether `authority` signed it, or is it.
    func isVouchedFor(by authority: PresentedCertificate) -> Bool {
        certificate == authority.certificate
            || certificate.issuer == authority.certificate.subject
                && authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    /// Whether it is for this host (RFC 6125: one `*` stands for a whole first label).
    func isFor(_ host: String) -> Bool {
        let host = host.lowercased()
        return names.contains { name in
            let name = name.lowercased()
            if name == host { return true }
            guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
            return host[dot...] == name.dropFirst()
        }
    }
}
