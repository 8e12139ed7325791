import JSONTree
import KubernetesModel
import KubernetesSchema

/// One column of a table as clients get it.
struct TableColumn: Sendable {
    var name: String
    var type = "string"
    var format = ""
    var description = ""
    /// Above 0 only with `-o wide`.
    var priority = 0

    var value: JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .int(Int64(priority)),
        ]
    }
}

/// Objects of one kind as rows of `kubectl get`. Pure.
struct TablePrinter {
    private let resource: ServedResource
    private let printer: KindPrinter?
    let now: Int64

    init(_ resource: ServedResource, now: Int64) {
        self.resource = resource
        self.now = now
        printer = resource.isCustom ? nil : KindPrinter.printers[resource.collection]
    }

    static let name = TableColumn(name: "Name", format: "name", description: "The object's name.")
    static let age = TableColumn(name: "Age", description: "How long ago the object was created.")

    var columns: [TableColumn] {
        if let custom = resource.custom, !custom.columns.isEmpty {
            return [Self.name]
                + custom.columns.map {
                    TableColumn(
                        name: $0.name, type: $0.type, format: $0.format, description: $0.description,
                        priority: $0.priority)
                }
        }
        if let printer { return [Self.name] + printer.columns }
        return resource.isCustom ? [Self.name, Self.age] : [Self.name, TableColumn(name: "Created At")]
    }

    func cells(_ root: JSONNode) -> [JSONValue] {
        let name = JSONValue.string(root.at("metadata", "name")?.string ?? "")
        let created = root.at("metadata", "creationTimestamp")?.string ?? ""
        let age = age(created)
        if let custom = resource.custom, !custom.columns.isEmpty {
            return [name]
                + custom.columns.map { column in
                    let cell = column.cell(of: .node(root))
                    guard column.type == "date" else { return cell }
                    return .string(cell.stringValue.map { self.age($0) } ?? "<unknown>")
                }
        }
        if let printer { return [name] + printer.cells(RowContext(root: root, now: now)) }
        return [name, .string(resource.isCustom ? age : created)]
    }

    private func age(_ text: String) -> String { HumanDuration.since(text, now: now) }
}

/// What a row is made from.
struct RowContext {
    let root: JSONNode
    let now: Int64

    func text(_ path: String...) -> String { root.at(path)?.string ?? "" }

    func number(_ path: String...) -> Int64 { root.at(path)?.int ?? 0 }

    func list(_ path: String...) -> [JSONNode] { root.at(path)?.elements.map { $0 } ?? [] }

    func node(_ path: String...) -> JSONNode? { root.at(path).flatMap { $0.isNull ? nil : $0 } }

    var age: String { since("metadata", "creationTimestamp") }

    func since(_ path: String...) -> String { HumanDuration.since(root.at(path)?.string ?? "", now: now) }
}

/// Durations as kubectl prints them (apimachinery, util/duration): two units at most, the second dropped when the
/// first is large enough.
enum HumanDuration {
    static func since(_ text: String, now: Int64) -> String {
        guard let time = Timestamp(text) else { return "<unknown>" }
        return HumanDuration.text(now - time.seconds)
    }

    /// - Parameter seconds: negative by more than a second is "<invalid>".
    static func text(_ seconds: Int64) -> String {
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return seconds % 60 == 0 ? "\(minutes)m" : "\(minutes)m\(seconds % 60)s" }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return minutes % 60 == 0 ? "\(hours)h" : "\(hours)h\(minutes % 60)m" }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if hours < 192 { return hours % 24 == 0 ? "\(days)d" : "\(days)d\(hours % 24)h" }
        if days < 730 { return "\(days)d" }
        let years = days / 365
        if years < 8 { return days % 365 == 0 ? "\(years)y" : "\(years)y\(days % 365)d" }
        return "\(years)y"
    }
}
