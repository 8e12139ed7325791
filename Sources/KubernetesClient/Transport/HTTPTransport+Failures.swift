import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemCalls

extension HTTPTransport {
    /// Why there is no answer.
    func failure(
        for error: any Error, _ settings: TLSStore.Settings?, allowed: Duration
    ) async -> KubernetesFailure {
        if Task.isCancelled { return KubernetesFailure(.cancelled) }
        if let kind = Self.kind(of: error, allowed: allowed) { return KubernetesFailure(kind) }
        if let error = error as? IOError, Self.connecting.contains(Errno(rawValue: error.errnoCode)) {
            // For an address (as opposed to a name) the kernel's answer comes through bare.
            let place = connection.proxy ?? connection.server
            return KubernetesFailure(.unreachable("\(place.urlHost):\(place.port): \(Self.text(of: error))"))
        }
        if let settings, let fault = await tlsFault(error, settings) { return KubernetesFailure(.tls(fault)) }
        return KubernetesFailure(.cutOff(Self.text(of: error)))
    }

    /// How connect(2) fails, as opposed to a connection that breaks.
    private static let connecting: Set<Errno> = [
        .ECONNREFUSED, .EHOSTUNREACH, .ENETUNREACH, .ETIMEDOUT, .EADDRNOTAVAIL, .ENETDOWN, .EACCES, .EPERM,
    ]

    /// What needs no further look.
    private static func kind(of error: any Error, allowed: Duration) -> KubernetesFailure.Kind? {
        switch error {
        case is CancellationError: return .cancelled
        case let error as HTTPClientError:
            switch error {
            case .cancelled: return .cancelled
            case .deadlineExceeded, .readTimeout: return .timedOut(after: allowed)
            case .connectTimeout, .getConnectionFromPoolTimeout:
                return .unreachable("no connection within \(connectTimeout)")
            case .tlsHandshakeTimeout:
                return .tls(.other("the handshake was not finished within \(connectTimeout)"))
            case .socksHandshakeTimeout, .httpProxyHandshakeTimeout:
                return .unreachable("the proxy made no connection within \(connectTimeout)")
            case .proxyAuthenticationRequired: return .unreachable("the proxy wants a user and a password")
            case .invalidProxyResponse: return .unreachable("the proxy refused to connect us")
            case .remoteConnectionClosed: return .cutOff("the server closed the connection before it answered")
            default: return nil
            }
        case let error as NIOConnectionError: return .unreachable(text(of: error))
        case let error as ChannelError:
            if case .connectTimeout = error { return .unreachable("no connection within \(connectTimeout)") }
            return nil
        case is HTTPParserError: return .malformed("the answer is no HTTP: \(error)")
        default: return nil
        }
    }

    private static func text(of error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            let address = failure.target.ipAddress.map { $0.contains(":") ? "[\($0)]" : $0 } ?? error.host
            return "\(address):\(error.port): \(text(of: failure.error))"
        }
        if error.dnsAError != nil || error.dnsAAAAError != nil {
            return "the name \(error.host) cannot be resolved"
        }
        return "\(error)"
    }

    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: "\(Errno(rawValue: error.errnoCode))"
        case let error as ChannelError:
            if case .connectTimeout = error { "no connection within \(connectTimeout)" } else { "\(error)" }
        default: "\(error)"
        }
    }

    static func kind(ofBody error: any Error) -> KubernetesFailure.Kind {
        switch error {
        case is CancellationError: .cancelled
        case let error as HTTPClientError where error == .cancelled: .cancelled
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            .cutOff("the server closed the connection inside its answer")
        case is HTTPParserError: .cutOff("the answer breaks off (\(error))")
        default: .cutOff(text(of: error))
        }
    }

    /// Why TLS failed, or nil when the failure has nothing to do with it.
    private func tlsFault(
        _ error: any Error, _ settings: TLSStore.Settings
    ) async -> KubernetesFailure.TLSFault? {
        let text = "\(error)"
        let isTLS =
            error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError || text.contains("SSL")
        guard isTLS else { return nil }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return .notTLS("\(connection.server.authority) answers, but not in TLS")
        }
        if let alert = Self.clientAlert(in: text) { return .clientCertificateRefused(alert) }
        if connection.proxy == nil,
            let shown = await TLSDiagnosis.certificates(of: connection, settings.configuration),
            let fault = TLSDiagnosis.fault(
                shown, authorities: settings.authorities, authorityName: connection.authority?.name,
                host: connection.serverName ?? connection.server.host, now: TLSDiagnosis.now)
        {
            return fault
        }
        return .other(text)
    }

    /// An alert by which the server refuses our certificate (RFC 8446, section 6.2).
    static func clientAlert(in text: String) -> String? {
        let alerts = [
            "BAD_CERTIFICATE": "it calls our certificate bad",
            "UNKNOWN_CA": "it does not know the authority that signed our certificate",
            "CERTIFICATE_EXPIRED": "it says that our certificate has expired",
            "CERTIFICATE_REVOKED": "it says that our certificate was revoked",
            "CERTIFICATE_UNKNOWN": "it does not accept our certificate",
            "CERTIFICATE_REQUIRED": "it wants a client certificate and we have none",
            "ACCESS_DENIED": "it denies access to our certificate",
        ]
        guard text.contains("ALERT") else { return nil }
        return alerts.sorted { $0.key < $1.key }.first { text.contains("ALERT_\($0.key)") }?.value
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = overflow ? .nanoseconds(.max / 4) : .nanoseconds(min(product, .max / 4) + attoseconds / 1_000_000_000)
    }
}
