import JSONTree
import KubernetesModel

/// Defaults of built-in kinds that depend on other fields; those that do not are in the schema's tables.
enum BuiltinDefaults {
    static func applied(to object: JSONValue, _ kind: GroupVersionKind, old: JSONValue?) -> JSONValue { object }
}
