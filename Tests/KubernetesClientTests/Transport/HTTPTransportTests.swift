import JSONTree
import KubernetesClient
import NIOHTTP1
import Synchronization
import SystemCalls
import Testing

@Suite struct HTTPTransportTests {
    private func failure(
        _ transport: HTTPTransport, _ request: KubernetesRequest
    ) async -> KubernetesFailure? {
        do {
            _ = try await transport.answer(request)
            return nil
        } catch { return error }
    }

    @Test func whatIsSentAndWhatComesBack() async throws {
        let server = try await LoopbackServer.start { request in
            .json(200, #"{"a":1}"#, [("Warning", #"299 - "unknown field \"spec.x\"""#)])
        }
        var connection = server.connection(credentials: .token("secret"))
        connection.userAgent = UserAgent(version: "0.2.0", component: "doctor")
        connection.impersonation = Impersonation(
            user: "ann", uid: "7", groups: ["dev", "ops"], extra: [KubernetesField("Scopes/x", "y")])
        let transport = HTTPTransport(connection)
        let answer = try await transport.answer(
            KubernetesRequest(
                .post, segments: ["api", "v1", "a b"], query: [KubernetesField("q", "x=y")], body: Array("{}".utf8)))
        #expect(answer.warnings == [#"unknown field "spec.x""#])
        #expect(try answer.document().member("a")?.int == 1)
        let request = try #require(server.requests.all.first)
        #expect(request.method == "POST")
        #expect(request.uri == "/api/v1/a%20b?q=x%3Dy")
        #expect(request.body == Array("{}".utf8))
        #expect(request.header("Authorization") == "Bearer secret")
        #expect(request.header("User-Agent")?.hasPrefix("poplin/0.2.0 (linux/") == true)
        #expect(request.header("User-Agent")?.hasSuffix(") doctor") == true)
        #expect(request.header("Host") == "127.0.0.1:\(server.port)")
        #expect(request.header("Accept") == "application/json")
        #expect(request.header("Accept-Encoding") == "gzip")
        #expect(request.header("Impersonate-User") == "ann")
        #expect(request.header("Impersonate-Uid") == "7")
        #expect(request.headers["Impersonate-Group"] == ["dev", "ops"])
        #expect(request.header("Impersonate-Extra-scopes%2Fx") == "y")
        await transport.close()
    }

    @Test func connectionsAreUsedAgain() async throws {
        let server = try await LoopbackServer.start { _ in .json(200, "{}") }
        let transport = HTTPTransport(server.connection())
        for _ in 0..<20 { _ = try await transport.answer(KubernetesRequest(.get, path: "/version")) }
        #expect(Set(server.requests.all.map(\.connection)).count == 1)
        await transport.close()
    }

    @Test func aStatusIsAFailureWithItsCauses() async throws {
        let server = try await LoopbackServer.start { _ in
            .json(
                422,
                #"{"kind":"Status","message":"bad","reason":"Invalid","code":422,"details":{"causes":[{"reason":"FieldValueInvalid","message":"no","field":"spec.x"}]}}"#
            )
        }
        let transport = HTTPTransport(server.connection())
        let failure = await failure(transport, KubernetesRequest(.put, path: "/api/v1/x"))
        #expect(
            failure?.status
                == ServerStatus(
                    code: 422, reason: "Invalid", message: "bad",
                    causes: [ServerStatus.Cause(reason: "FieldValueInvalid", message: "no", field: "spec.x")]))
        #expect(failure?.request == "PUT /api/v1/x")
        #expect(failure?.origin.file == "/home/ann/.kube/config")
        #expect(failure?.origin.server == "http://127.0.0.1:\(server.port)")
        await transport.close()
    }

