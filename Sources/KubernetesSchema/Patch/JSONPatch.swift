import JSONTree

/// A JSON Patch document (RFC 6902), with the limits and the small liberties of a kube-apiserver: an index may be
/// negative and then counts from the end.
public struct JSONPatch: Sendable, Equatable {
    public var operations: [Operation]

    public init(operations: [Operation]) { self.operations = operations }

    /// A kube-apiserver refuses patches of more operations with 413 (apiserver/pkg/endpoints/handlers/patch.go).
    public static let operationLimit = 10_000

    /// Bytes that all `copy` operations of one patch may add together: 3 MiB, as much as a request body may hold.
    public static let copyLimit = 3 * 1024 * 1024

    public enum Operation: Sendable, Equatable {
        case add(path: JSONPointer, value: JSONValue)
        case remove(path: JSONPointer)
        case replace(path: JSONPointer, value: JSONValue)
        case move(from: JSONPointer, path: JSONPointer)
        case copy(from: JSONPointer, path: JSONPointer)
        case test(path: JSONPointer, value: JSONValue)
    }
}

/// Why a patch cannot be read or applied, with the status a kube-apiserver answers.
public struct PatchFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The patch itself is malformed: 400 BadRequest with the message.
        case malformed
        /// The patch is well formed and does not fit the object: 422 Invalid. Of a JSON patch a kube-apiserver then
        /// says only ``genericMessage``; ours stays in the log.
        case unprocessable
        /// Too many operations or too much copied: 413 RequestEntityTooLarge.
        case tooLarge
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// What a kube-apiserver says of a JSON patch that does not apply, whatever the reason.
    public static let genericMessage = "the server rejected our request due to an error in our request"

    public var description: String { message }
}

// MARK: - Reading

extension JSONPatch {
    public init(_ document: JSONValue) throws(PatchFailure) {
        guard document.kind == .array else {
            throw PatchFailure(.malformed, "a JSON patch is a list of operations, this is \(document.kind)")
        }
        let elements = document.elements
        guard elements.count <= Self.operationLimit else {
            throw PatchFailure(
                .tooLarge,
                "The allowed maximum operations in a JSON patch is \(Self.operationLimit), got \(elements.count)")
        }
        operations = []
        for (position, element) in elements.enumerated() {
            operations.append(try Self.operation(element, at: position))
        }
    }

    private static func operation(_ element: JSONValue, at position: Int) throws(PatchFailure) -> Operation {
        func failure(_ text: String) -> PatchFailure {
            PatchFailure(.malformed, "operation \(position) of the JSON patch: \(text)")
        }
        guard element.kind == .object else { throw failure("an object is expected, this is \(element.kind)") }
        func pointer(_ key: String) throws(PatchFailure) -> JSONPointer {
            guard let text = element.member(key)?.stringValue else {
                throw failure("\"\(key)\" is missing or no string")
            }
            guard let pointer = JSONPointer(text) else {
                throw failure("\"\(key)\" is \"\(text)\", no JSON pointer: it begins with / and ~ is written ~0")
            }
            return pointer
        }
        func value() throws(PatchFailure) -> JSONValue {
            guard let value = element.member("value") else { throw failure("\"value\" is missing") }
            return value
        }
        guard let name = element.member("op")?.stringValue else { throw failure("\"op\" is missing or no string") }
        switch name {
        case "add": return .add(path: try pointer("path"), value: try value())
        case "remove": return .remove(path: try pointer("path"))
        case "replace": return .replace(path: try pointer("path"), value: try value())
        case "move": return .move(from: try pointer("from"), path: try pointer("path"))
        case "copy": return .copy(from: try pointer("from"), path: try pointer("path"))
        case "test": return .test(path: try pointer("path"), value: try value())
        default: throw failure("\"\(name)\" is no operation: add, remove, replace, move, copy or test")
        }
    }

    /// The patch as a document.
    public var value: JSONValue {
        .array(
            operations.map { operation in
                switch operation {
                case .add(let path, let value): ["op": "add", "path": "\(path)", "value": value]
                case .remove(let path): ["op": "remove", "path": "\(path)"]
                case .replace(let path, let value): ["op": "replace", "path": "\(path)", "value": value]
                case .move(let from, let path): ["op": "move", "from": "\(from)", "path": "\(path)"]
                case .copy(let from, let path): ["op": "copy", "from": "\(from)", "path": "\(path)"]
                case .test(let path, let value): ["op": "test", "path": "\(path)", "value": value]
                }
            })
    }
}
