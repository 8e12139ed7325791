import KubernetesClient
import Testing

@Suite struct KubernetesRequestTests {
    @Test(arguments: [
        (["api", "v1", "pods"], "/api/v1/pods"),
        (["api", "v1", "namespaces", "a/../../b", "pods"], "/api/v1/namespaces/a%2F..%2F..%2Fb/pods"),
        (["apis", "x", "..", "y"], "/apis/x/%2E%2E/y"),
        (["clusterroles", "system:node"], "/clusterroles/system:node"),
        (["a?b=c#d", "é"], "/a%3Fb%3Dc%23d/%C3%A9"),
    ])
    func aNameStaysOneSegment(_ segments: [String], _ path: String) {
        #expect(KubernetesRequest(.get, segments: segments).target == path)
    }

    @Test func aQueryIsEncodedAndKeepsItsOrder() {
        let request = KubernetesRequest(
            .get, path: "/api/v1/pods",
            query: [KubernetesField("labelSelector", "app in (a,b),x!=1"), KubernetesField("command", "echo hi&x")])
        #expect(
            request.target
                == "/api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29%2Cx%21%3D1&command=echo%20hi%26x")
    }

    @Test func headersInAnyCase() {
        var headers: KubernetesHeaders = [KubernetesField("Warning", "a"), KubernetesField("WARNING", "b")]
        #expect(headers.all("warning") == ["a", "b"])
        headers["Warning"] = "c"
        #expect(headers.fields == [KubernetesField("Warning", "c")])
    }

    @Test func aBodyIsReadUpToALimit() async throws {
        let chunks = [Array("ab".utf8), Array("cd".utf8), Array("e".utf8)]
        let whole = try await KubernetesBody(chunks: chunks).collect(limit: 5)
        #expect(whole == Array("abcde".utf8))
        await #expect(throws: KubernetesFailure(.tooLarge(limit: 4))) {
            _ = try await KubernetesBody(chunks: chunks).collect(limit: 4)
        }
        await #expect(throws: KubernetesFailure(.cutOff("reset"))) {
            _ = try await KubernetesBody(chunks: chunks, failure: KubernetesFailure(.cutOff("reset"))).collect(limit: 9)
        }
    }
}
