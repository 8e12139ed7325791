import JSONTree

/// Nodes to JSON with the span of each key and value. Follows aliases and merges, up to a bound: a few hundred bytes of
/// YAML can mean gigabytes.
struct YAMLDocumentWriter {
    private let document: YAMLDocument
    private let source: [UInt8]
    private var json: [UInt8] = []
    private var spans: [Range<UInt32>] = []
    private(set) var problems: [YAMLProblem] = []
    private var depth = 0
    private var aliasDepth = 0
    private var aliasedValues = 0
    private var aliasedBytes = 0
    /// Mappings whose duplicates were reported; an alias shows them again.
    private var reported: Set<Int> = []

    /// Keys and values that aliases may add to a document.
    static let aliasLimit = 100_000
    /// Bytes that aliases may add.
    static let aliasByteLimit = 8 << 20

    init(_ document: YAMLDocument, _ source: [UInt8]) {
        self.document = document
        self.source = source
    }

    /// nil for a document in which nothing stands.
    mutating func tree() throws(YAMLProblem) -> JSONTree? {
        guard document.root < document.nodes.count else { return nil }
        if case .scalar(let scalar) = document.nodes[document.root].content, scalar.isEmpty { return nil }
        try write(document.root)
        do {
            return try JSONTree(parsing: json, writtenIn: JSONOrigin(source: source, spans: spans))
        } catch {
            throw problem(error.reason, document.root)
        }
    }

    private func problem(_ reason: String, _ node: Int, isFatal: Bool = true) -> YAMLProblem {
        YAMLProblem(reason, at: document.nodes[node].span, in: source, isFatal: isFatal)
    }

    private mutating func mark(_ node: Int) throws(YAMLProblem) {
        let span = document.nodes[node].span
        spans.append(UInt32(truncatingIfNeeded: span.lowerBound)..<UInt32(truncatingIfNeeded: span.upperBound))
        guard aliasDepth > 0 else { return }
        aliasedValues += 1
        if aliasedValues > Self.aliasLimit || aliasedBytes > Self.aliasByteLimit {
            throw problem("the aliases of this document expand to more than is reasonable", document.root)
        }
    }

    private mutating func write(_ node: Int) throws(YAMLProblem) {
        switch document.nodes[node].content {
        case .alias(let target):
            let first = spans.count
            let start = json.count
            aliasDepth += 1
            try write(target)
            aliasDepth -= 1
            // The value itself is where the alias stands; what is inside it, where it was written.
            let span = document.nodes[node].span
            spans[first] = UInt32(truncatingIfNeeded: span.lowerBound)..<UInt32(truncatingIfNeeded: span.upperBound)
            if aliasDepth == 0 { aliasedBytes += json.count - start }
        case .scalar(let scalar):
            try mark(node)
            try write(scalar, node)
            if aliasDepth > 0 { aliasedBytes += scalar.text.count }
        case .sequence(let items):
            try mark(node)
            try enter(node)
            json.append(UInt8(ascii: "["))
            for (position, item) in items.enumerated() {
                if position > 0 { json.append(UInt8(ascii: ",")) }
                try write(item)
            }
            json.append(UInt8(ascii: "]"))
            depth -= 1
        case .mapping(let pairs):
            try mark(node)
            try enter(node)
            json.append(UInt8(ascii: "{"))
            for (position, member) in try members(of: node, pairs).enumerated() {
                if position > 0 { json.append(UInt8(ascii: ",")) }
                try mark(member.key)
                YAMLText.append(member.name, to: &json)
                json.append(UInt8(ascii: ":"))
                try write(member.value)
            }
            json.append(UInt8(ascii: "}"))
            depth -= 1
        }
    }

    private mutating func enter(_ node: Int) throws(YAMLProblem) {
        depth += 1
        if depth > JSONTree.depthLimit {
            throw problem("more than \(JSONTree.depthLimit) lists and mappings inside each other", node)
        }
    }

    private mutating func write(_ scalar: YAMLScalar, _ node: Int) throws(YAMLProblem) {
        switch try meaning(of: scalar, node) {
        case .null: json += "null".utf8
        case .bool(let value): json += (value ? "true" : "false").utf8
        case .integer(let digits): json += digits.utf8
        case .float(let value):
            guard value.isFinite else { throw problem("this number cannot be written in JSON", node) }
            json += YAMLScalar.json(value).utf8
        case .string:
            guard let text = scalar.binary() else { throw problem("!!binary is followed by base64", node) }
            // What is no UTF-8 becomes U+FFFD, as Go's encoder has it.
            YAMLText.append(scalar.isBinary ? Array(String(decoding: text, as: UTF8.self).utf8) : text, to: &json)
        }
    }

