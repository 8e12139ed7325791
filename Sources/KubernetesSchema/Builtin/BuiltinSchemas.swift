/// The schemas of the kinds that Kubernetes serves itself, as far as the embedded API server serves them.
///
/// The tables are text in the notation of ``SchemaNotation``. The text is cut into definitions when the first schema is
/// asked for, and a definition is parsed when it is first walked into.
public enum BuiltinSchemas {
    public static let library = SchemaLibrary(sources: SchemaNotation.sources(in: tables))

    static let tables = [
        MetaTable.text, PodTable.text, ContainerTable.text, VolumeTable.text, PersistentVolumeTable.text,
        CoreTable.text,
        WorkloadTable.text, AutoscalingTable.text, NetworkTable.text, ClusterTable.text, ExtensionTable.text,
    ]

    /// The schema of a kind, nil if it is not built in. The core group is "".
    public static func schema(group: String, version: String, kind: String) -> Schema? {
        definitionName(group: group, version: version, kind: kind).map { library.definition(named: $0) }
    }

    /// The library's name of a kind's definition.
    public static func definitionName(group: String, version: String, kind: String) -> String? {
        kinds[group.isEmpty ? version : "\(group)/\(version)"]?[kind]
    }

    /// API version to kind to definition name.
    static let kinds: [String: [String: String]] = {
        var kinds: [String: [String: String]] = [:]
        for (name, apiVersion) in library.kindDefinitions {
            let kind = name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
            kinds[apiVersion, default: [:]][kind] = name
        }
        return kinds
    }()
}
