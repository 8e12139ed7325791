internal import CYaml
import JSONTree

/// A document as nodes in one array, aliases not followed.
struct YAMLDocument {
    struct Node {
        enum Content {
            case scalar(YAMLScalar)
            case sequence([Int])
            case mapping([(key: Int, value: Int)])
            case alias(Int)
        }

        var content: Content
        /// Bytes of the whole source.
        var span: Range<Int>
    }

    var nodes: [Node] = []
    var root = 0
}

/// libyaml's events to nodes. No recursion: nesting cannot exhaust a stack.
struct YAMLComposer: ~Copyable {
    private let source: [UInt8]
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var offsets: YAMLOffsets
    private let isUsable: Bool
    private var hasEnded = false

    init(_ source: [UInt8], _ part: Range<Int>) {
        self.source = source
        parser = .allocate(capacity: 1)
        input = .allocate(capacity: max(1, part.count))
        _ = input.initialize(from: source[part])
        offsets = YAMLOffsets(source, part)
        isUsable = yaml_parser_initialize(parser) == 1
        if isUsable {
            // Said, so that nothing is taken for UTF-16.
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, input.baseAddress, part.count)
        }
    }

    deinit {
        if isUsable { yaml_parser_delete(parser) }
        parser.deallocate()
        input.deallocate()
    }

    /// nil at the end of the stream.
    mutating func nextDocument() throws(YAMLProblem) -> YAMLDocument? {
        guard isUsable else { throw YAMLProblem("no memory for a YAML parser", at: 0..<1, in: source) }
        var building = YAMLBuilding()
        while !hasEnded {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { yaml_event_delete(&event) }
            let span = offsets.span(of: event)
            switch event.type {
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT: hasEnded = true
            case YAML_DOCUMENT_END_EVENT: return building.document
            case YAML_SCALAR_EVENT:
                let scalar = event.data.scalar
                let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
                building.add(
                    .scalar(
                        YAMLScalar(
                            text: Array(text), tag: Self.text(scalar.tag),
                            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.plain_implicit == 1)),
                    span, anchor: Self.text(scalar.anchor))
            case YAML_ALIAS_EVENT:
                let name = Self.text(event.data.alias.anchor)
                switch building.target(of: name) {
                case .complete(let target): building.add(.alias(target), span, anchor: "")
                case .open:
                    throw YAMLProblem("the alias *\(name) stands inside the value it names", at: span, in: source)
                case .unknown:
                    throw YAMLProblem("no anchor &\(name) stands before this alias", at: span, in: source)
                }
            case YAML_SEQUENCE_START_EVENT:
                try open(.sequence([]), span, Self.text(event.data.sequence_start.anchor), &building)
            case YAML_MAPPING_START_EVENT:
                try open(.mapping([]), span, Self.text(event.data.mapping_start.anchor), &building)
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: building.close(end: span.upperBound)
            default: break
            }
        }
        return nil
    }

    private func open(
        _ content: YAMLDocument.Node.Content, _ span: Range<Int>, _ anchor: String, _ building: inout YAMLBuilding
    ) throws(YAMLProblem) {
        if building.depth == JSONTree.depthLimit {
            throw YAMLProblem(
                "more than \(JSONTree.depthLimit) lists and mappings inside each other", at: span, in: source)
        }
        building.open(content, span, anchor: anchor)
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String {
        guard let pointer else { return "" }
        return String(decodingCString: UnsafePointer(pointer), as: UTF8.self)
    }

    // MARK: Saying what is wrong

    private mutating func failure() -> YAMLProblem {
        let error = parser.pointee
        let problem = error.problem.map { String(cString: $0) } ?? "the text is no YAML"
        if error.error == YAML_READER_ERROR {
            let offset = offsets.part.lowerBound + Int(error.problem_offset)
            return YAMLProblem(Self.clause(problem), at: offset..<offset + 1, in: source)
        }
        let offset = min(offsets.offset(of: error.problem_mark), offsets.part.upperBound)
        var reason = Self.clause(problem)
        if offset < source.count, source[offset] == UInt8(ascii: "\t") {
            reason = "a tab cannot stand here: YAML is indented with blanks"
        } else if let context = error.context.map({ String(cString: $0) }),
            error.context_mark.line != error.problem_mark.line
        {
            reason += " (\(context) of line \(offsets.line(of: error.context_mark)))"
        }
        return YAMLProblem(reason, at: offset..<offset + 1, in: source)
    }

    /// libyaml's messages about what people do most, in words that say what to do.
    private static func clause(_ problem: String) -> String {
        switch problem {
        case "mapping values are not allowed in this context":
            "a colon cannot stand here: check the indentation, or put the text in quotes"
        case "did not find expected key": "a key is expected here: check the indentation"
        case "did not find expected '-' indicator": "an item with - is expected here: check the indentation"
        case "could not find expected ':'": "a colon is missing after this key"
        case "found unexpected end of stream": "the document ends inside a quoted text"
        case "found character that cannot start any token":
            "this character cannot begin a value: put the text in quotes"
        default: problem
        }
    }
}

