import Findings
import KubernetesClient
import LinuxHost
import Testing

@Suite struct ExecPluginTests {
    private func plugin(_ script: TemporaryFile, hint: String? = nil) -> ExecPlugin {
        ExecPlugin(
            version: .v1, command: script.path, arguments: ["--for", "dev"],
            environment: [KubernetesField("TOKEN", "t1")], installHint: hint, interactiveMode: .never)
    }

    private func failure(_ transport: HTTPTransport) async -> KubernetesFailure? {
        do {
            _ = try await transport.answer(KubernetesRequest(.get, path: "/x"))
            return nil
        } catch { return error }
    }

    @Test func theAnswerIsKeptUntilItExpiresOrIsRefused() async throws {
        let counter = try TemporaryFile("", named: "count")
        let script = try TemporaryFile(
            script: """
                echo "$1 $2 $KUBERNETES_EXEC_INFO" >> \(counter.path)
                n=$(wc -l < \(counter.path))
                echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$TOKEN-$n'"}}'
                """)
        let server = try await LoopbackServer.start { request in
            request.uri == "/old" && request.header("Authorization") == "Bearer t1-1"
                ? .json(401, "{}") : .json(200, "{}")
        }
        let transport = HTTPTransport(server.connection(credentials: .plugin(plugin(script))))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try? await transport.answer(KubernetesRequest(.get, path: "/x")) } }
        }
        #expect(Set(server.requests.all.map { $0.header("Authorization") }) == ["Bearer t1-1"])
        let first = try AtomicFile.read(counter.path).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            first
                == #"--for dev {"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#
                + "\n", "asked once for all of them")
        _ = try await transport.answer(KubernetesRequest(.get, path: "/old"))
        #expect(server.requests.all.last?.header("Authorization") == "Bearer t1-2")
        await transport.close()
    }

    @Test func anAnswerThatHasExpiredIsAskedForAgain() async throws {
        let script = try TemporaryFile(
            script: """
                echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$$'","expirationTimestamp":"2020-01-01T00:00:00Z"}}'
                """)
        let server = try await LoopbackServer.start { _ in .json(200, "{}") }
        let transport = HTTPTransport(server.connection(credentials: .plugin(plugin(script))))
        for _ in 0..<2 { _ = try await transport.answer(KubernetesRequest(.get, path: "/x")) }
        let tokens = server.requests.all.map { $0.header("Authorization") }
        #expect(tokens.count == 2 && tokens[0] != tokens[1])
        await transport.close()
    }

    @Test(arguments: [
        ("exit 3", "exit status 3"),
        ("echo no login >&2; exit 1", "exit status 1: no login"),
        ("echo hello", "it printed no JSON"),
        ("echo '{}'", "it printed no ExecCredential"),
        (
            #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}'"#,
            #"it answered in "client.authentication.k8s.io/v1beta1" where client.authentication.k8s.io/v1 was asked for"#
        ),
        (
            #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}}'"#,
            "its status has neither a token nor a certificate"
        ),
        (
            #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"x"}}'"#,
            "it answered with only one of certificate and key"
        ),
        (
            #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t","expirationTimestamp":"soon"}}'"#,
            #"its expirationTimestamp "soon" is no RFC 3339 time"#
        ),
    ])
    func aPluginThatFails(_ body: String, _ text: String) async throws {
        let script = try TemporaryFile(script: body)
        let server = try await LoopbackServer.start { _ in .json(200, "{}") }
        let transport = HTTPTransport(server.connection(credentials: .plugin(plugin(script, hint: "buy it"))))
        let failure = await failure(transport)
        guard case .authentication(.plugin(let command, let found, let hint))? = failure?.kind else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(command == script.path)
        #expect(found.hasPrefix(text), "\(found)")
        #expect(hint == "buy it")
        #expect(server.requests.all.isEmpty)
        await transport.close()
    }

    @Test func missingAndInteractive() async throws {
        let server = try await LoopbackServer.start { _ in .json(200, "{}") }
        var plugin = ExecPlugin(version: .v1, command: "poplin-no-such-plugin", installHint: "buy it")
        let missing = HTTPTransport(server.connection(credentials: .plugin(plugin)))
        #expect(
            await failure(missing)?.finding.rendered() == """
                error[credentials]: the credential plugin poplin-no-such-plugin failed: there is no such program in PATH
                  |  request: GET /x
                  |  server: http://127.0.0.1:\(server.port)
                  |  context: dev
                  |  from: /home/ann/.kube/config
                  next: buy it
                """)
        plugin.interactiveMode = .always
        let interactive = HTTPTransport(server.connection(credentials: .plugin(plugin)))
        guard case .authentication(.plugin(_, let text, _))? = await failure(interactive)?.kind else {
            Issue.record("interactive plugins cannot run")
            return
        }
        #expect(text.contains("interactiveMode: Always"))
        await missing.close()
        await interactive.close()
    }
}
