import JSONTree
import KubernetesModel

extension ObjectTable {
    /// Roles, leases, definitions, classes.
    static let administration: [GroupResource: ObjectTable] = [
        GroupResource(group: "rbac.authorization.k8s.io", resource: "rolebindings"): bindings,
        GroupResource(group: "rbac.authorization.k8s.io", resource: "clusterrolebindings"): bindings,
        GroupResource(group: "coordination.k8s.io", resource: "leases"): ObjectTable([
            .name, Column("Holder", "Who holds it."), .age,
        ]) { object, now in
            [object.nameCell, object.textCell("spec", "holderIdentity", otherwise: ""), object.ageCell(now)]
        },
        GroupResource(group: "apiregistration.k8s.io", resource: "apiservices"): ObjectTable([
            .name, Column("Service", "Who serves the group and version."), Column("Available", "Whether it answers."),
            .age,
        ]) { object, now in
            let service = object.at("spec", "service").map {
                "\($0.text("namespace") ?? "")/\($0.text("name") ?? "")"
            }
            let available = object.condition("Available")
            var text = available?.text("status") ?? "Unknown"
            if text != "True", let reason = available?.text("reason") { text += " (\(reason))" }
            return [object.nameCell, .string(service ?? "Local"), .string(text), object.ageCell(now)]
        },
        GroupResource(group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations"): webhooks,
        GroupResource(group: "admissionregistration.k8s.io", resource: "validatingwebhookconfigurations"): webhooks,
        GroupResource(group: "scheduling.k8s.io", resource: "priorityclasses"): ObjectTable([
            .name, .integer("Value", "Pods with more come first."),
            Column("Global-Default", type: "boolean", "Whether pods without a class have this one."), .age,
            Column("PreemptionPolicy", "Whether such pods may push others out."),
        ]) { object, now in
            [
                object.nameCell, object.numberCell("value"), .bool(object.member("globalDefault")?.bool ?? false),
                object.ageCell(now), object.textCell("preemptionPolicy", otherwise: "PreemptLowerPriority"),
            ]
        },
        GroupResource(group: "node.k8s.io", resource: "runtimeclasses"): ObjectTable([
            .name, Column("Handler", "What the runtime knows it as."), .age,
        ]) { object, now in [object.nameCell, object.textCell("handler", otherwise: ""), object.ageCell(now)] },
        GroupResource(group: "storage.k8s.io", resource: "storageclasses"): ObjectTable([
            .name, Column("Provisioner", "Who makes its volumes."),
            Column("ReclaimPolicy", "What becomes of a volume without a claim."),
            Column("VolumeBindingMode", "When a claim gets its volume."),
            Column("AllowVolumeExpansion", type: "boolean", "Whether volumes may grow."), .age,
        ]) { object, now in
            [
                object.nameCell, object.textCell("provisioner", otherwise: ""),
                object.textCell("reclaimPolicy", otherwise: "Delete"),
                object.textCell("volumeBindingMode", otherwise: "Immediate"),
                .bool(object.member("allowVolumeExpansion")?.bool ?? false), object.ageCell(now),
            ]
        },
    ]

    private static let webhooks = ObjectTable([
        .name, .integer("Webhooks", "How many calls it configures."), .age,
    ]) { object, now in
        [object.nameCell, .int(Int64(object.list("webhooks").count)), object.ageCell(now)]
    }

    private static let bindings = ObjectTable([
        .name, Column("Role", "What it grants."), .age, .wide("Users", "To which users."),
        .wide("Groups", "To which groups."), .wide("ServiceAccounts", "To which service accounts."),
    ]) { object, now in
        func subjects(_ kind: String) -> JSONValue {
            let found = object.list("subjects").filter { $0.text("kind") == kind }.map { subject in
                let name = subject.text("name") ?? ""
                return kind == "ServiceAccount" ? "\(subject.text("namespace") ?? "")/\(name)" : name
            }
            return .string(found.joined(separator: ", "))
        }
        let role = "\(object.text("roleRef", "kind") ?? "")/\(object.text("roleRef", "name") ?? "")"
        return [
            object.nameCell, .string(role), object.ageCell(now), subjects("User"), subjects("Group"),
            subjects("ServiceAccount"),
        ]
    }
}