/// The nodes so far and the containers that are open.
private struct YAMLBuilding {
    enum Target {
        case complete(Int)
        case open
        case unknown
    }

    private(set) var document = YAMLDocument()
    private var containers: [Int] = []
    /// A mapping's key that waits for its value, for each open container.
    private var keys: [Int?] = []
    private var anchors: [String: Int] = [:]

    var depth: Int { containers.count }

    func target(of anchor: String) -> Target {
        guard let index = anchors[anchor] else { return .unknown }
        return containers.contains(index) ? .open : .complete(index)
    }

    mutating func add(_ content: YAMLDocument.Node.Content, _ span: Range<Int>, anchor: String) {
        let index = document.nodes.count
        document.nodes.append(.init(content: content, span: span))
        if !anchor.isEmpty { anchors[anchor] = index }
        attach(index)
    }

    mutating func open(_ content: YAMLDocument.Node.Content, _ span: Range<Int>, anchor: String) {
        let index = document.nodes.count
        add(content, span, anchor: anchor)
        containers.append(index)
        keys.append(nil)
    }

    mutating func close(end: Int) {
        guard let index = containers.popLast() else { return }
        keys.removeLast()
        // The end of a block is where the next thing begins; what a person means ends with its last child.
        let last: Int? =
            switch document.nodes[index].content {
            case .sequence(let items): items.last
            case .mapping(let pairs): pairs.last?.value
            case .scalar, .alias: nil
            }
        let upper = last.map { document.nodes[$0].span.upperBound } ?? end
        let lower = document.nodes[index].span.lowerBound
        document.nodes[index].span = lower..<max(lower, upper)
    }

    private mutating func attach(_ index: Int) {
        guard let container = containers.last, let level = keys.indices.last else { return }
        switch document.nodes[container].content {
        case .sequence(var items):
            // Taken out first, so that the list is not copied for each item.
            document.nodes[container].content = .sequence([])
            items.append(index)
            document.nodes[container].content = .sequence(items)
        case .mapping(var pairs):
            if let key = keys[level] {
                document.nodes[container].content = .mapping([])
                pairs.append((key, index))
                document.nodes[container].content = .mapping(pairs)
                keys[level] = nil
            } else {
                keys[level] = index
            }
        case .scalar, .alias: break
        }
    }
}

/// libyaml counts characters; we point at bytes. Places are asked for almost in order, so one finger walks along.
private struct YAMLOffsets {
    let part: Range<Int>
    private let source: [UInt8]
    private let isASCII: Bool
    private var finger: (index: Int, offset: Int)

    init(_ source: [UInt8], _ part: Range<Int>) {
        self.source = source
        self.part = part
        isASCII = source[part].allSatisfy { $0 < 0x80 }
        finger = (0, part.lowerBound)
    }

    mutating func span(of event: yaml_event_t) -> Range<Int> {
        let start = offset(of: event.start_mark)
        return start..<max(start, offset(of: event.end_mark))
    }

    mutating func offset(of mark: yaml_mark_t) -> Int {
        let wanted = Int(mark.index)
        if isASCII { return min(part.lowerBound + wanted, part.upperBound) }
        while finger.index < wanted, finger.offset < part.upperBound {
            finger.offset += 1
            while finger.offset < part.upperBound, source[finger.offset] & 0xC0 == 0x80 { finger.offset += 1 }
            finger.index += 1
        }
        while finger.index > wanted, finger.offset > part.lowerBound {
            finger.offset -= 1
            while finger.offset > part.lowerBound, source[finger.offset] & 0xC0 == 0x80 { finger.offset -= 1 }
            finger.index -= 1
        }
        return finger.offset
    }

    mutating func line(of mark: yaml_mark_t) -> Int {
        source[..<offset(of: mark)].count { $0 == UInt8(ascii: "\n") } + 1
    }
}
