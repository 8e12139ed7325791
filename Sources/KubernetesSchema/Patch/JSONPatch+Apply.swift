import JSONTree

extension JSONPatch {
    /// The document after every operation, in order. One that fails fails the whole patch (RFC 6902 section 5).
    public func applied(to document: JSONValue) throws(PatchFailure) -> JSONValue {
        var document = document
        var copied = 0
        for (position, operation) in operations.enumerated() {
            do throws(Refusal) {
                try Self.apply(operation, to: &document, copied: &copied)
            } catch {
                let kind: PatchFailure.Kind = error.isTooLarge ? .tooLarge : .unprocessable
                throw PatchFailure(kind, "operation \(position) of the JSON patch: \(error.message)")
            }
        }
        return document
    }

    private struct Refusal: Error {
        var message: String
        var isTooLarge = false

        init(_ message: String, isTooLarge: Bool = false) {
            self.message = message
            self.isTooLarge = isTooLarge
        }
    }

    private static func apply(
        _ operation: Operation, to document: inout JSONValue, copied: inout Int
    ) throws(Refusal) {
        switch operation {
        case .add(let path, let value): try add(value, at: path, of: &document)
        case .remove(let path): _ = try remove(at: path, of: &document)
        case .replace(let path, let value): try replace(at: path, of: &document, with: value)
        case .move(let from, let path):
            if from == path {
                _ = try value(at: from, of: document)
                return
            }
            guard !from.holds(path) else { throw Refusal("move of \(from) into itself, \(path)") }
            let value = try remove(at: from, of: &document)
            try add(value, at: path, of: &document)
        case .copy(let from, let path):
            let value = try value(at: from, of: document)
            copied += value.serialized().count
            guard copied <= copyLimit else {
                throw Refusal("copies add up to more than \(copyLimit) bytes", isTooLarge: true)
            }
            try add(value, at: path, of: &document)
        case .test(let path, let expected):
            // A test for null also holds where nothing is, as in the library that kube-apiserver uses.
            guard let found = try? value(at: path, of: document) else {
                if expected.isNull { return }
                throw Refusal("testing value \(path) failed: nothing is there")
            }
            guard found.isEquivalent(to: expected) else { throw Refusal("testing value \(path) failed") }
        }
    }

    // MARK: - Places

    private static func value(at path: JSONPointer, of document: JSONValue) throws(Refusal) -> JSONValue {
        var here = document
        for (depth, token) in path.tokens.enumerated() {
            switch here.kind {
            case .object:
                guard let next = here.member(token) else { throw missing(path, depth) }
                here = next
            case .array:
                let elements = here.elements
                here = elements[try index(token, count: elements.count, path, depth)]
            default: throw missing(path, depth)
            }
        }
        return here
    }

    private static func add(
        _ value: JSONValue, at path: JSONPointer, of document: inout JSONValue
    ) throws(Refusal) {
        try edit(&document, path, 0) { (container: inout JSONValue, token: String) throws(Refusal) in
            if container.kind == .object {
                container = container.settingMember(token, to: value)
                return
            }
            var elements = takeElements(of: &container)
            let place =
                token == "-"
                ? elements.count
                : try index(token, count: elements.count + 1, path, path.tokens.count - 1)
            elements.insert(value, at: place)
            container = .array(elements)
        } whole: { document in
            document = value
        }
    }

    private static func remove(at path: JSONPointer, of document: inout JSONValue) throws(Refusal) -> JSONValue {
        var removed = JSONValue.null
        try edit(&document, path, 0) { (container: inout JSONValue, token: String) throws(Refusal) in
            if container.kind == .object {
                guard let value = container.member(token) else { throw missing(path, path.tokens.count - 1) }
                removed = value
                container = container.removingMember(token)
                return
            }
            var elements = takeElements(of: &container)
            removed = elements.remove(at: try index(token, count: elements.count, path, path.tokens.count - 1))
            container = .array(elements)
        } whole: { document in
            removed = document
            document = .null
        }
        return removed
    }

    private static func replace(
        at path: JSONPointer, of document: inout JSONValue, with value: JSONValue
    ) throws(Refusal) {
        try edit(&document, path, 0) { (container: inout JSONValue, token: String) throws(Refusal) in
            if container.kind == .object {
                guard container.member(token) != nil else { throw missing(path, path.tokens.count - 1) }
                container = container.settingMember(token, to: value)
                return
            }
            var elements = takeElements(of: &container)
            elements[try index(token, count: elements.count, path, path.tokens.count - 1)] = value
            container = .array(elements)
        } whole: { document in
            document = value
        }
    }

