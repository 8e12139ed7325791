import JSONTree
import KubernetesModel

/// How the objects of one resource look in a table (meta.k8s.io/v1 Table): what `kubectl get` prints.
///
/// The server decides columns and cells, kubectl only aligns them; `-o wide` shows the columns whose priority is not 0.
public struct ObjectTable: Sendable {
    public struct Column: Sendable, Equatable {
        public var name: String
        /// An OpenAPI type: string, integer, number, boolean, date.
        public var type: String
        /// `name` marks the column that kubectl prefixes with the kind when it shows several kinds.
        public var format: String
        public var description: String
        /// 0: always shown; higher: only with `-o wide`.
        public var priority: Int

        public init(
            _ name: String, type: String = "string", format: String = "", priority: Int = 0, _ description: String
        ) {
            self.name = name
            self.type = type
            self.format = format
            self.description = description
            self.priority = priority
        }

        var value: JSONValue {
            [
                "name": .string(name), "type": .string(type), "format": .string(format),
                "description": .string(description), "priority": .int(Int64(priority)),
            ]
        }
    }

    public var columns: [Column]
    /// One cell for each column. The time is the server's now, for ages.
    public var cells: @Sendable (_ object: JSONNode, _ now: Timestamp) -> [JSONValue]

    public init(_ columns: [Column], cells: @escaping @Sendable (JSONNode, Timestamp) -> [JSONValue]) {
        self.columns = columns
        self.cells = cells
    }

    /// What a row carries beside its cells (`includeObject` of the request).
    public enum Inclusion: String, Sendable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    /// The whole document for one object or a list.
    ///
    /// - Parameter listMetadata: `resourceVersion`, `continue`, `remainingItemCount` of the list, as they are to stand.
    /// - Parameter isFirst: a watch sends the column definitions with its first event only.
    public func document(
        of objects: some Sequence<JSONNode>, listMetadata: JSONValue, including: Inclusion = .metadata,
        now: Timestamp, isFirst: Bool = true
    ) -> JSONValue {
        let rows = objects.map { object -> JSONValue in
            var row: [JSONMember] = [JSONMember("cells", .array(cells(object, now)))]
            switch including {
            case .none: break
            case .metadata: row.append(JSONMember("object", Self.partial(object)))
            case .object: row.append(JSONMember("object", .node(object)))
            }
            return .object(row)
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": listMetadata,
            "columnDefinitions": isFirst ? .array(columns.map(\.value)) : .null,
            "rows": .array(rows),
        ]
    }

    /// meta.k8s.io/v1 PartialObjectMetadata of an object.
    public static func partial(_ object: JSONNode) -> JSONValue {
        [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": object.member("metadata").map { .node($0) } ?? [:],
        ]
    }
}

extension ObjectTable {
    /// The table of a resource that has noneText of its own: its name and when it was made.
    public static let plain = ObjectTable([.name, .createdAt]) { object, _ in [object.nameCell, object.createdCell] }

    /// The table of a built-in resource.
    public static func builtin(_ resource: GroupResource) -> ObjectTable { tables[resource] ?? plain }

    private static let tables: [GroupResource: ObjectTable] =
        core
        .merging(workloads) { first, _ in first }
        .merging(networking) { first, _ in first }
        .merging(administration) { first, _ in first }
}

extension ObjectTable.Column {
    static let name = Self("Name", format: "name", "Name of the object, unique within its namespace.")
    static let age = Self("Age", "Time since the object was made.")
    static let createdAt = Self("Created At", type: "date", "When the object was made (RFC 3339, UTC).")

    /// A column of `-o wide`.
    static func wide(_ name: String, type: String = "string", _ description: String) -> Self {
        Self(name, type: type, priority: 1, description)
    }

    static func integer(_ name: String, _ description: String) -> Self { Self(name, type: "integer", description) }
}
