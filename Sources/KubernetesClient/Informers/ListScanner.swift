import JSONTree

/// Reads a list while it arrives: each element of the top-level `items` is handed out as soon as it is complete and
/// then forgotten, so a list of a hundred megabytes takes the memory of its largest object.
///
/// Everything but the items is the envelope, which is parsed at the end as a document of its own (with an empty
/// `items`): its grammar is checked by the parser, not here.
struct ListScanner: Sendable {
    private enum Position: Equatable {
        case beforeDocument
        /// In the envelope, outside strings, at this depth; 1 is the top-level object.
        case envelope(depth: Int)
        case envelopeString(depth: Int, isEscaped: Bool)
        /// After the key `items` and its colon, before its value.
        case beforeItems
        /// Between elements; `needsComma` after one.
        case betweenItems(needsComma: Bool, mayEnd: Bool)
        case insideItem
        case afterDocument
    }

    private var position = Position.beforeDocument
    private var cutter = JSONCutter(limit: ScanLimits.object)
    private var envelope: [UInt8] = []
    /// Where in the envelope the last string began, if it stands directly in the top-level object.
    private var stringStart: Int?
    /// The last top-level string was `"items"`; a colon makes it the key.
    private var sawItemsKey = false
    private var hasItems = false
    private(set) var itemCount = 0

    init() {}

    var isComplete: Bool { position == .afterDocument }

    /// Where in the document a break now would be, for messages.
    var place: String {
        switch position {
        case .beforeDocument: "the beginning of a list"
        case .insideItem: "object \(itemCount + 1) of a list"
        default: "a list, after \(itemCount) objects"
        }
    }

    mutating func feed(_ chunk: [UInt8], each item: ([UInt8]) throws(ScanError) -> Void) throws(ScanError) {
        var failure: ScanError?
        chunk.withUnsafeBufferPointer { bytes in
            do throws(ScanError) { try feed(bytes, each: item) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private mutating func feed(
        _ chunk: UnsafeBufferPointer<UInt8>, each item: ([UInt8]) throws(ScanError) -> Void
    ) throws(ScanError) {
        var index = 0
        while index < chunk.count {
            if position == .insideItem {
                switch cutter.cut(chunk, from: index) {
                case .unfinished: return
                case .tooLong: throw ScanError("an object of the list is longer than \(ScanLimits.object) bytes")
                case .complete(let bytes, let next):
                    itemCount += 1
                    position = .betweenItems(needsComma: true, mayEnd: true)
                    index = next
                    try item(bytes)
                }
                continue
            }
            let byte = chunk[index]
            if try step(byte) { index += 1 }
        }
        if envelope.count > ScanLimits.envelope {
            throw ScanError("a list has more than \(ScanLimits.envelope) bytes beside its items")
        }
    }

    /// Whether the byte was used up; the first byte of an item is not.
    private mutating func step(_ byte: UInt8) throws(ScanError) -> Bool {
        switch position {
        case .beforeDocument:
            if Self.isSpace(byte) { return true }
            guard byte == UInt8(ascii: "{") else {
                throw ScanError("a list begins with { and not with \(Self.show(byte))")
            }
            envelope.append(byte)
            position = .envelope(depth: 1)
        case .envelope(let depth): try stepEnvelope(byte, depth: depth)
        case .envelopeString(let depth, let isEscaped):
            envelope.append(byte)
            if isEscaped || (byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")) {
                position = .envelopeString(depth: depth, isEscaped: false)
            } else if byte == UInt8(ascii: "\\") {
                position = .envelopeString(depth: depth, isEscaped: true)
            } else {
                if depth == 1, let stringStart {
                    sawItemsKey = envelope[stringStart...].elementsEqual("\"items\"".utf8)
                }
                position = .envelope(depth: depth)
            }
        case .beforeItems:
            if Self.isSpace(byte) { return true }
            guard byte == UInt8(ascii: "[") else {
                // Go writes an empty slice that was never made as null.
                position = .envelope(depth: 1)
                return false
            }
            if hasItems { throw ScanError("a list has items twice") }
            hasItems = true
            envelope.append(byte)
            position = .betweenItems(needsComma: false, mayEnd: true)
        case .betweenItems(let needsComma, let mayEnd):
            if Self.isSpace(byte) { return true }
            switch byte {
            case UInt8(ascii: ",") where needsComma: position = .betweenItems(needsComma: false, mayEnd: false)
            case UInt8(ascii: "]") where mayEnd:
                envelope.append(byte)
                position = .envelope(depth: 1)
            case UInt8(ascii: "{") where !needsComma:
                position = .insideItem
                return false
            default: throw ScanError("\(Self.show(byte)) among the items of a list, after \(itemCount) of them")
            }
        case .insideItem: return false
        case .afterDocument:
            guard Self.isSpace(byte) else { throw ScanError("the list has ended, but there is more text") }
        }
        return true
    }

    private mutating func stepEnvelope(_ byte: UInt8, depth: Int) throws(ScanError) {
        envelope.append(byte)
        switch byte {
        case UInt8(ascii: "\""):
            stringStart = envelope.count - 1
            position = .envelopeString(depth: depth, isEscaped: false)
        case UInt8(ascii: ":") where depth == 1 && sawItemsKey:
            sawItemsKey = false
            position = .beforeItems
        case UInt8(ascii: "{"), UInt8(ascii: "["): position = .envelope(depth: depth + 1)
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            position = depth == 1 ? .afterDocument : .envelope(depth: depth - 1)
        default:
            if !Self.isSpace(byte) { sawItemsKey = false }
        }
    }

    /// The list's own metadata, once the answer has ended.
    func finish() throws(ScanError) -> ListMetadata {
        guard isComplete else { throw ScanError("the list is not complete") }
        let tree: JSONTree
        do throws(JSONSyntaxError) { tree = try JSONTree(parsing: envelope) } catch {
            throw ScanError("the list around its items: \(error.description)")
        }
        let metadata = tree.root.member("metadata")
        return ListMetadata(
            kind: tree.root.member("kind")?.string ?? "",
            version: ResourceVersion(metadata?.member("resourceVersion")?.string ?? ""),
            continuation: metadata?.member("continue")?.string ?? "",
            remaining: metadata?.member("remainingItemCount")?.int.map { Int(clamping: $0) })
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    static func show(_ byte: UInt8) -> String {
        byte > 0x20 && byte < 0x7F ? String(UnicodeScalar(byte)) : "byte 0x\(String(byte, radix: 16))"
    }
}

/// `metadata` of a list (metav1.ListMeta).
struct ListMetadata: Equatable, Sendable {
    var kind: String
    var version: ResourceVersion
    /// Empty on the last page.
    var continuation: String
    /// An estimate, where the server gives one.
    var remaining: Int?
}
