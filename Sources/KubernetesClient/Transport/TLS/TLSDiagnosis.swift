import Addressing
import KubernetesModel
import LinuxHost
import NIOCore
import NIOPosix
import NIOSSL

/// Says why a handshake failed. BoringSSL only says that it did not verify, so the server is asked once more for its
/// certificate; nothing is sent to it, and the handshake is never finished.
enum TLSDiagnosis {
    static let limit = TimeAmount.seconds(5)

    /// The certificates the server shows, its own first; nil when it shows none.
    static func certificates(of connection: ClusterConnection, _ configuration: TLSConfiguration) async
        -> [NIOSSLCertificate]?
    {
        var configuration = configuration
        configuration.certificateVerification = .noHostnameVerification
        let name = connection.serverName ?? connection.server.host
        guard let context = try? NIOSSLContext(configuration: configuration) else { return nil }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let shown = eventLoop.makePromise(of: [NIOSSLCertificate].self)
        let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(limit).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = try NIOSSLClientHandler(
                    context: context, serverHostname: IPAddress(name) == nil ? name : nil,
                    customVerificationCallback: { certificates, promise in
                        shown.succeed(certificates)
                        promise.succeed(.failed)
                    })
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }
        let timeout = eventLoop.scheduleTask(in: limit) { shown.fail(ChannelError.connectTimeout(limit)) }
        do {
            let channel = try await bootstrap.connect(host: connection.server.host, port: connection.server.port).get()
            channel.closeFuture.whenComplete { _ in shown.fail(ChannelError.alreadyClosed) }
            let certificates = try? await shown.futureResult.get()
            timeout.cancel()
            channel.close(promise: nil)
            return certificates
        } catch {
            timeout.cancel()
            shown.fail(error)
            return nil
        }
    }

    /// The first thing that is wrong with what the server shows, in the order in which a person would want to know.
    static func fault(
        _ shown: [NIOSSLCertificate], authorities: [NIOSSLCertificate], authorityName: String?, host: String,
        now: Timestamp
    ) -> KubernetesFailure.TLSFault? {
        let chain = shown.compactMap { PresentedCertificate($0) }
        guard let leaf = chain.first else { return nil }
        let trusted = authorities.compactMap { PresentedCertificate($0) }
        if !authorities.isEmpty,
            !chain.contains(where: { link in trusted.contains { link.isVouchedFor(by: $0) } })
        {
            let known = trusted.map(\.subject).joined(separator: ", ")
            return .unknownAuthority(
                "the certificate of \(leaf.subject) is signed by \(leaf.issuer); "
                    + "\(authorityName ?? "the configured authority") has only \(known)")
        }
        for link in chain {
            if link.lastDay < now {
                return .expired("the certificate of \(link.subject) was valid until \(link.lastDay); it is now \(now)")
            }
            if now < link.firstDay {
                return .notYetValid(
                    "the certificate of \(link.subject) is valid from \(link.firstDay); it is now \(now)")
            }
        }
        if !leaf.isFor(host) {
            let names = leaf.names.isEmpty ? "no names" : leaf.names.joined(separator: ", ")
            return .wrongName("the certificate is for \(names), not for \(host)")
        }
        if authorities.isEmpty {
            return .unknownAuthority(
                "the certificate of \(leaf.subject) is signed by \(leaf.issuer), which this system does not know")
        }
        return nil
    }

    static var now: Timestamp { Timestamp(seconds: Int64(Clock.now() / 1_000_000_000)) }
}
