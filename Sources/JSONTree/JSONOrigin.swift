/// Where the values of a document stand in the text they were made from, when that text was not JSON.
///
/// A reader of another notation (YAML) writes JSON and gives each key and value, in the order it writes them, the span
/// of its own text. Messages then show a person the line she wrote, not one that nobody ever saw.
public struct JSONOrigin: Sendable {
    /// The text as it was written.
    public let source: [UInt8]
    /// Bytes of ``source`` for each key and value, in the order of the document: a container before what is in it.
    let spans: [Range<UInt32>]

    public init(source: [UInt8], spans: [Range<UInt32>]) {
        self.source = source
        self.spans = spans
    }
}

extension JSONTree {
    /// A document whose values stand elsewhere. An origin that has not exactly one span for each key and value is not
    /// believed: the tree then shows places in the JSON.
    public init(parsing json: [UInt8], writtenIn origin: JSONOrigin) throws(JSONSyntaxError) {
        var parser = JSONParser(json)
        try parser.parse()
        let isTrue =
            origin.spans.count == parser.tape.count && origin.spans.allSatisfy { $0.upperBound <= origin.source.count }
        document = JSONDocument(source: json, tape: parser.tape, origin: isTrue ? origin : nil)
    }

    /// The text a person wrote: the origin's, or the JSON itself.
    public var writtenSource: [UInt8] { document.origin?.source ?? document.source }
}