    @Test(arguments: [
        (KubernetesRequest.Method.get, 429, 3), (.get, 503, 3), (.put, 429, 3), (.delete, 503, 3), (.post, 429, 1),
        (.patch, 503, 1), (.get, 500, 1),
    ])
    func turnedAway(_ method: KubernetesRequest.Method, _ status: Int, _ expected: Int) async throws {
        let count = Mutex(0)
        let server = try await LoopbackServer.start { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number < 3 ? .json(status, "{}", [("Retry-After", "0")]) : .json(200, "{}")
        }
        let transport = HTTPTransport(server.connection())
        let failure = await failure(transport, KubernetesRequest(method, path: "/x"))
        #expect(server.requests.all.count == expected)
        #expect(failure?.status?.code == (expected == 3 ? nil : status))
        await transport.close()
    }

    @Test func withoutRetryAfterOrWithALongOneTheAnswerStands() async throws {
        for headers in [[], [("Retry-After", "31")]] {
            let server = try await LoopbackServer.start { _ in .json(429, "{}", headers) }
            let transport = HTTPTransport(server.connection())
            let failure = await failure(transport, KubernetesRequest(.get, path: "/x"))
            #expect(failure?.status?.code == 429)
            #expect(failure?.status?.retryAfter == (headers.isEmpty ? nil : .seconds(31)))
            #expect(server.requests.all.count == 1)
            await transport.close()
        }
    }

