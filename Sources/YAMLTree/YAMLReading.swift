import JSONTree

/// What a YAML stream says: every document that can be read, as the JSON that Kubernetes would make of it
/// (sigs.k8s.io/yaml), and every problem. A broken document costs itself and no other.
///
/// The values of a document stand, for messages, where they stand in the YAML.
public struct YAMLReading: Sendable {
    /// In order; documents that are empty are left out.
    public private(set) var documents: [JSONTree] = []
    public private(set) var problems: [YAMLProblem] = []

    public init(_ source: [UInt8]) {
        if source.starts(with: [0xFF, 0xFE]) || source.starts(with: [0xFE, 0xFF]) {
            problems = [YAMLProblem("the document is in UTF-16: save it as UTF-8", at: 0..<1, in: source)]
            return
        }
        if source.count > Int32.max {
            problems = [YAMLProblem("the document is larger than 2 GiB", at: 0..<1, in: source)]
            return
        }
        for part in YAMLParts.split(source) { read(part, of: source) }
    }

    public init(_ text: String) { self.init(Array(text.utf8)) }

    private mutating func read(_ part: Range<Int>, of source: [UInt8]) {
        var composer = YAMLComposer(source, part)
        do {
            while let document = try composer.nextDocument() {
                var writer = YAMLDocumentWriter(document, source)
                if let tree = try writer.tree() { documents.append(tree) }
                problems += writer.problems
            }
        } catch {
            problems.append(error)
        }
    }
}

extension JSONTree {
    /// The one document of a YAML text; of an empty text the tree of `null`.
    public init(yaml source: [UInt8]) throws(YAMLProblem) {
        let reading = YAMLReading(source)
        if let problem = reading.problems.first(where: \.isFatal) { throw problem }
        if reading.documents.count > 1 {
            let start = reading.documents[1].root.position.offset
            throw YAMLProblem("one document is expected, and here begins a second", at: start..<start + 1, in: source)
        }
        if let tree = reading.documents.first {
            self = tree
            return
        }
        do {
            try self.init(parsing: "null")
        } catch {
            throw YAMLProblem(error.reason, at: 0..<1, in: source)
        }
    }

    public init(yaml text: String) throws(YAMLProblem) { try self.init(yaml: Array(text.utf8)) }
}

/// A line that begins with `---` begins a document wherever it stands (YAML 1.1, section 4.3.1), so that a stream can
/// be cut before anything is parsed, and a mistake ends with its document.
enum YAMLParts {
    static func split(_ source: [UInt8]) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line = start
        // Directives belong to the document after them.
        var isPrologue = true
        while line < source.count {
            let end = source[line...].firstIndex(of: newline).map { $0 + 1 } ?? source.count
            if isMarker(source[line..<end]) {
                if !(isPrologue && hasDirective(source[start..<line])) {
                    if line > start { parts.append(start..<line) }
                    start = line
                }
                isPrologue = false
            } else if isPrologue {
                isPrologue = isBlankOrComment(source[line..<end]) || source[line] == percent
            }
            if isEndMarker(source[line..<end]) {
                parts.append(start..<end)
                start = end
                isPrologue = true
            }
            line = end
        }
        if start < source.count { parts.append(start..<source.count) }
        return parts
    }

    private static let newline = UInt8(ascii: "\n")
    private static let percent = UInt8(ascii: "%")

    private static func isMarker(_ line: ArraySlice<UInt8>) -> Bool { begins(line, with: UInt8(ascii: "-")) }

    private static func isEndMarker(_ line: ArraySlice<UInt8>) -> Bool { begins(line, with: UInt8(ascii: ".")) }

    /// Three of `byte`, then a blank or the end of the line.
    private static func begins(_ line: ArraySlice<UInt8>, with byte: UInt8) -> Bool {
        guard line.count >= 3, line.prefix(3).allSatisfy({ $0 == byte }) else { return false }
        guard let next = line.dropFirst(3).first else { return true }
        return next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") || next == newline || next == UInt8(ascii: "\r")
    }

    private static func isBlankOrComment(_ line: ArraySlice<UInt8>) -> Bool {
        let first = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") && $0 != newline }
        return first == nil || first == UInt8(ascii: "#")
    }

    private static func hasDirective(_ text: ArraySlice<UInt8>) -> Bool {
        text.split(separator: newline).contains { $0.first == percent }
    }
}
