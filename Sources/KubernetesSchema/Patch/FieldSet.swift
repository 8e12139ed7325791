import JSONTree

/// A set of field paths as a trie: what a manager owns, in the form of `fieldsV1`.
///
/// A path is in the set by itself, not because something below it is: owning `.data.k` is not owning `.data`. In the
/// text a path that is in the set and has others below it shows as the member `"."`.
public struct FieldSet: Hashable, Sendable {
    public struct Branch: Hashable, Sendable {
        /// Whether the path that ends here is in the set.
        public var isMember: Bool
        public var below: FieldSet

        var isEmpty: Bool { !isMember && below.isEmpty }
    }

    /// Never holds an empty branch, so that equal sets are equal values.
    public private(set) var branches: [PathElement: Branch] = [:]

    public init() {}

    public init(_ paths: some Sequence<[PathElement]>) {
        for path in paths { insert(path) }
    }

    public var isEmpty: Bool { branches.isEmpty }

    public subscript(_ element: PathElement) -> Branch? { branches[element] }

    public func contains(_ path: some Collection<PathElement>) -> Bool {
        guard let first = path.first, let branch = branches[first] else { return false }
        return path.count == 1 ? branch.isMember : branch.below.contains(path.dropFirst())
    }

    /// The paths in the set, in canonical order: a path before what is below it.
    public var paths: [[PathElement]] {
        branches.sorted { $0.key < $1.key }.flatMap { element, branch in
            (branch.isMember ? [[element]] : []) + branch.below.paths.map { [element] + $0 }
        }
    }

    public var count: Int { branches.values.reduce(0) { $0 + ($1.isMember ? 1 : 0) + $1.below.count } }
}

// MARK: - Editing

extension FieldSet {
    public mutating func insert(_ path: some Collection<PathElement>) {
        guard let first = path.first else { return }
        var branch = branches[first] ?? Branch(isMember: false, below: FieldSet())
        branches[first] = nil
        if path.count == 1 { branch.isMember = true } else { branch.below.insert(path.dropFirst()) }
        branches[first] = branch
    }

    /// Puts `branch` under `element`, adding to what is there.
    mutating func merge(_ branch: Branch, at element: PathElement) {
        guard !branch.isEmpty else { return }
        guard let present = branches[element] else {
            branches[element] = branch
            return
        }
        branches[element] = Branch(
            isMember: present.isMember || branch.isMember, below: present.below.union(branch.below))
    }

    mutating func set(_ element: PathElement, isMember: Bool, below: FieldSet) {
        let branch = Branch(isMember: isMember, below: below)
        branches[element] = branch.isEmpty ? nil : branch
    }
}

// MARK: - Algebra

extension FieldSet {
    public func union(_ other: FieldSet) -> FieldSet {
        if isEmpty { return other }
        var result = self
        for (element, branch) in other.branches { result.merge(branch, at: element) }
        return result
    }

    public func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet()
        for (element, branch) in branches {
            guard let facing = other.branches[element] else { continue }
            result.set(
                element, isMember: branch.isMember && facing.isMember,
                below: branch.below.intersection(facing.below))
        }
        return result
    }

    /// The paths of this set that are not in the other.
    public func subtracting(_ other: FieldSet) -> FieldSet {
        if other.isEmpty { return self }
        var result = FieldSet()
        for (element, branch) in branches {
            guard let facing = other.branches[element] else {
                result.branches[element] = branch
                continue
            }
            result.set(
                element, isMember: branch.isMember && !facing.isMember,
                below: branch.below.subtracting(facing.below))
        }
        return result
    }

    /// The paths of this set that are not in the other and not below one of the other.
    public func subtractingTrees(_ other: FieldSet) -> FieldSet {
        if other.isEmpty { return self }
        var result = FieldSet()
        for (element, branch) in branches {
            guard let facing = other.branches[element] else {
                result.branches[element] = branch
                continue
            }
            if facing.isMember { continue }
            result.set(element, isMember: branch.isMember, below: branch.below.subtractingTrees(facing.below))
        }
        return result
    }

    public func isSubset(of other: FieldSet) -> Bool { subtracting(other).isEmpty }
}

// MARK: - fieldsV1

extension FieldSet {
    /// The `fieldsV1` document, in the canonical order of a kube-apiserver.
    public var value: JSONValue {
        .object(
            branches.sorted { $0.key < $1.key }.map { element, branch in
                guard branch.isMember, !branch.below.isEmpty else {
                    return JSONMember(element.fieldsKey, branch.below.value)
                }
                return JSONMember(
                    element.fieldsKey, .object([JSONMember(".", .object([]))] + branch.below.value.members))
            })
    }

    /// Deeper than any object is allowed to be; a document that goes on is refused and not walked.
    private static let depthLimit = 512

    /// Reads `fieldsV1`; the failure says which key is none.
    public init(fieldsV1 document: JSONValue) throws(PatchFailure) { try self.init(document, depth: 0) }

    private init(_ document: JSONValue, depth: Int) throws(PatchFailure) {
        guard document.kind == .object, depth < Self.depthLimit else {
            throw PatchFailure(.malformed, "fieldsV1: an object of fields is expected, this is \(document.kind)")
        }
        for member in document.members where member.key != "." {
            guard let element = PathElement(fieldsKey: member.key) else {
                throw PatchFailure(
                    .malformed, "fieldsV1: \"\(member.key)\" is no field: it begins with f:, k:, v: or i:")
            }
            let below = try FieldSet(member.value, depth: depth + 1)
            let isMember = below.isEmpty || member.value.member(".") != nil
            merge(Branch(isMember: isMember, below: below), at: element)
        }
    }
}

extension FieldSet: CustomStringConvertible {
    public var description: String {
        paths.map { $0.map(\.description).joined() }.joined(separator: "\n")
    }
}
