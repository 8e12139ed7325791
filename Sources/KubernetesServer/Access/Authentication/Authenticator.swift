import JSONTree
import KubernetesModel
import NIOHTTP1
import Synchronization

/// Why a caller is not believed. The answer is always the same 401; the reason is for the log and for TokenReview.
public struct AuthenticationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}

/// Finds out who sends a request: a client certificate, a bearer token of the configuration or of a service account,
/// or nobody.
public struct Authenticator: Sendable {
    /// How objects that tokens are bound to are looked up.
    public typealias Lookup = @Sendable (StoreKey) async throws(StoreFailure) -> StoredObject?

    public var staticTokens: [String: UserInfo]
    public var issuer: ServiceAccountIssuer?
    public var allowsAnonymous: Bool
    let lookup: Lookup
    /// Seconds since 1970.
    let clock: @Sendable () -> Int64

    static let authenticated = "system:authenticated"
    static let unauthenticated = "system:unauthenticated"

    public init(
        staticTokens: [String: UserInfo] = [:], issuer: ServiceAccountIssuer? = nil, allowsAnonymous: Bool = true,
        clock: @escaping @Sendable () -> Int64 = { WallClock.seconds() }, lookup: @escaping Lookup
    ) {
        self.staticTokens = staticTokens
        self.issuer = issuer
        self.allowsAnonymous = allowsAnonymous
        self.clock = clock
        self.lookup = lookup
    }

    /// - Returns: the user, with `system:authenticated` unless it is nobody.
    public func user(of request: ServerRequest) async throws(AuthenticationFailure) -> UserInfo {
        var distrust: AuthenticationFailure?
        if let certificate = request.peer.certificate {
            if certificate.isTrusted, !certificate.commonName.isEmpty {
                return Self.known(UserInfo(name: certificate.commonName, groups: certificate.organizations))
            }
            distrust = AuthenticationFailure("client certificate: \(certificate.reason ?? "it has no common name")")
        }
        if let token = Self.bearerToken(of: request) { return try await user(ofToken: token).user }
        if let distrust { throw distrust }
        guard allowsAnonymous else { throw AuthenticationFailure("no credentials, and anonymous requests are off") }
        return .anonymous
    }

    /// Who a token stands for.
    ///
    /// - Parameter audiences: whom the token must be meant for; nil for this server.
    func user(
        ofToken token: String, audiences: [String]? = nil
    ) async throws(AuthenticationFailure) -> (user: UserInfo, audiences: [String]) {
        if let user = staticTokens[token] { return (Self.known(user), audiences ?? issuer?.audiences ?? []) }
        guard let issuer else { throw AuthenticationFailure("unknown token, and no service account issuer") }
        guard let claims = await issuer.claims(of: token) else { throw AuthenticationFailure("invalid bearer token") }
        guard claims.iss == issuer.name else {
            throw AuthenticationFailure("token of issuer \(claims.iss), this is \(issuer.name)")
        }
        let now = clock()
        guard now < claims.exp else { throw AuthenticationFailure("service account token has expired") }
        // A minute of difference between clocks is no reason to refuse (go-jose's default leeway).
        guard now + 60 >= claims.nbf else { throw AuthenticationFailure("service account token is not valid yet") }
        let wanted = audiences ?? issuer.audiences
        let shared = claims.aud.filter { wanted.contains($0) }
        guard !shared.isEmpty else {
            throw AuthenticationFailure("token audiences \(claims.aud) is invalid for the target audiences \(wanted)")
        }
        return (try await serviceAccount(of: claims), shared)
    }

    /// The account, if it and everything the token is bound to still exist.
    private func serviceAccount(of claims: ServiceAccountClaims) async throws(AuthenticationFailure) -> UserInfo {
        let bindings = claims.kubernetes
        let account = ServiceAccountName(namespace: bindings.namespace, name: bindings.serviceaccount.name)
        guard claims.sub == account.user else { throw AuthenticationFailure("sub claim does not fit the account") }
        try await check(
            bindings.serviceaccount, StoreKey("serviceaccounts", namespace: account.namespace, name: account.name))
        var extra = ["authentication.kubernetes.io/credential-id": ["JTI=\(claims.jti)"]]
        if let pod = bindings.pod {
            try await check(pod, StoreKey("pods", namespace: account.namespace, name: pod.name))
            extra["authentication.kubernetes.io/pod-name"] = [pod.name]
            extra["authentication.kubernetes.io/pod-uid"] = [pod.uid]
        }
        if let secret = bindings.secret {
            try await check(secret, StoreKey("secrets", namespace: account.namespace, name: secret.name))
        }
        if let node = bindings.node {
            // With a pod the node is only told; alone it is what the token is bound to.
            if bindings.pod == nil { try await check(node, StoreKey("nodes", name: node.name)) }
            extra["authentication.kubernetes.io/node-name"] = [node.name]
            extra["authentication.kubernetes.io/node-uid"] = [node.uid]
        }
        return Self.known(
            UserInfo(name: account.user, uid: bindings.serviceaccount.uid, groups: account.groups, extra: extra))
    }

    private func check(
        _ reference: ServiceAccountClaims.Reference, _ key: StoreKey
    ) async throws(AuthenticationFailure) {
        let object: StoredObject?
        do {
            object = try await lookup(key)
        } catch {
            throw AuthenticationFailure("\(key) cannot be looked up: \(error)")
        }
        guard let object else { throw AuthenticationFailure("\(key) has been deleted, and its tokens with it") }
        guard object.uid == reference.uid else {
            throw AuthenticationFailure("\(key) is another one than the token was made for (UID \(reference.uid))")
        }
    }

    private static func known(_ user: UserInfo) -> UserInfo {
        var user = user
        if user.name != UserInfo.anonymous.name, !user.groups.contains(authenticated) {
            user.groups.append(authenticated)
        }
        return user
    }

    // MARK: - Bearer tokens

    private static let webSocketPrefix = "base64url.bearer.authorization.k8s.io."

    /// From `Authorization`, or from the subprotocols of a WebSocket, where browsers must put it.
    static func bearerToken(of request: ServerRequest) -> String? {
        if let header = request.headers.first(name: "authorization") {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            let token = parts[1].filter { $0 != " " }
            return token.isEmpty ? nil : token
        }
        guard request.upgradeProtocol == "websocket" else { return nil }
        for value in request.headers[canonicalForm: "sec-websocket-protocol"] where value.hasPrefix(webSocketPrefix) {
            return Base64URL.decoded(String(value.dropFirst(webSocketPrefix.count)))
        }
        return nil
    }

    /// The headers without credentials, for handlers that pass a request on.
    static func withoutCredentials(_ headers: HTTPHeaders) -> HTTPHeaders {
        var headers = headers
        headers.remove(name: "authorization")
        let protocols = headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        if protocols.contains(where: { $0.hasPrefix(webSocketPrefix) }) {
            let kept = protocols.filter { !$0.hasPrefix(webSocketPrefix) }
            headers.replaceOrAdd(name: "Sec-WebSocket-Protocol", value: kept.joined(separator: ", "))
        }
        return headers
    }
}
