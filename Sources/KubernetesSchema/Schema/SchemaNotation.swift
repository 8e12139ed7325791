import JSONTree

/// The compact notation our tables of the built-in kinds are written in.
///
///     @io.k8s.api.core.v1                                   the package of the definitions below
///     Pod kind=v1 : Containers that share a network.        a definition; `kind=` adds apiVersion, kind, metadata
///       spec PodSpec : What is wanted.                      a field: name, type, attributes, description
///       containers! [Container] map=name merge=name : ...   `!` is required
///
/// Types: `str`, `int32`, `int64`, `num`, `bool`, `bytes`, `any`, `raw` (an object of unknown members), `IntOrString`,
/// `Quantity`, `Time`, `MicroTime`, a definition's name, `[T]` a list, `{T}` a map from strings. Attributes: `map=KEYS`,
/// `set`, `atomic`, `granular` (x-kubernetes-list-type, or the map type of an object where it differs from its
/// definition's), `merge=KEY`, `merge`, `retainKeys` (strategic merge patch), `enum=A|B`, `default=JSON` (no blanks),
/// `min=`, `max=`, `nullable`. `#` starts a comment line. A definition with `like=OTHER` has the fields of another before
/// its own, and with `with=A>B` type B wherever that one has type A.
struct SchemaNotation {
    /// The lines of one definition, its header first.
    struct Source: Sendable {
        let lines: [Substring]
        let package: Substring
    }

    let source: Source
    let library: SchemaLibrary

    /// The definitions of a table, by name. Nothing but the lines' first characters is looked at.
    static func sources(in tables: [String]) -> [String: Source] {
        var sources: [String: Source] = [:]
        for table in tables {
            var package: Substring = ""
            var lines: [Substring] = []
            func close() {
                guard let header = lines.first else { return }
                sources[String(header.prefix { $0 != " " })] = Source(lines: lines, package: package)
                lines = []
            }
            for line in table.split(separator: "\n") {
                switch line.utf8.first {
                case UInt8(ascii: "#"): continue
                case UInt8(ascii: " "): lines.append(line)
                case UInt8(ascii: "@"):
                    close()
                    package = line.dropFirst()
                default:
                    close()
                    lines.append(line)
                }
            }
            close()
        }
        return sources.mapValues { $0.expanded(from: sources) }
    }

    /// The API versions (`networking.k8s.io/v1`) a definition is a kind of.
    static func apiVersions(of source: Source) -> [String] {
        guard let header = source.lines.first else { return [] }
        return words(of: header).attributes.first { $0.hasPrefix("kind=") }
            .map { $0.dropFirst(5).split(separator: ",").map(String.init) } ?? []
    }

    func definition() -> Schema {
        guard let header = source.lines.first else { return .any }
        let (_, attributes, description) = Self.words(of: header)
        var parts = Schema.Parts(.object)
        parts.description = description
        if attributes.contains("atomic") { parts.mapType = .atomic }
        if attributes.contains(where: { $0.hasPrefix("kind=") }) {
            parts.properties = Self.kindFields.map { property(of: $0) }
        }
        parts.properties += source.lines.dropFirst().map { property(of: $0) }
        return Schema(parts)
    }

    private static let kindFields: [Substring] = [
        "  apiVersion str : The group and version this object is written in.",
        "  kind str : The kind of this object.",
        "  metadata ObjectMeta default={} : Name, labels and everything every object has.",
    ]

    private static func words(of line: Substring) -> (name: Substring, attributes: [Substring], description: String?) {
        var line = line
        var description: String?
        if let colon = line.firstRange(of: " : ") {
            description = String(line[colon.upperBound...])
            line = line[..<colon.lowerBound]
        }
        var words = line.split(separator: " ")
        let name = words.isEmpty ? "" : words.removeFirst()
        return (name, words, description)
    }

    private func property(of line: Substring) -> Schema.Property {
        var (name, words, description) = Self.words(of: line)
        let isRequired = name.hasSuffix("!")
        if isRequired { name = name.dropLast() }
        let type = words.isEmpty ? "any" : words.removeFirst()
        let attributes = Attributes(words, description: description)
        return Schema.Property(String(name), schema(type, attributes), isRequired: isRequired)
    }

