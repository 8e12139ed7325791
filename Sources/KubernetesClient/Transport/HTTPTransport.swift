import AsyncHTTPClient
import LinuxHost
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOSSL

/// Requests over HTTP/1.1, with TLS, credentials, a proxy, and tries again where that is safe.
///
/// HTTP/1.1 on purpose: every watch has a connection of its own, so one that died is noticed alone, and a slow reader
/// holds up nobody else. Connections are kept and used again. What is tried again: a request that the server turned
/// away unread (429 or 503 with `Retry-After`, for verbs that may be sent twice), one that met a connection just being
/// closed, and one refused with 401 when there are other credentials to be had.
public final class HTTPTransport: KubernetesTransport {
    /// How long making a connection may take.
    public static let connectTimeout = Duration.seconds(10)
    /// How often a request is sent at most.
    static let attempts = 6
    /// The longest `Retry-After` that is waited for.
    static let longestPause = Duration.seconds(30)

    public let connection: ClusterConnection
    public var origin: KubernetesFailure.Origin { connection.origin }
    let credentials: CredentialStore
    let tls: TLSStore
    private let client: HTTPClient
    private let logger: Logger

    public init(
        _ connection: ClusterConnection, environment: Environment = .current(),
        logger: Logger = Logger(label: "poplin.kubernetes") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.connection = connection
        self.logger = logger
        credentials = CredentialStore(
            connection.credentials, clientCertificate: connection.clientCertificate, environment: environment)
        tls = TLSStore(connection)

        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10))
        configuration.connectionPool.idleTimeout = .seconds(90)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .enabled(limit: .none)
        configuration.httpVersion = .http1Only
        if let proxy = connection.proxy {
            configuration.proxy =
                proxy.scheme == .socks5
                ? .socksServer(host: proxy.host, port: proxy.port) : .server(host: proxy.host, port: proxy.port)
        }
        if let name = connection.serverName { configuration.dnsOverride = [name: connection.server.host] }
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    /// Ends every request and connection.
    public func close() async { try? await client.shutdown().get() }

    public func send(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
        let line = "\(request.method.rawValue) \(request.path)"
        do throws(KubernetesFailure) {
            return try await sendUntilAnswered(request)
        } catch {
            logger.debug("\(line) failed: \(error)")
            throw error.at(origin, line)
        }
    }

    private func sendUntilAnswered(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
        let allowed = request.timeout ?? connection.requestTimeout
        let deadline = ContinuousClock.now + allowed
        var credentials = try await credentials.current()
        var isRenewed = false
        var isFirstConnection = true
        var attempt = 1
        while true {
            let response: KubernetesResponse
            do throws(KubernetesFailure) {
                response = try await sendOnce(request, credentials, deadline: deadline, allowed: allowed)
            } catch {
                guard isFirstConnection, request.method.isIdempotent, case .cutOff = error.kind else { throw error }
                isFirstConnection = false
                continue
            }
            logger.debug("\(request.method.rawValue) \(request.target): \(response.status)")
            if response.status == 401, !isRenewed {
                isRenewed = true
                if let fresh = try await self.credentials.renewed(after: credentials) {
                    credentials = fresh
                    continue
                }
            }
            guard let pause = pause(before: attempt + 1, of: request, after: response),
                ContinuousClock.now + pause < deadline
            else { return response }
            attempt += 1
            do { try await Task.sleep(for: pause) } catch { throw KubernetesFailure(.cancelled) }
        }
    }

    /// How long to wait before sending again; nil when the answer stands. A watch is never sent again here: whoever
    /// watches has a rhythm of his own.
    private func pause(
        before attempt: Int, of request: KubernetesRequest, after response: KubernetesResponse
    ) -> Duration? {
        guard response.status == 429 || response.status == 503, request.method.isIdempotent, !request.isStream,
            attempt <= Self.attempts, let text = response.headers["Retry-After"], let seconds = Int64(text),
            seconds >= 0
        else { return nil }
        let pause = Duration.seconds(seconds) + .milliseconds(Int.random(in: 0..<250))
        return pause > Self.longestPause ? nil : pause
    }

    private func sendOnce(
        _ request: KubernetesRequest, _ credentials: Credentials, deadline: ContinuousClock.Instant, allowed: Duration
    ) async throws(KubernetesFailure) -> KubernetesResponse {
        let server = connection.server
        let isTLS = server.scheme == .https
        let settings = isTLS ? try await tls.settings(for: credentials) : nil
        var message = HTTPClientRequest(url: url(of: request))
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        message.headers = HTTPHeaders(fields(of: request, credentials).map { ($0.name, $0.value) })
        message.tlsConfiguration = settings?.configuration
        if let body = request.body { message.body = .bytes(ByteBuffer(bytes: body)) }

        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { throw KubernetesFailure(.timedOut(after: allowed)) }
        let response: HTTPClientResponse
        do {
            response = try await client.execute(message, deadline: .now() + TimeAmount(left))
        } catch {
            throw await failure(for: error, settings, allowed: allowed)
        }
        let line = "\(request.method.rawValue) \(request.path)"
        let body = response.body
        let origin = origin
        return KubernetesResponse(
            status: Int(response.status.code),
            headers: KubernetesHeaders(response.headers.map { KubernetesField($0.name, $0.value) }),
            body: KubernetesBody {
                HTTPBodyReader(iterator: body.makeAsyncIterator(), origin: origin, request: line)
            })
    }

    /// `https://name:port/prefix/path?query`. The name is the one the certificate must have.
    private func url(of request: KubernetesRequest) -> String {
        let server = connection.server
        let host = connection.serverName.map { $0.contains(":") ? "[\($0)]" : $0 } ?? server.urlHost
        return "\(server.scheme.rawValue)://\(host):\(server.port)\(server.prefix)\(request.target)"
    }

    /// The caller's fields and ours.
    func fields(of request: KubernetesRequest, _ credentials: Credentials) -> [KubernetesField] {
        var headers = request.headers
        headers["Host"] = connection.server.authority
        headers["User-Agent"] = connection.userAgent.description
        if headers["Accept"] == nil { headers["Accept"] = "application/json" }
        if headers["Accept-Encoding"] == nil, !request.isStream { headers["Accept-Encoding"] = "gzip" }
        if let authorization = credentials.authorization { headers["Authorization"] = authorization }
        for field in connection.impersonation?.headers ?? [] { headers.add(field.name, field.value) }
        return headers.fields
    }
}

/// The chunks of an answer, as async-http-client hands them out: one is read from the socket when one was taken.
private struct HTTPBodyReader: KubernetesBodyReader {
    var iterator: HTTPClientResponse.Body.AsyncIterator
    let origin: KubernetesFailure.Origin
    let request: String

    mutating func next(isolation actor: isolated (any Actor)?) async throws(KubernetesFailure) -> [UInt8]? {
        do {
            while let buffer = try await iterator.next(isolation: actor) {
                if buffer.readableBytes > 0 { return Array(buffer.readableBytesView) }
            }
        } catch {
            throw KubernetesFailure(HTTPTransport.kind(ofBody: error), origin: origin, request: request)
        }
        // The end of a stream and its being called off look the same from below.
        if Task.isCancelled { throw KubernetesFailure(.cancelled, origin: origin, request: request) }
        return nil
    }
}
