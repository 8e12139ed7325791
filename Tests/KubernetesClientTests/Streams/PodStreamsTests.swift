import KubernetesClient
import KubernetesModel
import NIOHTTP1
import Synchronization
import Testing

/// Sessions recorded from kube-apiserver 1.36.2, played to our client over a real connection.
@Suite struct PodStreamsTests {
    private static let pod = ObjectKey(namespace: "default", name: "web-6phrg")

    final class Collected: Sendable {
        private let texts = Mutex<(output: String, errors: String)>(("", ""))
        var output: String { texts.withLock { $0.output } }
        var errors: String { texts.withLock { $0.errors } }

        func add(_ piece: ExecOutput) {
            texts.withLock {
                switch piece {
                case .output(let bytes): $0.output += String(decoding: bytes, as: UTF8.self)
                case .errorOutput(let bytes): $0.errors += String(decoding: bytes, as: UTF8.self)
                }
            }
        }
    }

    private func exec(
        _ name: String, _ options: ExecOptions,
        input: (@Sendable (ExecInput) async throws(KubernetesFailure) -> Void)? = nil
    ) async throws -> (end: CommandEnd, collected: Collected, server: WebSocketServer, transcript: WebSocketTranscript)
    {
        let transcript = try WebSocketTranscript(name)
        let server = try await WebSocketServer.start(transcript.steps, subprotocol: transcript.subprotocol)
        let transport = HTTPTransport(server.connection)
        let collected = Collected()
        let end = try await PodStreams(transport).exec(Self.pod, options, input: input) { collected.add($0) }
        await transport.close()
        #expect(server.log.surprises == [])
        return (end, collected, server, transcript)
    }

