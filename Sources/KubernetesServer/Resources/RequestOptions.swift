import JSONTree
import KubernetesModel

/// What the query of a write says.
struct WriteOptions: Sendable {
    enum FieldValidation: String, Sendable {
        case ignore = "Ignore"
        case warn = "Warn"
        case strict = "Strict"
    }

    var isDryRun = false
    var fieldValidation = FieldValidation.warn
    var manager = ""
    /// Server-side apply takes fields from other managers.
    var isForced = false

    /// Of a write of the server itself.
    init(manager: String) { self.manager = manager }

    init(_ request: ServerRequest, kind: String) throws(Status) {
        let options = GroupVersionKind(group: "meta.k8s.io", version: "v1", kind: kind)
        for value in request.query.all("dryRun") where !value.isEmpty {
            guard value == "All" else {
                throw .invalid(
                    options, "",
                    [
                        FieldError(.notSupported(["All"]), at: "dryRun", value: .array([.string(value)]))
                    ])
            }
            isDryRun = true
        }
        if let value = request.query["fieldValidation"], !value.isEmpty {
            guard let validation = FieldValidation(rawValue: value) else {
                throw .invalid(
                    options, "",
                    [
                        FieldError(
                            .notSupported(["Ignore", "Strict", "Warn"]), at: "fieldValidation", value: .string(value))
                    ])
            }
            fieldValidation = validation
        }
        manager = request.query["fieldManager"] ?? ""
        isForced = request.query.flag("force")
    }
}

/// How an object is to be deleted: the query, and the body if there is one.
struct DeleteRequest: Sendable {
    var gracePeriodSeconds: Int64?
    var uid: String?
    var resourceVersion: String?
    /// `Background`, `Foreground`, `Orphan`, or nil.
    var propagation: String?
    var isDryRun = false

    init() {}

    init(_ request: ServerRequest) throws(Status) {
        if let text = request.query["gracePeriodSeconds"] { gracePeriodSeconds = Int64(text) }
        propagation = request.query["propagationPolicy"]
        isDryRun = request.query.all("dryRun").contains("All")
        if !request.body.isEmpty {
            let kind = GroupVersionKind(version: "v1", kind: "DeleteOptions")
            let isYAML = request.contentType == "application/yaml"
            let body = try RequestBody.document(request.body, isYAML: isYAML, kind)
            gracePeriodSeconds = body.member("gracePeriodSeconds")?.intValue ?? gracePeriodSeconds
            propagation = body.member("propagationPolicy")?.stringValue ?? propagation
            uid = body.at("preconditions", "uid")?.stringValue
            resourceVersion = body.at("preconditions", "resourceVersion")?.stringValue
            isDryRun = isDryRun || (body.member("dryRun")?.elements ?? []).contains { $0.stringValue == "All" }
            if body.member("orphanDependents")?.boolValue == true { propagation = "Orphan" }
        }
        if let seconds = gracePeriodSeconds, seconds < 0 { gracePeriodSeconds = 1 }
        if let propagation, !["Background", "Foreground", "Orphan"].contains(propagation) {
            throw .invalid(
                GroupVersionKind(group: "meta.k8s.io", version: "v1", kind: "DeleteOptions"), "",
                [
                    FieldError(
                        .notSupported(["Background", "Foreground", "Orphan"]), at: "propagationPolicy",
                        value: .string(propagation))
                ])
        }
    }
}

/// What a list or a watch is to show.
struct ListRequest: Sendable {
    var labels = LabelSelector.everything
    var fields = FieldSelector.everything
    var limit: Int?
    var token: String?
    /// Nil when it is not said; 0 is any.
    var revision: Revision?
    var match: String?
    var isWatch = false
    var sendsInitialEvents: Bool?
    var allowsBookmarks = false
    var timeoutSeconds: Int64?

    private static let kind = GroupVersionKind(group: "meta.k8s.io", version: "v1", kind: "ListOptions")

    init(_ request: ServerRequest) throws(Status) {
        let query = request.query
        isWatch = query.flag("watch")
        do throws(SelectorSyntaxError) {
            labels = try LabelSelector(query: query["labelSelector"] ?? "")
            fields = try FieldSelector(query: query["fieldSelector"] ?? "")
        } catch {
            throw .badRequest(error.reason)
        }
        if let text = query["limit"], !text.isEmpty {
            guard let number = Int(text) else {
                throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
            }
            limit = number > 0 ? number : nil
        }
        token = query["continue"].flatMap { $0.isEmpty ? nil : $0 }
        match = query["resourceVersionMatch"].flatMap { $0.isEmpty ? nil : $0 }
        allowsBookmarks = query.flag("allowWatchBookmarks")
        timeoutSeconds = query["timeoutSeconds"].flatMap { Int64($0) }
        if query["sendInitialEvents"] != nil { sendsInitialEvents = query.flag("sendInitialEvents") }
        if let text = query["resourceVersion"], !text.isEmpty {
            guard let number = Revision(text) else { throw .malformedResourceVersion(text) }
            revision = number
        }
        try check()
    }

    /// apimachinery, metainternalversion/validation.
    private func check() throws(Status) {
        var errors: [FieldError] = []
        func forbid(_ field: String, _ detail: String) { errors.append(FieldError(.forbidden, at: field, detail)) }
        let match = "resourceVersionMatch"
        if isWatch {
            if let sends = sendsInitialEvents {
                if self.match == nil {
                    forbid(match, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
                }
                if sends, self.match != nil, self.match != "NotOlderThan" {
                    errors.append(
                        FieldError(.notSupported(["NotOlderThan"]), at: match, value: .string(self.match ?? "")))
                }
            } else if self.match != nil {
                forbid(match, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
            }
        } else {
            if sendsInitialEvents != nil { forbid("sendInitialEvents", "sendInitialEvents is forbidden for list") }
            if let value = self.match {
                if revision == nil {
                    forbid(match, "resourceVersionMatch is forbidden unless resourceVersion is provided")
                }
                if token != nil { forbid(match, "resourceVersionMatch is forbidden when continue is provided") }
                if value != "Exact" && value != "NotOlderThan" {
                    errors.append(
                        FieldError(.notSupported(["Exact", "NotOlderThan"]), at: match, value: .string(value)))
                }
                if value == "Exact", revision == 0 {
                    forbid(match, "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")
                }
            }
        }
        if !errors.isEmpty { throw .invalid(Self.kind, "", errors) }
        if token != nil, let revision, revision > 0 {
            throw .badRequest("specifying resource version is not allowed when using continue")
        }
    }

    var age: ListQuery.Age {
        guard let revision, revision > 0, token == nil else { return .newest }
        switch match {
        case "Exact": return .exactly(revision)
        case "NotOlderThan": return .notOlderThan(revision)
        // A page without a match is of exactly that revision, as etcd answers it.
        default: return limit == nil ? .notOlderThan(revision) : .exactly(revision)
        }
    }
}
