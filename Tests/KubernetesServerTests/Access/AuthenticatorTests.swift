import JSONTree
import KubernetesModel
import NIOHTTP1
import Synchronization
import Testing

@testable import KubernetesServer

/// Objects by their keys, as a store of the tests, and a clock that is set by hand.
final class FakeObjects: Sendable {
    let objects = Mutex<[StoreKey: StoredObject]>([:])
    let time = Mutex<Int64>(1_800_000_000)

    func put(_ key: StoreKey, uid: String, _ text: String = "{}") {
        objects.withLock { $0[key] = StoredObject(key: key, uid: uid, revision: 1, bytes: Array(text.utf8)) }
    }

    func remove(_ key: StoreKey) { objects.withLock { $0[key] = nil } }

    func authenticator(tokens: [String: UserInfo] = [:], anonymous: Bool = true) async throws -> Authenticator {
        Authenticator(
            staticTokens: tokens, issuer: try await ServiceAccountIssuer(key: ServiceAccountIssuer.newKey()),
            allowsAnonymous: anonymous, clock: { self.time.withLock { $0 } }
        ) { (key) throws(StoreFailure) in self.objects.withLock { $0[key] } }
    }
}

func request(
    _ method: String = "GET", _ target: String, headers: HTTPHeaders = [:], body: String = "",
    certificate: ClientCertificate? = nil
) throws -> ServerRequest {
    try #require(
        ServerRequest(
            .init(method), target: target, headers: headers, body: Array(body.utf8),
            peer: ConnectionPeer(certificate: certificate)))
}

@Suite("Who asks")
struct AuthenticatorTests {
    static let account = StoreKey("serviceaccounts", namespace: "tx", name: "agent")

    func user(_ authenticator: Authenticator, token: String) async throws -> UserInfo {
        try await authenticator.user(of: try request("GET", "/", headers: ["Authorization": "Bearer \(token)"]))
    }

    /// The token of a TokenRequest.
    func token(_ authenticator: Authenticator, _ spec: String = "{}", account: String = "agent") async throws -> (
        Int, JSONNode
    ) {
        let request = try request(
            "POST", "/api/v1/namespaces/tx/serviceaccounts/\(account)/token",
            headers: ["Content-Type": "application/json"],
            body: #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":\#(spec)}"#)
        let answer = await TokenRequests(authenticator: authenticator).answer(request, AccessAttributes(request))
        let response = try #require(answer)
        guard case .whole(let bytes) = response.body else { throw ResponseClosed() }
        return (response.status, try JSONTree(parsing: bytes).root)
    }

    @Test("Certificates: CN is the user, O the groups; one that is not trusted is 401")
    func certificates() async throws {
        let authenticator = try await FakeObjects().authenticator()
        let admin = ClientCertificate(
            commonName: "kubernetes-admin", organizations: ["system:masters"], isTrusted: true)
        let user = try await authenticator.user(of: try request("GET", "/", certificate: admin))
        #expect(user == UserInfo(name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"]))
        let forged = ClientCertificate(
            commonName: "x", organizations: ["system:masters"], isTrusted: false, reason: "unknown authority")
        await #expect(throws: AuthenticationFailure.self) {
            try await authenticator.user(of: try request("GET", "/", certificate: forged))
        }
    }

    @Test("Nobody is system:anonymous, unless anonymous requests are off; a wrong token is never anonymous")
    func anonymous() async throws {
        let open = try await FakeObjects().authenticator()
        #expect(try await open.user(of: try request("GET", "/")) == .anonymous)
        let closed = try await FakeObjects().authenticator(anonymous: false)
        await #expect(throws: AuthenticationFailure.self) { try await closed.user(of: try request("GET", "/")) }
        for token in ["wrong", "a.b.c", "..", String(repeating: "x", count: 100_000)] {
            await #expect(throws: AuthenticationFailure.self) { try await user(open, token: token) }
        }
    }