    @Test func bothOutputsAndSuccess() async throws {
        let run = try await exec("exec-v5-ok", ExecOptions(["/bin/sh", "-c", "echo out;echo err 1>&2"]))
        #expect(run.end == .exited(code: 0))
        #expect(run.collected.output == "out\n")
        #expect(run.collected.errors == "err\n")
        let head = try #require(run.server.log.heads.first)
        #expect(
            head.uri
                == "/api/v1/namespaces/default/pods/web-6phrg/exec?command=%2Fbin%2Fsh&command=-c&command=echo%20out%3Becho%20err%201%3E%262&stdout=true&stderr=true"
        )
        let offered = head.headers.first { $0.name.lowercased() == "sec-websocket-protocol" }?.value
        #expect(offered == "v5.channel.k8s.io, v4.channel.k8s.io")
    }

    @Test func theExitCodeIsInTheErrorChannel() async throws {
        let run = try await exec("exec-v5-exit7", ExecOptions(["/bin/sh", "-c", "exit 7"]))
        #expect(run.end == .exited(code: 7))
    }

    @Test func endingTheInputInVersion5() async throws {
        let run = try await exec("exec-v5-stdin-close", ExecOptions(["cat"], hasInput: true)) {
            input throws(KubernetesFailure) in
            try await input.write(Array("hello\n".utf8))
            let isClosed = try await input.close()
            #expect(isClosed)
        }
        #expect(run.end == .exited(code: 0))
        #expect(run.collected.output == "hello\n")
    }

    @Test func version4HasNoEndOfInput() async throws {
        let run = try await exec("exec-v4-stdin", ExecOptions(["head", "-n1"], hasInput: true)) {
            input throws(KubernetesFailure) in
            try await input.write(Array("hello\n".utf8))
            let isClosed = try await input.close()
            #expect(!isClosed)
        }
        #expect(run.end == .exited(code: 0))
        #expect(run.collected.output == "hello\n")
    }

    @Test func aTerminalIsResized() async throws {
        let run = try await exec(
            "exec-tty-resize", ExecOptions(["/bin/sh", "-c", "sleep 0.5;stty size"], hasInput: true, isTerminal: true)
        ) { input throws(KubernetesFailure) in
            try await input.resize(width: 120, height: 40)
        }
        #expect(run.collected.output == "40 120\r\n")
        #expect(run.end == .exited(code: 0))
    }

    @Test func aPortIsForwarded() async throws {
        let transcript = try WebSocketTranscript("portforward-v4")
        let server = try await WebSocketServer.start(transcript.steps, subprotocol: transcript.subprotocol)
        let transport = HTTPTransport(server.connection)
        let collected = Collected()
        try await PodStreams(transport).portForward(Self.pod, port: 8080) { input throws(KubernetesFailure) in
            try await input.write(Array("GET /hostname HTTP/1.0\r\n\r\n".utf8))
        } output: {
            collected.add(.output($0))
        }
        #expect(collected.output.hasPrefix("HTTP/1.0 200 OK\r\n"))
        #expect(collected.output.hasSuffix("\r\n\r\nweb-6phrg"))
        #expect(server.log.surprises == [])
        #expect(server.log.heads.first?.uri == transcript.uri)
        await transport.close()
    }

    @Test func overTLSWithAClientCertificate() async throws {
        let authority = try TestAuthority()
        let pair = try authority.issue("api", addresses: [[127, 0, 0, 1]])
        let transcript = try WebSocketTranscript("exec-v5-exit7")
        let server = try await WebSocketServer.start(
            transcript.steps, subprotocol: transcript.subprotocol,
            tls: try TestAuthority.server(pair, clientsOf: authority))
        var connection = server.connection
        connection.server.scheme = .https
        connection.authority = .inline(Array(try authority.pem.utf8), name: "ca")
        let refused = HTTPTransport(connection)
        var failure: KubernetesFailure?
        do {
            _ = try await PodStreams(refused).exec(Self.pod, ExecOptions(["x"])) { _ in }
        } catch { failure = error }
        #expect(failure != nil)
        await refused.close()

        let mine = try authority.issue("ann")
        connection.clientCertificate = ClientCertificate(
            certificate: .inline(Array(mine.certificate.utf8), name: "crt"),
            key: .inline(Array(mine.key.utf8), name: "key"))
        let transport = HTTPTransport(connection)
        let end = try await PodStreams(transport).exec(Self.pod, ExecOptions(["x"])) { _ in }
        #expect(end == .exited(code: 7))
        await transport.close()
    }

    @Test func aStrangersCertificateIsNamedForStreamsToo() async throws {
        let pair = try TestAuthority("stranger").issue("api", addresses: [[127, 0, 0, 1]])
        let server = try await WebSocketServer.start([], subprotocol: "", tls: try TestAuthority.server(pair))
        var connection = server.connection
        connection.server.scheme = .https
        connection.authority = .inline(Array(try TestAuthority("kubernetes").pem.utf8), name: "ca")
        let transport = HTTPTransport(connection)
        var failure: KubernetesFailure?
        do {
            _ = try await PodStreams(transport).exec(Self.pod, ExecOptions(["x"])) { _ in }
        } catch { failure = error }
        #expect(
            failure?.kind
                == .tls(
                    .unknownAuthority(
                        #"the certificate of "CN=api" is signed by "CN=stranger"; ca has only "CN=kubernetes""#)))
        await transport.close()
    }

    @Test func refusals() async throws {
        let status = #"{"kind":"Status","message":"pods \"nope\" not found","reason":"NotFound","code":404}"#
        let server = try await WebSocketServer.start([], subprotocol: "", refusal: (404, status))
        let transport = HTTPTransport(server.connection)
        var failure: KubernetesFailure?
        do {
            _ = try await PodStreams(transport).exec(Self.pod, ExecOptions(["ls"])) { _ in }
        } catch { failure = error }
        #expect(
            failure?.kind
                == .status(ServerStatus(code: 404, reason: "NotFound", message: #"pods "nope" not found"#)))
        #expect(failure?.request == "GET /api/v1/namespaces/default/pods/web-6phrg/exec")
        await transport.close()
    }

    @Test func theEndWithoutAStatusIsAFailure() async throws {
        let server = try await WebSocketServer.start(
            [.server([1, 0x61]), .serverCloses], subprotocol: "v5.channel.k8s.io")
        let transport = HTTPTransport(server.connection)
        var failure: KubernetesFailure?
        do {
            _ = try await PodStreams(transport).exec(Self.pod, ExecOptions(["ls"])) { _ in }
        } catch { failure = error }
        #expect(failure?.kind == .cutOff("the server closed the stream before the command ended"))
        await transport.close()
    }

    @Test func nobodyListens() async throws {
        let transport = HTTPTransport(
            ClusterConnection(server: ServerAddress(scheme: .http, host: "127.0.0.1", port: 1)))
        var failure: KubernetesFailure?
        do {
            _ = try await PodStreams(transport).exec(Self.pod, ExecOptions(["ls"])) { _ in }
        } catch { failure = error }
        guard case .unreachable? = failure?.kind else {
            Issue.record("\(String(describing: failure))")
            return
        }
        await transport.close()
    }

    @Test func aRuntimesErrorIsNoExitCode() throws {
        let end = try CommandEnd(
            status: Array(
                #"{"metadata":{},"status":"Failure","message":"stat /nosuch: no such file","reason":"InternalError","code":500}"#
                    .utf8))
        #expect(
            end == .failed(ServerStatus(code: 500, reason: "InternalError", message: "stat /nosuch: no such file")))
    }

    @Test(arguments: [
        ([UInt8](), "a port-forward of one port has channels 0 and 1, here is 0"),
        ([2, 1, 2], "a port-forward of one port has channels 0 and 1, here is 2"),
        ([0, 0x90], "a channel of a port-forward must begin with its port"),
        ([0, 0x91, 0x1F], "port 8080 was asked for and 8081 is forwarded"),
    ])
    func malformedPortForwards(_ message: [UInt8], _ text: String) {
        var decoder = PortForwardDecoder(port: 8080)
        #expect(throws: KubernetesFailure(.malformed(text))) { _ = try decoder.decode(message) }
    }
}
