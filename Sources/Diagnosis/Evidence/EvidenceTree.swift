import JSONTree

/// What was collected, as documents under paths: the one form that every collector fills, that a bundle stores, and
/// that facts are read from. A bundle therefore gives the identical screen later, on another machine.
///
/// Paths are those of ``EvidencePath``. A document that could not be had is kept with the reason, so that checks say
/// "not checked, because ..." instead of guessing.
public struct EvidenceTree: Sendable {
    public struct Document: Sendable {
        public var bytes: [UInt8] {
            didSet { reading = JSONReading() }
        }
        public var source: FactSource
        /// The end was cut off: a limit of the collector, or a truncated bundle.
        public var isTruncated: Bool
        /// Shared by all copies.
        private var reading: JSONReading

        /// - Parameter reading: of the same bytes, where it has begun already.
        public init(
            _ bytes: [UInt8], from source: FactSource, isTruncated: Bool = false, reading: JSONReading = JSONReading()
        ) {
            self.bytes = bytes
            self.source = source
            self.isTruncated = isTruncated
            self.reading = reading
        }

        /// As JSON, kept as long as the document: for what is asked for until the end, as objects of the API are.
        public func keptJSON() throws(JSONSyntaxError) -> JSONNode { try reading.tree(of: bytes).root }

        /// Bytes that are no UTF-8 are replaced, so that any log can be read.
        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    public private(set) var documents: [String: Document] {
        didSet { order = EvidenceOrder() }
    }
    /// Of the paths of these documents.
    private var order = EvidenceOrder()
    /// By path, or by the path of a folder for everything under it: why it is not there.
    public private(set) var missing: [String: String]
    /// When it was collected, in seconds since 1970; nil for evidence that does not say. "Now" of every check.
    public var collectedAt: Int64?

    public init(collectedAt: Int64? = nil) {
        documents = [:]
        missing = [:]
        self.collectedAt = collectedAt
    }

    public mutating func add(_ document: Document, at path: String) {
        documents[path] = document
        missing[path] = nil
    }

    public mutating func add(_ text: String, at path: String, from source: FactSource) {
        add(Document(Array(text.utf8), from: source), at: path)
    }

    public mutating func addMissing(_ path: String, because reason: String) {
        if documents[path] == nil { missing[path] = reason }
    }

    /// What `other` has is added; where both have a document, the other's is the newer one.
    public mutating func merge(_ other: EvidenceTree) {
        for (path, reason) in other.missing { addMissing(path, because: reason) }
        for (path, document) in other.documents { add(document, at: path) }
        collectedAt = [collectedAt, other.collectedAt].compactMap { $0 }.max()
    }

    public subscript(path: String) -> Document? { documents[path] }

    /// Documents under a folder, by the rest of their path, in the order of their names.
    ///
    /// - Parameter folder: ends with a slash.
    public func documents(under folder: String) -> [(path: String, document: Document)] {
        let paths = order.paths(of: documents)
        let start = EvidenceOrder.first(in: paths, notBefore: folder)
        return paths[start...].prefix { $0.utf8.starts(with: folder.utf8) }.compactMap { path in
            documents[path].map { (String(path.utf8.dropFirst(folder.utf8.count)) ?? path, $0) }
        }
    }

    /// Why a path is not there: its own reason, or that of a folder it lies in; nil when nobody said.
    public func reasonMissing(_ path: String) -> String? {
        if documents[path] != nil { return nil }
        if let reason = missing[path] { return reason }
        return missing.filter { $0.key.hasSuffix("/") && path.hasPrefix($0.key) }.max { $0.key < $1.key }?.value
    }
}
