import Diagnosis
import JSONTree
import KubernetesModel

/// `evidence.json`: what a bundle says of itself. When it was collected, where each document comes from, and what
/// could not be had and why. Without it the paths say where documents come from, and nobody knows when.
struct BundleIndex {
    static let path = "evidence.json"
    static let version: Int64 = 1

    struct Entry {
        var place: String
        var command: String
        var readAt: Int64?
    }

    var collectedAt: Int64?
    var documents: [String: Entry] = [:]
    var missing: [String: String] = [:]

    init() {}

    init(_ node: JSONNode) {
        collectedAt = node.member("collectedAt").flatMap(Self.seconds)
        if let entries = node.member("documents") {
            for (path, entry) in entries.members {
                documents[path] = Entry(
                    place: entry.member("place")?.string ?? "", command: entry.member("command")?.string ?? "",
                    readAt: entry.member("readAt").flatMap(Self.seconds))
            }
        }
        if let reasons = node.member("missing") {
            for (path, reason) in reasons.members {
                if let reason = reason.string { missing[path] = reason }
            }
        }
    }

    private static func seconds(_ node: JSONNode) -> Int64? {
        node.int ?? node.string.flatMap { Timestamp($0)?.seconds }
    }

    func source(of path: String) -> FactSource {
        var source = EvidencePath.source(of: path)
        if let entry = documents[path] {
            if !entry.place.isEmpty { source.place = entry.place }
            if !entry.command.isEmpty { source.command = entry.command }
            if let read = entry.readAt, let now = collectedAt { source.age = Int(max(0, now - read)) }
        }
        return source
    }

    // MARK: Writing

    init(of evidence: EvidenceTree) {
        collectedAt = evidence.collectedAt
        missing = evidence.missing
        for (path, document) in evidence.documents {
            let usual = EvidencePath.source(of: path)
            let readAt = document.source.age.flatMap { age in collectedAt.map { $0 - Int64(age) } }
            // What the path says already is not said again.
            if document.source.place == usual.place, document.source.command == usual.command, readAt == nil {
                continue
            }
            documents[path] = Entry(place: document.source.place, command: document.source.command, readAt: readAt)
        }
    }

    var value: JSONValue {
        var members = [JSONMember("version", .int(Self.version))]
        if let collectedAt { members.append(JSONMember("collectedAt", .string("\(Timestamp(seconds: collectedAt))"))) }
        members.append(
            JSONMember(
                "documents",
                .object(
                    documents.sorted { $0.key < $1.key }.map { path, entry in
                        var fields = [JSONMember("place", .string(entry.place))]
                        if !entry.command.isEmpty { fields.append(JSONMember("command", .string(entry.command))) }
                        if let readAt = entry.readAt {
                            fields.append(JSONMember("readAt", .string("\(Timestamp(seconds: readAt))")))
                        }
                        return JSONMember(path, .object(fields))
                    })))
        members.append(
            JSONMember(
                "missing",
                .object(missing.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) })))
        return .object(members)
    }
}
