import JSONTree
import KubernetesModel
import KubernetesSchema

/// What built-in kinds must fulfil beyond their types.
enum BuiltinRules {
    static func violations(
        of object: JSONValue, _ kind: GroupVersionKind, _ schema: Schema, old: JSONValue?
    ) -> [FieldError] {
        // Enumerations, required fields and bounds of the tables.
        schema.violations(of: object.removingMember("metadata")).filter { $0.path != "metadata" }.map { FieldError($0) }
    }
}
