import JSONTree

/// Which objects a list or a watch is about.
public struct ListOptions: Sendable, Hashable {
    /// As `kubectl -l` takes it; empty for all.
    public var labelSelector: String
    public var fieldSelector: String
    /// Objects in one page; nil lets the server send everything at once.
    public var limit: Int?
    /// Nil: the newest state, read from the store. `"0"`: whatever the server has at hand.
    public var resourceVersion: String?
    /// `Exact` or `NotOlderThan`.
    public var resourceVersionMatch: String?

    public init(
        labelSelector: String = "", fieldSelector: String = "", limit: Int? = 500, resourceVersion: String? = nil,
        resourceVersionMatch: String? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.limit = limit
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
    }

    func fields(continuing token: String? = nil) -> [KubernetesField] {
        var fields: [KubernetesField] = []
        if !labelSelector.isEmpty { fields.append(KubernetesField("labelSelector", labelSelector)) }
        if !fieldSelector.isEmpty { fields.append(KubernetesField("fieldSelector", fieldSelector)) }
        if let limit { fields.append(KubernetesField("limit", String(limit))) }
        if let token {
            // A token fixes the version; naming one beside it is refused.
            fields.append(KubernetesField("continue", token))
        } else if let resourceVersion {
            fields.append(KubernetesField("resourceVersion", resourceVersion))
            if let resourceVersionMatch {
                fields.append(KubernetesField("resourceVersionMatch", resourceVersionMatch))
            }
        }
        return fields
    }
}

/// From where a watch goes on.
public struct WatchOptions: Sendable, Hashable {
    public var labelSelector: String
    public var fieldSelector: String
    /// Empty: from now, after a synthetic ADDED for everything there is.
    public var resourceVersion: String
    public var allowsBookmarks: Bool
    /// Asks for the state first, as events, ended by a bookmark (servers from 1.32 on).
    public var sendsInitialEvents: Bool
    /// After this many seconds the server ends the watch; nil leaves it to the server (30 to 60 minutes).
    public var timeoutSeconds: Int?

    public init(
        labelSelector: String = "", fieldSelector: String = "", resourceVersion: String = "",
        allowsBookmarks: Bool = true, sendsInitialEvents: Bool = false, timeoutSeconds: Int? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.resourceVersion = resourceVersion
        self.allowsBookmarks = allowsBookmarks
        self.sendsInitialEvents = sendsInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }

    var fields: [KubernetesField] {
        var fields = [KubernetesField("watch", "true")]
        if !labelSelector.isEmpty { fields.append(KubernetesField("labelSelector", labelSelector)) }
        if !fieldSelector.isEmpty { fields.append(KubernetesField("fieldSelector", fieldSelector)) }
        if !resourceVersion.isEmpty { fields.append(KubernetesField("resourceVersion", resourceVersion)) }
        if allowsBookmarks { fields.append(KubernetesField("allowWatchBookmarks", "true")) }
        if sendsInitialEvents {
            fields.append(KubernetesField("sendInitialEvents", "true"))
            fields.append(KubernetesField("resourceVersionMatch", "NotOlderThan"))
        }
        if let timeoutSeconds { fields.append(KubernetesField("timeoutSeconds", String(timeoutSeconds))) }
        return fields
    }
}

/// How something is written.
public struct WriteOptions: Sendable, Hashable {
    /// Everything is checked and nothing is kept.
    public var isDryRun: Bool
    /// Nil is the client's.
    public var fieldManager: String?
    public var fieldValidation: FieldValidation?

    /// What the server does with fields it does not know.
    public enum FieldValidation: String, Sendable {
        case strict = "Strict"
        case warn = "Warn"
        case ignore = "Ignore"
    }

    public init(isDryRun: Bool = false, fieldManager: String? = nil, fieldValidation: FieldValidation? = nil) {
        self.isDryRun = isDryRun
        self.fieldManager = fieldManager
        self.fieldValidation = fieldValidation
    }

    func fields(_ client: ClusterClient) -> [KubernetesField] {
        var fields = [KubernetesField("fieldManager", fieldManager ?? client.fieldManager)]
        if isDryRun { fields.append(KubernetesField("dryRun", "All")) }
        if let fieldValidation { fields.append(KubernetesField("fieldValidation", fieldValidation.rawValue)) }
        return fields
    }
}

/// How something is deleted.
public struct DeleteOptions: Sendable, Hashable {
    public enum Propagation: String, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    /// Nil is the object's own.
    public var gracePeriodSeconds: Int?
    public var propagation: Propagation?
    /// Only this object, not a later one of the same name.
    public var uid: String?
    /// Only if nobody wrote it since.
    public var resourceVersion: String?
    public var isDryRun: Bool

    public init(
        gracePeriodSeconds: Int? = nil, propagation: Propagation? = nil, uid: String? = nil,
        resourceVersion: String? = nil, isDryRun: Bool = false
    ) {
        self.gracePeriodSeconds = gracePeriodSeconds
        self.propagation = propagation
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.isDryRun = isDryRun
    }

    var body: [UInt8] {
        var members = [JSONMember("kind", "DeleteOptions"), JSONMember("apiVersion", "v1")]
        if let gracePeriodSeconds { members.append(JSONMember("gracePeriodSeconds", .int(Int64(gracePeriodSeconds)))) }
        if let propagation { members.append(JSONMember("propagationPolicy", .string(propagation.rawValue))) }
        var preconditions: [JSONMember] = []
        if let uid { preconditions.append(JSONMember("uid", .string(uid))) }
        if let resourceVersion { preconditions.append(JSONMember("resourceVersion", .string(resourceVersion))) }
        if !preconditions.isEmpty { members.append(JSONMember("preconditions", .object(preconditions))) }
        if isDryRun { members.append(JSONMember("dryRun", ["All"])) }
        return JSONValue.object(members).serialized()
    }
}

/// A change to an object, in one of the four forms a server takes.
public enum ResourcePatch: Sendable {
    /// RFC 6902: a list of operations.
    case json(JSONValue)
    /// RFC 7386.
    case merge(JSONValue)
    /// Lists are merged by their keys; not for custom resources (415).
    case strategic(JSONValue)
    /// Server-side apply: the fields we want to own, and no others.
    case apply(JSONValue, force: Bool)

    var contentType: String {
        switch self {
        case .json: "application/json-patch+json"
        case .merge: "application/merge-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        case .apply: "application/apply-patch+yaml"
        }
    }

    var value: JSONValue {
        switch self {
        case .json(let value), .merge(let value), .strategic(let value), .apply(let value, _): value
        }
    }
}
