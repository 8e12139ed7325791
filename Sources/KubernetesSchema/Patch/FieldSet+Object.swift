import JSONTree

/// How server-side apply sees one place of an object: what the schema says, or, where no schema speaks, what the value
/// itself suggests (maps are granular, lists are one whole).
enum FieldShape {
    case leaf
    case map(Schema?)
    case set(Schema?)
    case keyedList(keys: [String], Schema?)

    init(_ schema: Schema?, _ value: JSONValue) {
        switch value.kind {
        case .object:
            self = schema?.mapType == .atomic ? .leaf : .map(schema)
        case .array:
            switch schema?.kind == .array ? schema?.listType ?? .atomic : .atomic {
            case .atomic: self = .leaf
            case .set: self = .set(schema?.items)
            case .map(let keys): self = .keyedList(keys: keys, schema?.items)
            }
        default: self = .leaf
        }
    }
}

/// One element of a list whose elements have owners of their own.
struct ListItem {
    var element: PathElement
    var value: JSONValue
}

extension FieldShape {
    /// The elements of a list with the steps that name them. An element without a key gets the default of the schema;
    /// without a default the key is null, and elements that are no objects are named by their index.
    static func items(of list: JSONValue, keys: [String], schema: Schema?) -> [ListItem] {
        list.elements.enumerated().map { position, item in
            guard item.kind == .object else { return ListItem(element: .index(position), value: item) }
            let parts = keys.compactMap { key -> PathElement.KeyPart? in
                let value = item.member(key) ?? schema?.property(key)?.schema.defaultValue
                return value.map { PathElement.KeyPart(key, Scalar($0)) }
            }
            return ListItem(element: parts.isEmpty ? .index(position) : .keyed(parts), value: item)
        }
    }

    static func items(ofSet list: JSONValue) -> [ListItem] {
        list.elements.map { ListItem(element: .value(Scalar($0)), value: $0) }
    }

    func items(of list: JSONValue) -> [ListItem] {
        switch self {
        case .set: Self.items(ofSet: list)
        case .keyedList(let keys, let schema): Self.items(of: list, keys: keys, schema: schema)
        case .leaf, .map: []
        }
    }

    var itemSchema: Schema? {
        switch self {
        case .set(let schema), .keyedList(_, let schema): schema
        case .leaf, .map: nil
        }
    }
}

extension FieldSet {
    /// Every field an applied configuration states. Members of structs are in the set when they are leaves, keys of
    /// maps always, elements of lists always; what is atomic is one leaf (structured-merge-diff, typed/tofieldset.go).
    public init(of object: JSONValue, schema: Schema?) {
        self = Self.fields(of: object, schema)
    }

    private static func fields(of value: JSONValue, _ schema: Schema?) -> FieldSet {
        let shape = FieldShape(schema, value)
        var result = FieldSet()
        switch shape {
        case .leaf: break
        case .map(let schema):
            for member in MemberTable(value).members {
                let property = schema?.property(member.key)
                let child = schema?.child(member.key)
                let below = fields(of: member.value, child)
                let isLeaf: Bool =
                    switch FieldShape(child, member.value) {
                    case .leaf: true
                    case .map: member.value.members.isEmpty
                    case .set, .keyedList: false
                    }
                result.set(.field(member.key), isMember: isLeaf || property == nil, below: below)
            }
        case .set, .keyedList:
            for item in shape.items(of: value) {
                result.merge(
                    Branch(isMember: true, below: fields(of: item.value, shape.itemSchema)), at: item.element)
            }
        }
        return result
    }

    /// The set with every struct member on the way to its paths in it: who owns `.spec.replicas` also counts as an
    /// owner of `.spec` when it is asked what may be removed.
    func withNamedFields(_ schema: Schema?) -> FieldSet {
        var result = FieldSet()
        for (element, branch) in branches {
            switch element {
            case .field(let name):
                let isNamed = schema?.property(name) != nil
                result.set(
                    element, isMember: branch.isMember || (isNamed && !branch.below.isEmpty),
                    below: branch.below.withNamedFields(schema?.child(name)))
            case .key, .value, .index:
                result.set(
                    element, isMember: branch.isMember, below: branch.below.withNamedFields(schema?.items))
            }
        }
        return result
    }
}
