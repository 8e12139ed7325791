import Foundation
import SwiftASN1
import X509

/// Whether to believe the certificates that clients show: those an authority has signed. Needs the authority's
/// certificate only, so that a kubelet can judge as the API server does.
package struct CertificateJudge: Sendable {
    private let authority: Certificate

    init(_ authority: Certificate) { self.authority = authority }

    /// - Parameter authority: the authority's certificate.
    package init(pem authority: String) throws { self.authority = try Certificate(pemEncoded: authority) }

    /// What a certificate that a client showed says, and whether to believe it.
    package func judge(der: [UInt8], now: Date = Date()) -> ClientCertificate {
        guard let shown = try? Certificate(derEncoded: der) else {
            return ClientCertificate(
                commonName: "", organizations: [], isTrusted: false, reason: "it cannot be read")
        }
        var name = ""
        var organizations: [String] = []
        for part in shown.subject.flatMap({ Array($0) }) {
            // `description` of a printable value is the value itself.
            if part.type == .RDNAttributeType.commonName { name = "\(part.value)" }
            if part.type == .RDNAttributeType.organizationName { organizations.append("\(part.value)") }
        }
        var judged = ClientCertificate(commonName: name, organizations: organizations, isTrusted: true)
        judged.reason = objection(to: shown, now)
        judged.isTrusted = judged.reason == nil
        return judged
    }

    private func objection(to shown: Certificate, _ now: Date) -> String? {
        if shown.issuer != authority.subject || !authority.publicKey.isValidSignature(shown.signature, for: shown) {
            return "x509: certificate signed by unknown authority"
        }
        if now < shown.notValidBefore || now > shown.notValidAfter {
            return "x509: certificate has expired or is not yet valid"
        }
        let usages = try? shown.extensions.extendedKeyUsage
        if let usages, !usages.contains(.clientAuth) {
            return "x509: certificate specifies an incompatible key usage"
        }
        return nil
    }
}
