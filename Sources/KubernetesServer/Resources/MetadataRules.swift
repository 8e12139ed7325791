import JSONTree
import KubernetesModel

/// What metadata has to fulfil, whatever the kind (apimachinery, api/validation/objectmeta.go). Pure.
enum MetadataRules {
    static func violations(of object: JSONValue, _ resource: ServedResource) -> [FieldError] {
        guard let metadata = object.member("metadata") else { return [] }
        var errors: [FieldError] = []
        let name = metadata.member("name")?.stringValue ?? ""
        for problem in resource.nameRule.problems(in: name) {
            errors.append(FieldError(.invalid, at: "metadata.name", value: .string(name), problem))
        }
        errors += pairs(metadata.member("labels"), "metadata.labels", values: .labelValue)
        errors += pairs(metadata.member("annotations"), "metadata.annotations", values: nil)
        for (index, finalizer) in (metadata.member("finalizers")?.elements ?? []).enumerated() {
            let text = finalizer.stringValue ?? ""
            for problem in NameRule.qualifiedName.problems(in: text) {
                errors.append(
                    FieldError(.invalid, at: "metadata.finalizers[\(index)]", value: .string(text), problem))
            }
        }
        errors += owners(metadata.member("ownerReferences"))
        return errors
    }

    private static let annotationLimit = 256 << 10

    private static func pairs(_ map: JSONValue?, _ path: String, values: NameRule?) -> [FieldError] {
        var errors: [FieldError] = []
        var total = 0
        for member in map?.members ?? [] {
            // Annotations compare without case, labels as they are.
            let key = values == nil ? member.key.lowercased() : member.key
            for problem in NameRule.qualifiedName.problems(in: key) {
                errors.append(FieldError(.invalid, at: path, value: .string(member.key), problem))
            }
            let text = member.value.stringValue ?? ""
            total += member.key.utf8.count + text.utf8.count
            for problem in values?.problems(in: text) ?? [] {
                errors.append(FieldError(.invalid, at: path, value: .string(text), problem))
            }
        }
        if values == nil, total > annotationLimit { errors.append(FieldError(.tooLong(annotationLimit), at: path)) }
        return errors
    }

    private static func owners(_ list: JSONValue?) -> [FieldError] {
        var errors: [FieldError] = []
        var controllers = 0
        for (index, owner) in (list?.elements ?? []).enumerated() {
            for key in ["apiVersion", "kind", "name", "uid"] where (owner.member(key)?.stringValue ?? "").isEmpty {
                errors.append(
                    FieldError(
                        .invalid, at: "metadata.ownerReferences[\(index)].\(key)", value: "", "must not be empty"))
            }
            if owner.member("controller")?.boolValue == true { controllers += 1 }
        }
        if controllers > 1 {
            errors.append(
                FieldError(
                    .invalid, at: "metadata.ownerReferences", value: list,
                    "Only one reference can have Controller set to true"))
        }
        return errors
    }

    /// Of an update: what cannot change.
    static func changes(from old: JSONValue, to new: JSONValue) -> [FieldError] {
        guard old.at("metadata", "deletionTimestamp") != nil else { return [] }
        let before = Set((old.at("metadata", "finalizers")?.elements ?? []).compactMap(\.stringValue))
        let added = (new.at("metadata", "finalizers")?.elements ?? []).compactMap(\.stringValue)
            .filter { !before.contains($0) }
        if added.isEmpty { return [] }
        let list = added.map { "\"\($0)\"" }.joined(separator: ", ")
        return [
            FieldError(
                .forbidden, at: "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}")
        ]
    }
}
