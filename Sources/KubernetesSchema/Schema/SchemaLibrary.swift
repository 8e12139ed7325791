import Synchronization

/// Named definitions, parsed when first asked for and kept.
public final class SchemaLibrary: Sendable {
    /// Definition name to the text of its definition, in the notation of ``SchemaNotation``.
    private let sources: [String: SchemaNotation.Source]
    private let parsed = Mutex<[String: Schema]>([:])

    init(sources: [String: SchemaNotation.Source]) { self.sources = sources }

    /// The definition of this name. One that does not exist is an open schema: the tables are tested to be closed.
    public func definition(named name: String) -> Schema {
        if let known = parsed.withLock({ $0[name] }) { return known }
        guard let source = sources[name] else { return .any }
        // Two threads may both parse; the first result stays, so that identity is stable.
        let made = SchemaNotation(source: source, library: self).definition()
        return parsed.withLock { parsed in
            if let known = parsed[name] { return known }
            parsed[name] = made
            return made
        }
    }

    public func contains(_ name: String) -> Bool { sources[name] != nil }

    /// Every definition's name, sorted.
    public var names: [String] { sources.keys.sorted() }
}

extension SchemaLibrary {
    /// The definitions that are kinds, each with every API version it is served in; sorted by name.
    var kindDefinitions: [(name: String, apiVersion: String)] {
        names.flatMap { name in
            (sources[name].map { SchemaNotation.apiVersions(of: $0) } ?? []).map { (name, $0) }
        }
    }

    /// The name in OpenAPI documents, such as `io.k8s.api.core.v1.PodSpec`.
    public func qualifiedName(of name: String) -> String {
        let last = name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
        guard let package = sources[name]?.package, !package.isEmpty else { return last }
        return "\(package).\(last)"
    }
}
