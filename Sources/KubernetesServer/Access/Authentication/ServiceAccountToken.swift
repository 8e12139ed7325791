import Crypto
import Foundation
import JWTKit

/// The claims of a service account's token (KEP-1205; kubernetes/pkg/serviceaccount/claims.go).
struct ServiceAccountClaims: JWTPayload, Hashable {
    struct Reference: Codable, Hashable {
        var name: String
        var uid: String
    }

    struct Bindings: Codable, Hashable {
        var namespace: String
        var serviceaccount: Reference
        /// What the token dies with.
        var pod: Reference?
        var secret: Reference?
        var node: Reference?
    }

    var iss: String
    var sub: String
    var aud: [String]
    /// Seconds since 1970.
    var exp: Int64
    var nbf: Int64
    var iat: Int64
    /// The token's own identifier; users see it as credential id.
    var jti: String
    var kubernetes: Bindings

    enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, nbf, iat, jti
        case kubernetes = "kubernetes.io"
    }

    /// Times, issuer and audience are for ``Authenticator`` to judge, which knows the clock and the store.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// Signs and reads the tokens of service accounts, with one ES256 key of the cluster.
public struct ServiceAccountIssuer: Sendable {
    /// What a kubeadm cluster calls itself; also the audience of a token that asks for none.
    public static let defaultName = "https://kubernetes.default.svc.cluster.local"

    /// `iss` of every token.
    public let name: String
    /// Who the API server is to its clients: a token for none of them is not let in.
    public let audiences: [String]
    private let keys: JWTKeyCollection
    private let keyIdentifier: JWKIdentifier

    /// - Parameter key: PEM of a P-256 private key, see ``newKey()``.
    public init(key: String, name: String = defaultName) async throws {
        self.name = name
        audiences = [name]
        let private_ = try ES256PrivateKey(pem: key)
        let digest = SHA256.hash(data: Data(private_.publicKey.pemRepresentation.utf8))
        keyIdentifier = JWKIdentifier(string: digest.prefix(16).map { String($0, radix: 16) }.joined())
        keys = JWTKeyCollection()
        await keys.add(ecdsa: private_, kid: keyIdentifier)
    }

    /// A fresh key, as PEM.
    public static func newKey() -> String { ES256PrivateKey().pemRepresentation }

    func sign(_ claims: ServiceAccountClaims) async throws -> String {
        try await keys.sign(claims, kid: keyIdentifier)
    }

    /// The claims of a token that this key signed; anything else is nil.
    func claims(of token: String) async -> ServiceAccountClaims? {
        // A header of kilobytes is none of ours, and not worth parsing.
        guard token.utf8.count <= 16 << 10, token.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2 else {
            return nil
        }
        return try? await keys.verify(token, as: ServiceAccountClaims.self)
    }
}
