/// Access logs: what a proxy answered, and what it wrote beside the answer.
extension LogRule {
    /// The answers in a line of an access log: behind the quoted request, or in a field.
    private static func answers(_ text: LogText) -> Set<String> {
        let requests = ["http/1.0\" ", "http/1.1\" ", "http/2\" ", "http/2.0\" ", "http/3\" ", "http/3.0\" "]
        let fields = ["status\":", "status_code\":", "statuscode\":", "response_code\":", "status=", "status_code="]
        let quoted = fields.map { $0 + "\"" }
        let found = (requests + fields + quoted).flatMap { text.texts(after: $0, until: [",", "}", "\"", ";"]) }
        return Set(found.map { String($0.drop { $0 == " " }.prefix { $0.isNumber }) }.filter { $0.count == 3 })
    }

    private static func answered(_ wanted: String...) -> LogPattern {
        .all([
            .words(wanted[0], wanted[wanted.count - 1]), .check { text in !answers(text).isDisjoint(with: wanted) },
        ])
    }

    private static let asksTheController = "whether the controller's own pod reaches the pod's address and port"

    static let answering: [LogRule] = [
        // How HAProxy's sessions end: by the server's fault, while connecting (C), waiting (H, Q) or in the data (D).
        LogRule(
            .likely, "SVC-01", "ING-04", when: .words("/<nosrv>"), needs: "the Service's EndpointSlices"),
        LogRule(
            .likely, "ING-04", "SVC-01", "SVC-02", "SVC-05",
            when: .words(" sc-- ", " sh-- ", " sd-- ", " sq-- ", " shvn ", " scvn ", " shnn ", " scnn ", " shni "),
            needs: asksTheController),
        LogRule(
            .likely, "ING-04", "SVC-02", "SVC-05", "MSH-06", "POL-01",
            when: .words(" -1 -1 502 ", " -1 -1 504 "), needs: asksTheController),
        LogRule(
            .likely, "SVC-01", "ING-04", "SVC-05", when: .words(" -1 -1 503 "), needs: "the target group's targets"),
        // A class of answers that says who failed, whatever the format of the line.
        LogRule(
            .likely, "SVC-01", "ING-04", "SVC-05", when: .all([answered("503"), .words(" - - - - ")]),
            needs: "the Service's EndpointSlices"),
        LogRule(
            .likely, "ING-04", "SVC-02", "SVC-05", "POL-01", "RTE-01", "SVC-01", when: answered("502", "504"),
            needs: asksTheController),
        LogRule(
            .possible, "SVC-01", "ING-04", "SVC-05", "SVC-13", when: answered("503"),
            needs: "the Service's EndpointSlices, and the backend's own log"),
        LogRule(
            .possible, "SVC-01", "ING-04", "SVC-05", "SVC-13",
            when: .words(
                "503 service temporarily unavailable", "503 service unavailable", "no server is available to handle"),
            needs: "the Service's EndpointSlices, and the backend's own log"),
        LogRule(
            .possible, "ING-07", "ING-01", "SVC-01", when: .words("default backend - 404"),
            needs: "which Ingress has that host and path"),
        LogRule(
            .possible, "ING-04", "MSH-02", "SVC-01", "SVC-02",
            when: .all([.words("x-envoy", "server: envoy", "istio-envoy"), .words(" 502 ", " 503 ", " 504 ")]),
            needs: asksTheController),
        // The load balancers of Google say it in a word of its own.
        LogRule(
            .likely, "ING-04", "SVC-05", "SVC-01", "SVC-02",
            when: .words(
                "failed_to_connect_to_backend", "failed_to_pick_backend", "backend_timeout",
                "backend_connection_closed",
                "backend_early_response"), needs: asksTheController),
    ]
}