    @Test func aWatchIsNotTriedAgainHere() async throws {
        let server = try await LoopbackServer.start { _ in .json(429, "{}", [("Retry-After", "0")]) }
        let transport = HTTPTransport(server.connection())
        await #expect(throws: KubernetesFailure.self) {
            _ = try await transport.stream(KubernetesRequest(.get, path: "/x"))
        }
        #expect(server.requests.all.count == 1)
        await transport.close()
    }

    @Test func aRotatedTokenIsReadAgainWhenTheOldOneIsRefused() async throws {
        let file = try TemporaryFile("old\n")
        let server = try await LoopbackServer.start { request in
            request.header("Authorization") == "Bearer new" ? .json(200, "{}") : .json(401, "{}")
        }
        let transport = HTTPTransport(server.connection(credentials: .tokenFile(file.path)))
        let first = await failure(transport, KubernetesRequest(.get, path: "/x"))
        #expect(first?.status?.code == 401)
        #expect(server.requests.all.count == 1, "the file says the same: asking again is pointless")
        try file.write("new\n")
        let second = await failure(transport, KubernetesRequest(.post, path: "/x"))
        #expect(second == nil)
        #expect(server.requests.all.map { $0.header("Authorization") } == ["Bearer old", "Bearer old", "Bearer new"])
        await transport.close()
    }

    @Test func nobodyListens() async throws {
        let server = try await LoopbackServer.start { _ in .silence }
        let connection = server.connection()
        await server.stop()
        let transport = HTTPTransport(connection)
        let failure = await failure(transport, KubernetesRequest(.get, path: "/api"))
        #expect(
            failure?.kind == .unreachable("127.0.0.1:\(connection.server.port): \(Errno.ECONNREFUSED)"),
            "\(String(describing: failure))")
        await transport.close()
    }

    @Test(arguments: [ServerAddress.Scheme.http, .https]) func aProxyThatRefuses(_ scheme: ServerAddress.Scheme)
        async throws
    {
        let proxy = try await LoopbackServer.start { _ in .json(403, "{}") }
        // Nothing is there: whoever is asked is the proxy.
        var connection = ClusterConnection(server: ServerAddress(scheme: scheme, host: "192.0.2.1", port: 6443))
        connection.proxy = ServerAddress(scheme: .http, host: "127.0.0.1", port: proxy.port)
        let transport = HTTPTransport(connection)
        let kind = await failure(transport, KubernetesRequest(.get, path: "/version"))?.kind
        #expect(kind == .unreachable("the proxy refused to connect us"))
        #expect(proxy.requests.all.first?.method == "CONNECT")
        #expect(proxy.requests.all.first?.uri == "192.0.2.1:6443")
        await transport.close()
    }

    @Test func aNameThatDoesNotExist() async throws {
        let transport = HTTPTransport(
            ClusterConnection(server: ServerAddress(scheme: .http, host: "nowhere.invalid", port: 6443)))
        let failure = await failure(transport, KubernetesRequest(.get, path: "/api"))
        #expect(failure?.kind == .unreachable("the name nowhere.invalid cannot be resolved"))
        await transport.close()
    }

    @Test func noAnswerInTime() async throws {
        let server = try await LoopbackServer.start { _ in .silence }
        let transport = HTTPTransport(server.connection())
        let head = await failure(transport, KubernetesRequest(.get, path: "/x", timeout: .milliseconds(200)))
        #expect(head?.kind == .timedOut(after: .milliseconds(200)))
        await transport.close()

        let slow = try await LoopbackServer.start { _ in
            .chunks([(0, [0x7B]), (3_600_000, [0x7D])], isCutOff: false)
        }
        let other = HTTPTransport(slow.connection())
        let body = await failure(other, KubernetesRequest(.get, path: "/x", timeout: .milliseconds(300)))
        #expect(body?.kind == .timedOut(after: .milliseconds(300)))
        await other.close()
    }

    @Test func aConnectionThatIsClosedUnansweredIsTriedOnceMore() async throws {
        let count = Mutex(0)
        let server = try await LoopbackServer.start { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number == 1 ? .hangUp : .json(200, "{}")
        }
        let transport = HTTPTransport(server.connection())
        let read = await failure(transport, KubernetesRequest(.get, path: "/x"))
        #expect(read == nil)
        count.withLock { $0 = 0 }
        let write = await failure(transport, KubernetesRequest(.post, path: "/x"))
        guard case .cutOff? = write?.kind else {
            Issue.record("a POST may have been done, so it is not sent again: \(String(describing: write))")
            return
        }
        await transport.close()
    }

    @Test func aBodyThatBreaksOff() async throws {
        let server = try await LoopbackServer.start { _ in .chunks([(0, Array("{".utf8))], isCutOff: true) }
        let transport = HTTPTransport(server.connection())
        let failure = await failure(transport, KubernetesRequest(.get, path: "/x"))
        guard case .cutOff? = failure?.kind else {
            Issue.record("\(String(describing: failure))")
            return
        }
        await transport.close()
    }

    @Test func aWatchFromTheWire() async throws {
        let server = try await LoopbackServer.start { _ in
            .chunks(
                [
                    (0, Array(#"{"type":"ADDED","object":{"metadata":{"na"#.utf8)),
                    (30, Array(#"me":"a"}}}"#.utf8)), (30, Array("\n{\"type\":\"BOOKMARK\",\"object\":{}}\n".utf8)),
                ], isCutOff: false)
        }
        let transport = HTTPTransport(server.connection())
        let response = try await transport.stream(KubernetesRequest(.get, path: "/api/v1/pods"))
        var count = 0
        for try await frame in WatchFrames(response.body) {
            count += 1
            if case .change(.added, let object) = frame {
                #expect(object.member("metadata")?.member("name")?.string == "a")
            }
        }
        #expect(count == 2)
        await transport.close()
    }

    @Test func cancellingAWatchEndsItAsCancelled() async throws {
        let server = try await LoopbackServer.start { _ in
            .chunks([(0, Array(#"{"type":"ADDED","object":{}}"#.utf8)), (3_600_000, [])], isCutOff: false)
        }
        let transport = HTTPTransport(server.connection())
        let (signal, continuation) = AsyncStream<Void>.makeStream()
        let task = Task { () -> KubernetesFailure.Kind? in
            do throws(KubernetesFailure) {
                let response = try await transport.stream(KubernetesRequest(.get, path: "/x"))
                for try await _ in WatchFrames(response.body) { continuation.yield() }
                return nil
            } catch { return error.kind }
        }
        for await _ in signal { break }
        task.cancel()
        #expect(await task.value == .cancelled)
        await transport.close()
    }
}
