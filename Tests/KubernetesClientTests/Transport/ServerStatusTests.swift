import Testing

@testable import KubernetesClient

@Suite("What an answer with an error code says") struct ServerStatusTests {
    private func message(_ body: String, _ code: Int = 503) -> String {
        ServerStatus(httpStatus: code, headers: [], body: Array(body.utf8)).message
    }

    @Test func aStatusSpeaksForItself() {
        #expect(message(#"{"kind":"Status","code":403,"message":"pods is forbidden"}"#, 403) == "pods is forbidden")
    }

    @Test func textOfAProxyIsOneLine() {
        #expect(message("upstream connect error\n\tor  disconnect\r\n") == "upstream connect error or disconnect")
        #expect(message("") == "HTTP status 503 without a text")
    }

    @Test func ofAPageTheTitleIsTold() {
        let page = """
            <html>\r
            <head><title>503 Service
             Temporarily Unavailable</title></head>
            <body><center><h1>503</h1></center><hr>nginx</body></html>
            """
        #expect(
            message(page) == "a page that is no answer of a Kubernetes API: 503 Service Temporarily Unavailable")
        #expect(
            message(" <!DOCTYPE html><H1>No server</H1><p>is <b>available</b></p>")
                == "a page that is no answer of a Kubernetes API: No server is available")
    }

    @Test func aPageWithoutAnEndIsCut() {
        #expect(message("<p>" + String(repeating: "é", count: 100_000)).utf8.count <= 402)
        #expect(message("<").hasPrefix("a page that is no answer"))
    }
}
