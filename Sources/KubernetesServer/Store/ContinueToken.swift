import Foundation
import JSONTree

/// Where the next page of a list begins, and of when it is. Opaque to clients; of another list, another version or
/// damaged, it is refused with the reason.
struct ContinueToken: Equatable {
    var collection: String
    /// The scope of the list; nil for every namespace.
    var scope: String?
    var revision: Revision
    /// The last object of the page before.
    var last: StoreReading.Place

    var text: String {
        var members = [
            JSONMember("v", .string("poplin/1")), JSONMember("rv", .string(String(revision))),
            JSONMember("of", .string(collection)), JSONMember("ns", .string(last.namespace)),
            JSONMember("name", .string(last.name)),
        ]
        if let scope { members.append(JSONMember("in", .string(scope))) }
        return Data(JSONValue.object(members).serialized()).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    init(collection: String, scope: String?, revision: Revision, last: StoreReading.Place) {
        self.collection = collection
        self.scope = scope
        self.revision = revision
        self.last = last
    }

    init(_ text: String) throws(StoreFailure) {
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        guard let data = Data(base64Encoded: base64) else { throw .invalidContinueToken("it is not base64") }
        guard let tree = try? JSONTree(parsing: [UInt8](data)) else {
            throw .invalidContinueToken("it holds no JSON object")
        }
        guard tree.root["v"]?.string == "poplin/1" else {
            throw .invalidContinueToken("it was not made by this version of this server")
        }
        guard let revision = tree.root["rv"]?.string.flatMap({ Revision($0) }), let of = tree.root["of"]?.string,
            let namespace = tree.root["ns"]?.string, let name = tree.root["name"]?.string,
            !namespace.utf8.contains(0), !name.utf8.contains(0)
        else { throw .invalidContinueToken("a part of it is missing") }
        self.init(
            collection: of, scope: tree.root["in"]?.string, revision: revision,
            last: StoreReading.Place(namespace: namespace, name: name))
    }
}
