import JSONTree

/// The answer of a Kubernetes server that is no object: an error, or the success of a deletion.
public struct Status: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Cause: Hashable, Sendable {
        public var reason: String
        public var message: String
        public var field: String

        public init(reason: String, message: String, field: String = "") {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    public struct Details: Hashable, Sendable {
        public var name = ""
        public var group = ""
        /// Most errors have the resource's plural here, validation errors the kind.
        public var kind = ""
        public var uid = ""
        public var causes: [Cause] = []
        public var retryAfterSeconds: Int?

        public init(
            name: String = "", group: String = "", kind: String = "", uid: String = "", causes: [Cause] = [],
            retryAfterSeconds: Int? = nil
        ) {
            self.name = name
            self.group = group
            self.kind = kind
            self.uid = uid
            self.causes = causes
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    public var isSuccess: Bool
    public var message: String
    /// `NotFound`, `Conflict`, `Expired`, ...; empty for errors that have none.
    public var reason: String
    public var details: Details?
    /// The HTTP status code; 0 when a success leaves it out.
    public var code: Int

    public init(
        isSuccess: Bool = false, code: Int, reason: String = "", message: String = "", details: Details? = nil
    ) {
        self.isSuccess = isSuccess
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    public var description: String {
        message.isEmpty ? (reason.isEmpty ? "HTTP status \(code)" : reason) : message
    }
}

// MARK: - JSON

extension Status {
    /// - Returns: nil for anything that is no `v1` Status.
    public init?(decoding node: JSONNode) {
        guard node.member("kind")?.string == "Status", let status = node.member("status")?.string else { return nil }
        self.init(
            isSuccess: status == "Success", code: Int(node.member("code")?.int ?? 0),
            reason: node.member("reason")?.string ?? "", message: node.member("message")?.string ?? "")
        if let details = node.member("details"), details.kind == .object {
            self.details = Details(decoding: details)
        }
    }

    /// In the order and with the omissions of a real server.
    public var value: JSONValue {
        var members = [
            JSONMember("kind", "Status"), JSONMember("apiVersion", "v1"), JSONMember("metadata", .object([])),
            JSONMember("status", isSuccess ? "Success" : "Failure"),
        ]
        if !message.isEmpty { members.append(JSONMember("message", .string(message))) }
        if !reason.isEmpty { members.append(JSONMember("reason", .string(reason))) }
        if let details { members.append(JSONMember("details", details.value)) }
        if code != 0 { members.append(JSONMember("code", .int(Int64(code)))) }
        return .object(members)
    }
}

extension Status.Details {
    init(decoding node: JSONNode) {
        func text(_ key: String) -> String { node.member(key)?.string ?? "" }
        self.init(
            name: text("name"), group: text("group"), kind: text("kind"), uid: text("uid"),
            causes: (node.member("causes")?.elements.map { $0 } ?? []).map { cause in
                Status.Cause(
                    reason: cause.member("reason")?.string ?? "", message: cause.member("message")?.string ?? "",
                    field: cause.member("field")?.string ?? "")
            },
            retryAfterSeconds: node.member("retryAfterSeconds")?.int.map { Int($0) })
    }

    var value: JSONValue {
        var members: [JSONMember] = []
        for (key, text) in [("name", name), ("group", group), ("kind", kind), ("uid", uid)] where !text.isEmpty {
            members.append(JSONMember(key, .string(text)))
        }
        if !causes.isEmpty { members.append(JSONMember("causes", .array(causes.map(\.value)))) }
        if let retryAfterSeconds { members.append(JSONMember("retryAfterSeconds", .int(Int64(retryAfterSeconds)))) }
        return .object(members)
    }
}

extension Status.Cause {
    var value: JSONValue {
        var members: [JSONMember] = []
        for (key, text) in [("reason", reason), ("message", message), ("field", field)] where !text.isEmpty {
            members.append(JSONMember(key, .string(text)))
        }
        return .object(members)
    }
}
