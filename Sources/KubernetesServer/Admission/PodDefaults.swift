import JSONTree

/// What a pod's specification is filled up with, alone or in a template.
enum PodDefaults {
    /// - Parameter isPod: a pod itself, not a template: then admission plugins that look at nothing else have had their
    ///   turn too (the account's name, tolerations); for others see ``PodAdmission``.
    static func spec(_ spec: JSONValue, isPod: Bool) -> JSONValue {
        var spec = spec
        let usesHostNetwork = spec.member("hostNetwork")?.boolValue == true
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            spec = spec.changing([list]) { containers in
                .array(containers.elements.map { container($0, usesHostNetwork: usesHostNetwork) })
            }
        }
        spec = spec.changing(["volumes"]) { volumes in
            .array(
                volumes.elements.map { volume in
                    volume.members.count == 1 ? volume.settingMember("emptyDir", to: .object([])) : volume
                })
        }
        if isPod { spec = spec.withDefault("serviceAccountName", spec.member("serviceAccount") ?? "default") }
        if let account = spec.member("serviceAccountName") ?? spec.member("serviceAccount") {
            spec = spec.settingMember("serviceAccountName", to: account).settingMember("serviceAccount", to: account)
        }
        guard isPod else { return spec }
        spec = spec.settingMember("tolerations", to: .array(tolerations(spec.member("tolerations")?.elements ?? [])))
        // A class of its own says both.
        if !(spec.member("priorityClassName")?.stringValue ?? "").isEmpty { return spec }
        return spec.withDefault("priority", 0).withDefault("preemptionPolicy", "PreemptLowerPriority")
    }

    private static func container(_ container: JSONValue, usesHostNetwork: Bool) -> JSONValue {
        var container = container
        if let image = container.member("image")?.stringValue {
            let policy: JSONValue = isMoving(image) ? "Always" : "IfNotPresent"
            container = container.withDefault("imagePullPolicy", policy)
        }
        if usesHostNetwork {
            container = container.changing(["ports"]) { ports in
                .array(
                    ports.elements.map { port in
                        port.member("containerPort").map { port.withDefault("hostPort", $0) } ?? port
                    })
            }
        }
        if let limits = container.at("resources", "limits")?.members, !limits.isEmpty {
            let requests = container.at("resources", "requests") ?? .object([])
            let filled = limits.reduce(requests) { $0.withDefault($1.key, $1.value) }
            container = container.setting(at: ["resources", "requests"], to: filled)
        }
        return container
    }

    /// Whether an image's name can mean another image tomorrow: no digest, and the tag `latest` or none.
    private static func isMoving(_ image: String) -> Bool {
        if image.contains("@") { return false }
        let last = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let colon = last.lastIndex(of: ":") else { return true }
        return last[last.index(after: colon)...] == "latest"
    }

    /// Five minutes' patience with a node that is not ready or not reachable, unless the pod says otherwise.
    private static func tolerations(_ given: [JSONValue]) -> [JSONValue] {
        var tolerations = given
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isTolerated = given.contains { toleration in
                let effect = toleration.member("effect")?.stringValue ?? ""
                let wanted = toleration.member("key")?.stringValue ?? ""
                return (wanted == key || wanted.isEmpty) && (effect.isEmpty || effect == "NoExecute")
            }
            if isTolerated { continue }
            tolerations.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            ])
        }
        return tolerations
    }

    /// BestEffort without any request or limit of processor or memory, Guaranteed when every container has equal ones
    /// of both, otherwise Burstable.
    static func qualityOfService(_ pod: JSONValue) -> String {
        let containers = ["initContainers", "containers"].flatMap { pod.at("spec", $0)?.elements ?? [] }
        var isBestEffort = true
        var isGuaranteed = true
        for container in containers {
            for resource in ["cpu", "memory"] {
                let limit = container.at("resources", "limits", resource)
                let request = container.at("resources", "requests", resource)
                if limit != nil || request != nil { isBestEffort = false }
                if limit == nil || limit != request { isGuaranteed = false }
            }
        }
        return isBestEffort ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
