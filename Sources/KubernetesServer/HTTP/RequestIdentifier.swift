import Foundation
import NIOHTTP1

/// The audit id of a request: the client's, where it is a plain word, or a new one.
enum RequestIdentifier {
    static func auditID(_ headers: HTTPHeaders) -> String {
        if let given = headers.first(name: "audit-id"), !given.isEmpty, given.utf8.count <= 64,
            given.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        {
            return given
        }
        return UUID().uuidString.lowercased()
    }
}
