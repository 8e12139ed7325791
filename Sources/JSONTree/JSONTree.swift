/// A JSON document (RFC 8259) as it was written: order, duplicate keys, number texts and positions are all kept.
///
/// A parsed document is a *tape*, one flat array with an entry of sixteen bytes for each key and value in the order
/// of the text, over the bytes it came from. Nothing is decoded until it is asked for, so parsing costs two
/// allocations, and a value that nobody understands can be passed on byte for byte.
///
/// The reader is as strict as the RFC; what Go's `encoding/json` tolerates inside strings (invalid UTF-8, lone
/// surrogates) it tolerates too and reads as U+FFFD, because the runtimes that write our input are Go programs.
public struct JSONTree: Sendable {
    /// A container inside more containers than this is refused.
    public static let depthLimit = 512

    let document: JSONDocument

    public init(parsing source: [UInt8]) throws(JSONSyntaxError) {
        var parser = JSONParser(source)
        try parser.parse()
        document = JSONDocument(source: source, tape: parser.tape)
    }

    public init(parsing source: String) throws(JSONSyntaxError) { try self.init(parsing: Array(source.utf8)) }

    public var root: JSONNode { JSONNode(document: document, index: 0) }

    public var source: [UInt8] { document.source }
}

/// What all nodes of one document share. A class so that a node is one reference and one index.
final class JSONDocument: Sendable {
    let source: [UInt8]
    let tape: [JSONEntry]
    /// Set when the text was made from another notation; only messages ask for it.
    let origin: JSONOrigin?

    init(source: [UInt8], tape: [JSONEntry], origin: JSONOrigin? = nil) {
        self.source = source
        self.tape = tape
        self.origin = origin
    }
}

/// A key or a value on the tape. Offsets have 32 bits: the parser refuses longer documents.
struct JSONEntry: Sendable {
    let kind: JSONNode.Kind
    var traits: Traits
    /// The first byte in the source: the opening quote or bracket.
    let start: UInt32
    /// One past the last byte: after the closing quote or bracket.
    var end: UInt32
    /// The entry after this one and everything inside it.
    var next: UInt32

    struct Traits: OptionSet {
        let rawValue: UInt8
        /// The text between the quotes is not the string itself: it has escapes or invalid UTF-8.
        static let encoded = Traits(rawValue: 1)
        /// The text has invalid UTF-8, so it must not be passed on verbatim.
        static let malformed = Traits(rawValue: 2)
        /// A member's value: the entry before it is its key.
        static let member = Traits(rawValue: 4)
    }
}
