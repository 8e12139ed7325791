import CNI
import JSONTree
import LinuxHost

/// What a plugin printed on standard output, and what it means when it is not what it should be.
struct PluginAnswer {
    let bytes: [UInt8]
    private let documents: [JSONTree]
    /// Set when the bytes are not a sequence of JSON documents.
    private let problem: JSONSyntaxError?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var documents: [JSONTree] = []
        var rest = bytes[...]
        var problem: JSONSyntaxError?
        // A plugin that fails after it has printed its result prints a second document behind it. So what follows the
        // end of the first one is tried as another, a few times.
        while !Self.isBlank(rest) && documents.count < 4 {
            do throws(JSONSyntaxError) {
                documents.append(try JSONTree(parsing: Array(rest)))
                rest = []
            } catch {
                let end = rest.startIndex + error.position.offset
                guard end > rest.startIndex, end < rest.endIndex, let head = Self.parse(rest[..<end]) else {
                    problem = error
                    break
                }
                documents.append(head)
                rest = rest[end...]
            }
        }
        self.documents = documents
        self.problem = problem
    }

    /// The one document of a successful answer; nil when nothing was printed.
    func document(from type: String, _ command: CNIRequest.Command) throws(CNIError) -> JSONNode? {
        if let problem {
            throw CNIError(
                .pluginFailed, "plugin \(type) answered \(command) with something that is not JSON: \(problem.reason)",
                details: quotation)
        }
        if documents.count > 1 {
            throw CNIError(
                .pluginFailed, "plugin \(type) answered \(command) with \(documents.count) JSON documents",
                details: quotation)
        }
        return documents.first?.root
    }

    /// The error of an execution that did not end with 0.
    func failure(
        of type: String, _ command: CNIRequest.Command, termination: ChildProcess.Termination, errors: String
    ) -> CNIError {
        // The last document is the error when a result came before it.
        if let last = documents.last, problem == nil, let error = CNIError(decoding: last.root) {
            if documents.count == 1 { return error }
            return error.adding(
                "plugin \(type) printed \(documents.count) JSON documents, a result first: it failed after its work was"
                    + " done and left it there")
        }
        var details = errors
        let message: String
        if Self.isBlank(bytes[...]) {
            message = "netplugin failed with no error message: plugin \(type) ended \(command) with \(termination)"
        } else {
            message = "plugin \(type) failed \(command) with \(termination) and printed no error object"
            details = details.isEmpty ? quotation : quotation + "\n" + details
        }
        return CNIError(.pluginFailed, message, details: details)
    }

    private var quotation: String {
        let text = String(decoding: bytes.prefix(512), as: UTF8.self)
        return "it printed: \(text)\(bytes.count > 512 ? "..." : "")"
    }

    private static func parse(_ bytes: ArraySlice<UInt8>) -> JSONTree? { try? JSONTree(parsing: Array(bytes)) }

    private static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    }
}