    private func schema(_ type: Substring, _ attributes: Attributes) -> Schema {
        if let scalar = Self.scalar(type) { return Schema(attributes.applied(to: scalar)) }
        if type.hasPrefix("["), type.hasSuffix("]") {
            var parts = Schema.Parts(.array)
            parts.items = schema(type.dropFirst().dropLast(), Attributes([], description: nil))
            return Schema(attributes.applied(to: parts))
        }
        if type.hasPrefix("{"), type.hasSuffix("}") {
            var parts = Schema.Parts(.object)
            parts.additionalProperties = schema(type.dropFirst().dropLast(), Attributes([], description: nil))
            return Schema(attributes.applied(to: parts))
        }
        return Schema(definition: String(type), in: library, attributes.applied(to: Schema.Parts(.object)))
    }

    private static func scalar(_ type: Substring) -> Schema.Parts? {
        func parts(_ kind: Schema.Kind, _ format: String? = nil) -> Schema.Parts {
            var parts = Schema.Parts(kind)
            parts.format = format
            return parts
        }
        switch type {
        case "str": return parts(.string)
        case "int32": return parts(.integer, "int32")
        case "int64": return parts(.integer, "int64")
        case "num": return parts(.number, "double")
        case "bool": return parts(.boolean)
        case "bytes": return parts(.string, "byte")
        case "Time", "MicroTime": return parts(.string, type == "Time" ? "date-time" : "date-time-micro")
        case "Quantity": return parts(.string, "quantity")
        case "IntOrString": return parts(.intOrString, "int-or-string")
        case "any", "raw":
            var open = parts(type == "any" ? .any : .object)
            open.preservesUnknownFields = true
            return open
        default: return nil
        }
    }
}

extension SchemaNotation {
    /// What stands between a field's type and its description.
    private struct Attributes {
        var description: String?
        var listType: Schema.ListType?
        var isAtomic = false
        var isGranular = false
        var mergeKey: String?
        var strategy: Schema.PatchStrategy = []
        var defaultValue: JSONValue?
        var constraints: Schema.Constraints?
        var isNullable = false

        init(_ words: [Substring], description: String?) {
            self.description = description
            for word in words {
                let cut = word.firstIndex(of: "=") ?? word.endIndex
                let value = cut == word.endIndex ? "" : word[word.index(after: cut)...]
                switch word[..<cut] {
                case "map": listType = .map(keys: value.split(separator: ",").map(String.init))
                case "set": listType = .set
                case "atomic": isAtomic = true
                case "granular": isGranular = true
                case "merge":
                    strategy.insert(.merge)
                    if !value.isEmpty { mergeKey = String(value) }
                case "retainKeys": strategy.insert(.retainKeys)
                case "replace": strategy.insert(.replace)
                case "nullable": isNullable = true
                case "default": defaultValue = (try? JSONTree(parsing: String(value))).map { .node($0.root) }
                case "enum": constrain { $0.enumeration = value.split(separator: "|").map { .string(String($0)) } }
                case "min": constrain { $0.minimum = Double(value).map { Schema.Bound($0) } }
                case "max": constrain { $0.maximum = Double(value).map { Schema.Bound($0) } }
                default: break
                }
            }
        }

        private mutating func constrain(_ change: (inout Schema.Constraints) -> Void) {
            var changed = constraints ?? .none
            change(&changed)
            constraints = changed
        }

        func applied(to parts: Schema.Parts) -> Schema.Parts {
            var parts = parts
            parts.description = description
            parts.defaultValue = defaultValue
            parts.isNullable = isNullable
            parts.patchMergeKey = mergeKey
            parts.patchStrategy = strategy
            parts.constraints = constraints
            parts.listType = listType
            if isGranular { parts.mapType = .granular }
            if isAtomic {
                if parts.kind == .array { parts.listType = .atomic } else { parts.mapType = .atomic }
            }
            return parts
        }
    }
}

extension SchemaNotation.Source {
    /// With the fields of the definition it is like, which must be written out itself.
    fileprivate func expanded(from sources: [String: SchemaNotation.Source]) -> SchemaNotation.Source {
        guard let header = lines.first else { return self }
        func value(of attribute: String) -> Substring? {
            header.split(separator: " ").first { $0.hasPrefix(attribute) }?.dropFirst(attribute.count)
        }
        guard let name = value(of: "like="), let other = sources[String(name)] else { return self }
        let types = (value(of: "with=") ?? "").split(separator: ">")
        let inherited = other.lines.dropFirst().map { line in
            types.count == 2 ? Substring(line.replacing(" \(types[0]) ", with: " \(types[1]) ")) : line
        }
        return SchemaNotation.Source(lines: [header] + inherited + lines.dropFirst(), package: package)
    }
}