    private func meaning(of scalar: YAMLScalar, _ node: Int) throws(YAMLProblem) -> YAMLScalar.Meaning {
        do {
            return try scalar.meaning()
        } catch {
            throw problem(error.reason, node)
        }
    }
}

// MARK: - Mappings

extension YAMLDocumentWriter {
    private struct Member {
        var name: [UInt8]
        var key: Int
        var value: Int
    }

    /// The members with merged ones after their own. A key that stands twice counts where it stands last.
    private mutating func members(
        of node: Int, _ pairs: [(key: Int, value: Int)]
    ) throws(YAMLProblem) -> [Member] {
        var members: [Member] = []
        var places: [[UInt8]: Int] = [:]
        var merges: [Int] = []
        for pair in pairs {
            if case .scalar(let scalar) = document.nodes[pair.key].content, scalar.isMerge {
                merges.append(pair.value)
                continue
            }
            let name = try name(of: pair.key)
            if let place = places[name] {
                if !reported.contains(node) {
                    let first = JSONPlace(document.nodes[members[place].key].span, in: source).position
                    problems.append(
                        problem(
                            "the key \(String(decoding: name, as: UTF8.self)) stands here a second time: what stands at \(first) does not count",
                            pair.key, isFatal: false))
                }
                members[place] = Member(name: name, key: pair.key, value: pair.value)
            } else {
                places[name] = members.count
                members.append(Member(name: name, key: pair.key, value: pair.value))
            }
        }
        reported.insert(node)
        for merge in merges { try add(merge, to: &members, &places, depth: 0) }
        return members
    }

    /// A key as text, as it would be found in the JSON of Kubernetes.
    private func name(of key: Int) throws(YAMLProblem) -> [UInt8] {
        switch document.nodes[resolved(key)].content {
        case .scalar(let scalar):
            switch try meaning(of: scalar, key) {
            case .null: throw problem("null cannot be a key", key)
            case .bool(let value): return Array((value ? "true" : "false").utf8)
            case .integer(let digits): return Array(digits.utf8)
            case .float(let value):
                guard value.isFinite else { throw problem("this number cannot be a key", key) }
                return Array(YAMLScalar.json(value).utf8)
            case .string: return scalar.binary() ?? scalar.text
            }
        case .sequence: throw problem("a list cannot be a key", key)
        case .mapping: throw problem("a mapping cannot be a key", key)
        case .alias: throw problem("this alias cannot be a key", key)
        }
    }

    private func resolved(_ node: Int) -> Int {
        var node = node
        // Anchors name what stands before them, so this ends.
        while case .alias(let target) = document.nodes[node].content { node = target }
        return node
    }

    /// The members of a merged mapping, or of a list of them, that the mapping has not.
    private mutating func add(
        _ merge: Int, to members: inout [Member], _ places: inout [[UInt8]: Int], depth: Int
    ) throws(YAMLProblem) {
        let target = resolved(merge)
        switch document.nodes[target].content {
        case .mapping(let pairs):
            if depth > JSONTree.depthLimit { throw problem("merged mappings are too deep", merge) }
            aliasDepth += 1
            defer { aliasDepth -= 1 }
            // A merged mapping may itself merge; its own keys come first.
            var inner: [Int] = []
            for pair in pairs {
                aliasedValues += 1
                if aliasedValues > Self.aliasLimit {
                    throw problem("the aliases of this document expand to more than is reasonable", document.root)
                }
                if case .scalar(let scalar) = document.nodes[pair.key].content, scalar.isMerge {
                    inner.append(pair.value)
                    continue
                }
                let name = try name(of: pair.key)
                if places[name] == nil {
                    places[name] = members.count
                    members.append(Member(name: name, key: pair.key, value: pair.value))
                }
            }
            for merge in inner { try add(merge, to: &members, &places, depth: depth + 1) }
        case .sequence(let items):
            for item in items {
                guard case .mapping = document.nodes[resolved(item)].content else {
                    throw problem("<< merges mappings; this is none", item)
                }
                try add(item, to: &members, &places, depth: depth + 1)
            }
        case .scalar, .alias: throw problem("<< merges a mapping or a list of mappings; this is neither", merge)
        }
    }
}

enum YAMLText {
    /// Appends the text as a JSON string. libyaml passes only UTF-8 on.
    static func append(_ text: [UInt8], to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): json += "\\n".utf8
            case UInt8(ascii: "\r"): json += "\\r".utf8
            case UInt8(ascii: "\t"): json += "\\t".utf8
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                json += "\\u00".utf8
                json += [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            default: json.append(byte)
            }
        }
        json.append(UInt8(ascii: "\""))
    }
}
