import JSONTree

/// Who writes, in the words of `metadata.managedFields`.
public struct FieldOwner: Hashable, Sendable {
    public enum Operation: String, Hashable, Sendable {
        case apply = "Apply"
        case update = "Update"
    }

    public var manager: String
    public var operation: Operation
    public var apiVersion: String
    /// Empty for the main resource.
    public var subresource: String

    public init(manager: String, operation: Operation, apiVersion: String, subresource: String = "") {
        self.manager = manager
        self.operation = operation
        self.apiVersion = apiVersion
        self.subresource = subresource
    }

    /// Longest name of a manager, in bytes (apimachinery, metav1/validation).
    public static let managerLimit = 128

    /// The name of a client that states none: its user agent up to the first slash, cut at 128 characters.
    public static func manager(userAgent: String) -> String {
        String(
            userAgent.prefix { $0 != "/" }.unicodeScalars.filter { $0.properties.isPrintable }.map { Character($0) }
                .prefix(managerLimit))
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

/// `metadata.managedFields`: for each manager, operation, version and subresource the fields it owns.
public struct ManagedFields: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public var owner: FieldOwner
        /// RFC 3339 with seconds, in UTC; nil where none was written.
        public var time: String?
        public var fields: FieldSet

        public init(owner: FieldOwner, time: String?, fields: FieldSet) {
            self.owner = owner
            self.time = time
            self.fields = fields
        }
    }

    public var entries: [Entry]

    public init(entries: [Entry] = []) { self.entries = entries }

    public var isEmpty: Bool { entries.isEmpty }

    /// Update entries that are kept apart; the oldest beyond them become one (fieldmanager, DefaultMaxUpdateManagers).
    public static let updateLimit = 10

    /// Who owned a field before server-side apply first looked at the object.
    static let beforeFirstApply = "before-first-apply"
    static let ancientChanges = "ancient-changes"

    /// Whether an applier is the same whatever version it applies with: its version is not part of who it is.
    static func isSame(_ left: FieldOwner, _ right: FieldOwner) -> Bool {
        left.manager == right.manager && left.operation == right.operation && left.subresource == right.subresource
            && (left.operation == .apply || left.apiVersion == right.apiVersion)
    }

    public subscript(_ owner: FieldOwner) -> Entry? { entries.first { Self.isSame($0.owner, owner) } }

    mutating func set(_ fields: FieldSet, time: String?, of owner: FieldOwner) {
        let place = entries.firstIndex { Self.isSame($0.owner, owner) }
        switch (place, fields.isEmpty) {
        case (let place?, true): entries.remove(at: place)
        case (let place?, false): entries[place] = Entry(owner: owner, time: time, fields: fields)
        case (nil, false): entries.append(Entry(owner: owner, time: time, fields: fields))
        case (nil, true): break
        }
    }
}

// MARK: - In the object

extension ManagedFields {
    /// Reads the list of an object. Anything that is no entry is a failure: a server then goes by what it has stored.
    public init(_ list: JSONValue?) throws(PatchFailure) {
        entries = []
        guard let list, !list.isNull else { return }
        guard list.kind == .array else {
            throw PatchFailure(.malformed, "metadata.managedFields: a list is expected, this is \(list.kind)")
        }
        for element in list.elements {
            let operation = element.member("operation")?.stringValue ?? ""
            guard let operation = FieldOwner.Operation(rawValue: operation) else {
                throw PatchFailure(
                    .malformed,
                    "metadata.managedFields.operation: Invalid value: \"\(operation)\": must be `Apply` or `Update`")
            }
            let type = element.member("fieldsType")?.stringValue ?? ""
            guard type == "FieldsV1" else {
                throw PatchFailure(
                    .malformed, "metadata.managedFields.fieldsType: Invalid value: \"\(type)\": must be `FieldsV1`")
            }
            let owner = FieldOwner(
                manager: element.member("manager")?.stringValue ?? "", operation: operation,
                apiVersion: element.member("apiVersion")?.stringValue ?? "",
                subresource: element.member("subresource")?.stringValue ?? "")
            let fields = try FieldSet(fieldsV1: element.member("fieldsV1") ?? .object([]))
            // Of an owner named twice the fields are one set.
            let known = self[owner]?.fields ?? FieldSet()
            set(known.union(fields), time: element.member("time")?.stringValue, of: owner)
        }
    }

    /// The entries of an object; none when it has none or they cannot be read.
    public init(of object: JSONValue?) {
        self = (try? ManagedFields(object?.at("metadata", "managedFields"))) ?? ManagedFields()
    }

    /// In the order of a kube-apiserver: Apply before Update, then by time, manager, version, subresource.
    public var sortedEntries: [Entry] {
        entries.sorted { left, right in
            let (a, b) = (left.owner, right.owner)
            if a.operation != b.operation { return a.operation == .apply }
            if left.time != right.time { return (left.time ?? "").precedesByBytes(right.time ?? "") }
            if a.manager != b.manager { return a.manager.precedesByBytes(b.manager) }
            if a.apiVersion != b.apiVersion { return a.apiVersion.precedesByBytes(b.apiVersion) }
            return a.subresource.precedesByBytes(b.subresource)
        }
    }

    public var value: JSONValue {
        .array(
            sortedEntries.map { entry in
                var members = [
                    JSONMember("manager", .string(entry.owner.manager)),
                    JSONMember("operation", .string(entry.owner.operation.rawValue)),
                    JSONMember("apiVersion", .string(entry.owner.apiVersion)),
                ]
                if let time = entry.time { members.append(JSONMember("time", .string(time))) }
                members.append(JSONMember("fieldsType", "FieldsV1"))
                members.append(JSONMember("fieldsV1", entry.fields.value))
                if !entry.owner.subresource.isEmpty {
                    members.append(JSONMember("subresource", .string(entry.owner.subresource)))
                }
                return .object(members)
            })
    }

    /// The object with these entries and no others.
    public func written(to object: JSONValue) -> JSONValue {
        isEmpty
            ? object.removing(at: ["metadata", "managedFields"])
            : object.setting(at: ["metadata", "managedFields"], to: value)
    }
}

// MARK: - What nobody owns

extension FieldSet {
    /// Fields the server itself fills in: no manager ever owns them (fieldmanager, stripmeta.go).
    static let serverOwned: FieldSet = {
        let metadata = [
            "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields",
            "resourceVersion",
        ]
        return FieldSet(
            [[.field("apiVersion")], [.field("kind")], [.field("metadata")]]
                + metadata.map { [.field("metadata"), .field($0)] })
    }()

    /// Fields that a write to this subresource leaves as they were, and that therefore are not owned through it: the
    /// status on the main resource where it has a subresource, everything else on `status`.
    public static func resetFields(subresource: String, hasStatus: Bool) -> FieldSet {
        switch subresource {
        case "status": FieldSet([[.field("spec")], [.field("metadata")]])
        case "": hasStatus ? FieldSet([[.field("status")]]) : FieldSet()
        default: FieldSet()
        }
    }
}