    /// Walks to the container of the last token and lets `change` edit it; `whole` edits the document itself.
    private static func edit(
        _ here: inout JSONValue, _ path: JSONPointer, _ depth: Int,
        _ change: (inout JSONValue, String) throws(Refusal) -> Void,
        whole: (inout JSONValue) -> Void
    ) throws(Refusal) {
        guard depth < path.tokens.count else {
            whole(&here)
            return
        }
        let token = path.tokens[depth]
        guard here.kind == .object || here.kind == .array else { throw missing(path, depth) }
        guard depth + 1 < path.tokens.count else {
            try change(&here, token)
            return
        }
        if here.kind == .object {
            var members = here.members
            here = .null
            guard let place = members.lastIndex(where: { $0.key == token }) else { throw missing(path, depth) }
            try edit(&members[place].value, path, depth + 1, change, whole: whole)
            here = .object(members)
        } else {
            var elements = takeElements(of: &here)
            let place = try index(token, count: elements.count, path, depth)
            try edit(&elements[place], path, depth + 1, change, whole: whole)
            here = .array(elements)
        }
    }

    /// The elements, taken out so that changing them does not copy them.
    private static func takeElements(of value: inout JSONValue) -> [JSONValue] {
        let elements = value.elements
        value = .null
        return elements
    }

    /// An index below `count`: no sign but the minus that counts from the end, no leading zero (RFC 6901 section 4).
    private static func index(
        _ token: String, count: Int, _ path: JSONPointer, _ depth: Int
    ) throws(Refusal) -> Int {
        let isNegative = token.utf8.first == UInt8(ascii: "-")
        let digits = token.utf8.dropFirst(isNegative ? 1 : 0)
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits.count == 1 || digits.first != UInt8(ascii: "0"), let number = Int(token)
        else { throw Refusal("\"\(token)\" in \(path) is no index of a list") }
        let index = isNegative ? count + number : number
        guard index >= 0, index < count else {
            let place = JSONPointer(tokens: Array(path.tokens.prefix(depth)))
            throw Refusal("index \(token) is outside the list at \"\(place)\"")
        }
        return index
    }

    private static func missing(_ path: JSONPointer, _ depth: Int) -> Refusal {
        let place = JSONPointer(tokens: Array(path.tokens.prefix(depth + 1)))
        return Refusal("\(path): nothing is at \"\(place)\"")
    }
}

// MARK: - Difference

extension JSONPatch {
    /// A patch that makes `after` of `before`: members are compared one by one, lists from both ends.
    public init(from before: JSONValue, to after: JSONValue) {
        operations = []
        Self.difference(before, after, [], &operations)
    }

    private static func difference(
        _ before: JSONValue, _ after: JSONValue, _ path: [String], _ operations: inout [Operation]
    ) {
        switch (before.kind, after.kind) {
        case (.object, .object):
            let (old, new) = (MemberTable(before), MemberTable(after))
            for key in old.keys where new[key] == nil {
                operations.append(.remove(path: JSONPointer(tokens: path + [key])))
            }
            for member in new.members {
                if let value = old[member.key] {
                    difference(value, member.value, path + [member.key], &operations)
                } else {
                    operations.append(.add(path: JSONPointer(tokens: path + [member.key]), value: member.value))
                }
            }
        case (.array, .array):
            let (old, new) = (before.elements, after.elements)
            let shared = zip(old, new).prefix { $0.isEquivalent(to: $1) }.count
            let room = min(old.count, new.count) - shared
            let tail = zip(old.reversed(), new.reversed()).prefix(room).prefix { $0.isEquivalent(to: $1) }.count
            let (oldEnd, newEnd) = (old.count - tail, new.count - tail)
            for index in shared..<min(oldEnd, newEnd) {
                difference(old[index], new[index], path + [String(index)], &operations)
            }
            for index in stride(from: oldEnd - 1, through: newEnd, by: -1) where index >= newEnd {
                operations.append(.remove(path: JSONPointer(tokens: path + [String(index)])))
            }
            for index in min(oldEnd, newEnd)..<newEnd {
                operations.append(.add(path: JSONPointer(tokens: path + [String(index)]), value: new[index]))
            }
        default:
            if !before.isEquivalent(to: after) {
                operations.append(.replace(path: JSONPointer(tokens: path), value: after))
            }
        }
    }
}
