import KubernetesModel
import LinuxHost
import NIOSSL

/// The TLS settings of one connection, made anew when a file they come from has changed.
actor TLSStore {
    private let connection: ClusterConnection
    private var made: (inputs: Inputs, settings: Settings, readAt: ContinuousClock.Instant)?

    struct Inputs: Hashable {
        var authority: [UInt8]?
        var certificate: [UInt8]?
        var key: [UInt8]?
    }

    struct Settings: Sendable {
        let configuration: TLSConfiguration
        let authorities: [NIOSSLCertificate]
        /// The last second of the client certificate, since the Epoch.
        let lastDay: Int64?
        let clientName: String?
    }

    init(_ connection: ClusterConnection) { self.connection = connection }

    /// - Parameter isHandshakeFailed: files are read again whatever their age.
    func settings(
        for credentials: Credentials, afterFailure isHandshakeFailed: Bool = false
    ) throws(KubernetesFailure) -> Settings {
        let settings = try current(credentials, isHandshakeFailed)
        if let lastDay = settings.lastDay, lastDay < Int64(Clock.now() / 1_000_000_000) {
            // Said here with its date: the server would only say "bad certificate".
            throw KubernetesFailure(
                .authentication(
                    .certificateExpired(
                        path: credentials.certificate?.name ?? "",
                        "\(settings.clientName ?? "it") was valid until \(Timestamp(seconds: lastDay))")))
        }
        return settings
    }

    private func current(_ credentials: Credentials, _ isFresh: Bool) throws(KubernetesFailure) -> Settings {
        if let made, !isFresh, made.readAt.duration(to: .now) < CredentialStore.filePeriod,
            Self.isSame(made.inputs, credentials)
        {
            return made.settings
        }
        var inputs = Inputs()
        if let authority = connection.authority {
            do throws(KubernetesFailure) {
                inputs.authority = try authority.read()
            } catch {
                throw Self.asAuthority(error)
            }
        }
        inputs.certificate = try credentials.certificate?.read()
        inputs.key = try credentials.key?.read()
        if let made, made.inputs == inputs {
            self.made = (inputs, made.settings, .now)
            return made.settings
        }
        let settings = try make(inputs, credentials)
        made = (inputs, settings, .now)
        return settings
    }

    /// Whether what was made comes from this certificate. A plugin's changes without any file changing.
    private static func isSame(_ inputs: Inputs, _ credentials: Credentials) -> Bool {
        switch credentials.certificate {
        case nil: inputs.certificate == nil
        case .inline(let bytes, _): inputs.certificate == bytes
        case .file: true
        }
    }

    private static func asAuthority(_ failure: KubernetesFailure) -> KubernetesFailure {
        if case .authentication(.file(let path, let text)) = failure.kind {
            return KubernetesFailure(.tls(.unreadableAuthority(name: path, text)))
        }
        return failure
    }

    private func make(_ inputs: Inputs, _ credentials: Credentials) throws(KubernetesFailure) -> Settings {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = connection.isVerificationSkipped ? .none : .fullVerification
        var authorities: [NIOSSLCertificate] = []
        if let bytes = inputs.authority, let name = connection.authority?.name {
            guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
                throw KubernetesFailure(.tls(.unreadableAuthority(name: name, "it holds no PEM certificate")))
            }
            authorities = certificates
            configuration.trustRoots = .certificates(certificates)
        }
        var lastDay: Int64?
        var clientName: String?
        if let bytes = inputs.certificate, let certificate = credentials.certificate, let key = credentials.key {
            let chain = try? NIOSSLCertificate.fromPEMBytes(bytes)
            guard let chain, let leaf = chain.first else {
                throw KubernetesFailure(
                    .authentication(.file(path: certificate.name, "it holds no PEM certificate")))
            }
            guard let privateKey = try? NIOSSLPrivateKey(bytes: inputs.key ?? [], format: .pem) else {
                throw KubernetesFailure(
                    .authentication(.file(path: key.name, "it holds no PEM key that can be used (is it encrypted?)")))
            }
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(privateKey)
            lastDay = Int64(leaf.notValidAfter)
            clientName = PresentedCertificate(leaf)?.subject
        }
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw KubernetesFailure(
                .authentication(
                    .file(
                        path: credentials.key?.name ?? "",
                        "the key and the certificate in \(credentials.certificate?.name ?? "the configuration") "
                            + "do not belong together")))
        }
        return Settings(
            configuration: configuration, authorities: authorities, lastDay: lastDay, clientName: clientName)
    }
}
