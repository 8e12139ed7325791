import JSONTree

extension ServerStatus {
    /// - Parameter httpStatus: the code where the object has none.
    public init(decoding node: JSONNode, httpStatus: Int) {
        let details = node.member("details")
        self.init(
            code: node.member("code")?.int.flatMap { Int(exactly: $0) } ?? httpStatus,
            reason: node.member("reason")?.string ?? "",
            message: node.member("message")?.string ?? "",
            retryAfter: details?.member("retryAfterSeconds")?.int.flatMap { $0 > 0 ? .seconds($0) : nil },
            causes: details?.member("causes")?.elements.map {
                Cause(
                    reason: $0.member("reason")?.string ?? "", message: $0.member("message")?.string ?? "",
                    field: $0.member("field")?.string ?? "")
            } ?? [])
    }

    /// What an answer with an error code says: a `Status`, or plain text from a proxy in between.
    public init(httpStatus: Int, headers: KubernetesHeaders, body: [UInt8]) {
        if let root = try? JSONTree(parsing: body).root, root.member("kind")?.string == "Status" {
            self.init(decoding: root, httpStatus: httpStatus)
        } else {
            let line = Self.line(of: body)
            self.init(code: httpStatus, message: line.isEmpty ? "HTTP status \(httpStatus) without a text" : line)
        }
        if let header = headers["Retry-After"].flatMap({ Int64($0) }), header >= 0 {
            retryAfter = .seconds(min(header, 3600))
        }
    }

    /// What a body that is no `Status` says, in one line of at most 400 bytes. Load balancers answer with pages: of those
    /// the title is what a person would read, or else the text between the tags.
    private static func line(of body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(4096), as: UTF8.self)
        let words: String
        if text.drop(while: \.isWhitespace).first == "<" {
            let pieces = text.split(separator: "<")
            let title = pieces.first { $0.lowercased().hasPrefix("title") }
            let shown = (title.map { [$0] } ?? pieces).map { $0.drop { $0 != ">" }.dropFirst() }.joined(separator: " ")
            words = "a page that is no answer of a Kubernetes API: \(shown)"
        } else {
            words = text
        }
        let line = words.split(whereSeparator: { $0.isWhitespace || $0.isNewline }).joined(separator: " ")
        return String(decoding: line.utf8.prefix(400), as: UTF8.self)
    }
}