    @Test("Static tokens; a browser's WebSocket carries its token as a subprotocol")
    func staticTokens() async throws {
        let authenticator = try await FakeObjects().authenticator(tokens: [
            "s3cret": UserInfo(name: "bob", groups: ["dev"])
        ])
        #expect(
            try await user(authenticator, token: "s3cret")
                == UserInfo(name: "bob", groups: ["dev", "system:authenticated"]))
        let browser = try request(
            "GET", "/",
            headers: [
                "Connection": "Upgrade", "Upgrade": "websocket",
                "Sec-WebSocket-Protocol": "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.czNjcmV0",
            ])
        #expect(try await authenticator.user(of: browser).name == "bob")
        let stripped = Authenticator.withoutCredentials(browser.headers)
        #expect(stripped["sec-websocket-protocol"] == ["v5.channel.k8s.io"])
        #expect(Authenticator.withoutCredentials(["Authorization": "Bearer x", "A": "b"]).count == 1)
    }

    @Test("14-tokenrequest, 14-tokenreview: a token of an account, its user, its end")
    func serviceAccounts() async throws {
        let objects = FakeObjects()
        let authenticator = try await objects.authenticator()
        #expect(try await token(authenticator).0 == 404)
        objects.put(Self.account, uid: "u1")
        let (code, answer) = try await token(authenticator, #"{"expirationSeconds":3600}"#)
        #expect(code == 201)
        #expect(answer.at("metadata", "uid")?.string == "u1")
        #expect(answer.at("spec", "audiences")?[0]?.string == "https://kubernetes.default.svc.cluster.local")
        #expect(answer.at("status", "expirationTimestamp")?.string == "2027-01-15T09:00:00Z")
        let text = try #require(answer.at("status", "token")?.string)
        let user = try await user(authenticator, token: text)
        #expect(user.name == "system:serviceaccount:tx:agent")
        #expect(user.uid == "u1")
        #expect(user.groups == ["system:serviceaccounts", "system:serviceaccounts:tx", "system:authenticated"])
        #expect(user.extra["authentication.kubernetes.io/credential-id"]?.first?.hasPrefix("JTI=") == true)

        objects.time.withLock { $0 += 3599 }
        _ = try await self.user(authenticator, token: text)
        objects.time.withLock { $0 += 1 }
        await #expect(throws: AuthenticationFailure.self) { try await self.user(authenticator, token: text) }
        objects.time.withLock { $0 -= 3600 }
        objects.put(Self.account, uid: "another")
        await #expect(throws: AuthenticationFailure.self) { try await self.user(authenticator, token: text) }
        objects.remove(Self.account)
        await #expect(throws: AuthenticationFailure.self) { try await self.user(authenticator, token: text) }
    }

    @Test("Another key, another audience, a changed payload: 401")
    func forged() async throws {
        let objects = FakeObjects()
        objects.put(Self.account, uid: "u1")
        let authenticator = try await objects.authenticator()
        let stranger = try await objects.authenticator()
        let foreign = try #require(try await token(stranger).1.at("status", "token")?.string)
        await #expect(throws: AuthenticationFailure.self) { try await user(authenticator, token: foreign) }
        let other = try #require(
            try await token(authenticator, #"{"audiences":["vault"]}"#).1.at("status", "token")?.string)
        await #expect(throws: AuthenticationFailure.self) { try await user(authenticator, token: other) }
        let found = try await authenticator.user(ofToken: other, audiences: ["x", "vault"])
        #expect(found.audiences == ["vault"])
        let own = try #require(try await token(authenticator).1.at("status", "token")?.string)
        let parts = own.split(separator: ".")
        for changed in [
            "\(parts[0]).\(other.split(separator: ".")[1]).\(parts[2])", "\(parts[0]).\(parts[1]).",
            "eyJhbGciOiJub25lIn0.\(parts[1]).",
        ] {
            await #expect(throws: AuthenticationFailure.self) { try await user(authenticator, token: changed) }
        }
    }

    @Test("A token bound to a pod dies with it, and says where it ran")
    func bound() async throws {
        let objects = FakeObjects()
        let authenticator = try await objects.authenticator()
        objects.put(Self.account, uid: "u1")
        objects.put(StoreKey("nodes", name: "n1"), uid: "nu")
        let pod = StoreKey("pods", namespace: "tx", name: "p")
        let reference = #"{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}"#
        #expect(try await token(authenticator, reference).0 == 404)
        objects.put(pod, uid: "pu", #"{"spec":{"serviceAccountName":"other"}}"#)
        #expect(try await token(authenticator, reference).0 == 400)
        objects.put(pod, uid: "pu", #"{"spec":{"serviceAccountName":"agent","nodeName":"n1"}}"#)
        #expect(try await token(authenticator, #"{"boundObjectRef":{"kind":"Pod","name":"p","uid":"x"}}"#).0 == 409)
        let text = try #require(try await token(authenticator, reference).1.at("status", "token")?.string)
        let user = try await user(authenticator, token: text)
        #expect(user.extra["authentication.kubernetes.io/pod-name"] == ["p"])
        #expect(user.extra["authentication.kubernetes.io/node-name"] == ["n1"])
        objects.put(pod, uid: "reborn", "{}")
        await #expect(throws: AuthenticationFailure.self) { try await self.user(authenticator, token: text) }
    }

    @Test(
        "Token requests that are refused",
        arguments: [
            (#"{"expirationSeconds":60}"#, 422, "may not specify a duration less than 10 minutes"),
            (#"{"expirationSeconds":99999999999}"#, 422, "may not specify a duration larger than 2^32 seconds"),
            (#"{"boundObjectRef":{"kind":"Service","name":"x"}}"#, 400, "cannot bind token"),
        ])
    func refusals(_ spec: String, _ code: Int, _ message: String) async throws {
        let objects = FakeObjects()
        objects.put(Self.account, uid: "u1")
        let answer = try await token(try await objects.authenticator(), spec)
        #expect(answer.0 == code)
        #expect(answer.1.member("message")?.string?.contains(message) == true)
    }
}

@Suite("Impersonation")
struct ImpersonationTests {
    func demands(_ headers: HTTPHeaders) throws -> [String]? {
        try Impersonation(headers)?.demands.map {
            "\($0.verb) \($0.combinedResource)\($0.group.isEmpty ? "" : ".\($0.group)") \($0.namespace)/\($0.name)"
        }
    }

    @Test("What must be allowed for it")
    func demanded() throws {
        #expect(try demands([:]) == nil)
        #expect(try demands(["Impersonate-User": "bob"]) == ["impersonate users /bob"])
        #expect(
            try demands([
                "Impersonate-User": "system:serviceaccount:ns:sa", "Impersonate-Group": "g", "Impersonate-Uid": "7",
                "Impersonate-Extra-scopes%2Fx": "y",
            ]) == [
                "impersonate serviceaccounts ns/sa", "impersonate groups /g",
                "impersonate userextras/scopes/x.authentication.k8s.io /y", "impersonate uids.authentication.k8s.io /7",
            ])
        #expect(throws: Impersonation.Malformed.self) { try Impersonation(["Impersonate-Group": "system:masters"]) }
    }

    @Test("Who it then is")
    func users() throws {
        let account = try Impersonation(["Impersonate-User": "system:serviceaccount:ns:sa"])?.user
        #expect(account?.groups == ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"])
        #expect(try Impersonation(["Impersonate-User": "system:anonymous"])?.user.groups == ["system:unauthenticated"])
        #expect(Impersonation.removed(from: ["impersonate-USER": "x", "A": "b"]) == ["A": "b"])
    }
}
