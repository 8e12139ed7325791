import KubernetesClient
import KubernetesModel
import Testing

/// What a real kube-apiserver refused, as our client sees it.
@Suite struct RecordedAnswerTests {
    private func failure(_ name: String) async throws -> KubernetesFailure? {
        let recorded = try RecordedAnswer(name)
        let transport = ScriptedTransport { _ in recorded.response }
        do {
            _ = try await transport.answer(KubernetesRequest(.get, path: "/x"))
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("13-401-badtoken", 401, "Unauthorized", "Unauthorized"),
        (
            "14-403-serviceaccount", 403, "Forbidden",
            #"pods is forbidden: User "system:serviceaccount:tx:agent" cannot list resource "pods" in API group "" at the cluster scope"#
        ),
        ("13-404-notfound", 404, "NotFound", #"pods "nope" not found"#),
        ("01-discovery-404-group", 404, "", "404 page not found"),
        ("02-ns-create-again-409-AlreadyExists", 409, "AlreadyExists", #"namespaces "tx" already exists"#),
        (
            "11-put-stale-409-Conflict", 409, "Conflict",
            #"Operation cannot be fulfilled on configmaps "cm0": the object has been modified; please apply your changes to the latest version and try again"#
        ),
        ("10-list-future-rv-504", 504, "Timeout", "Timeout: Too large resource version: 99999999, current: 345"),
        (
            "10-watch-invalid-rv-400", 500, "",
            #"resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax"#
        ),
    ])
    func refusals(_ name: String, _ code: Int, _ reason: String, _ message: String) async throws {
        let status = try #require(try await failure(name)?.status)
        #expect(status.code == code)
        #expect(status.reason == reason)
        #expect(status.message == message)
        #expect(status.isConflict == name.hasSuffix("-Conflict"))
        #expect(status.isAlreadyExists == name.hasSuffix("AlreadyExists"))
        #expect(status.isNotFound == (code == 404))
    }

    @Test func causesNameTheirFields() async throws {
        let invalid = try #require(try await failure("07-netpol-invalid-422")?.status)
        #expect(invalid.causes.map(\.field) == ["spec.ingress[0].from[0].ipBlock.except[0]"])
        let conflict = try #require(try await failure("12-ssa-conflict-409")?.status)
        #expect(
            conflict.causes
                == [
                    ServerStatus.Cause(
                        reason: "FieldManagerConflict", message: #"conflict with "mgr-a""#, field: ".data.k")
                ])
        let pretty = try #require(try await failure("13-406-accept")?.status)
        #expect(pretty.code == 406)
        let future = try #require(try await failure("10-list-future-rv-504")?.status)
        #expect(future.retryAfter == .seconds(1))
    }

    @Test func aWarningIsHeard() async throws {
        let recorded = try RecordedAnswer("13-warn-unknown-field-299")
        let answer = try await ScriptedTransport { _ in recorded.response }
            .answer(KubernetesRequest(.post, path: "/x"))
        #expect(answer.warnings == [#"unknown field "spec.bogus""#])
    }

    @Test func aRecordedList() async throws {
        let recorded = try RecordedAnswer("01-discovery-networking")
        let answer = try await ScriptedTransport { _ in recorded.response }.answer(KubernetesRequest(.get, path: "/x"))
        let served = ServedResources(legacy: try answer.document())
        #expect(served.resource(named: "netpol")?.kind.kind == "NetworkPolicy")
        #expect(served.resource(named: "ing")?.subresources == ["status"])
    }
}
