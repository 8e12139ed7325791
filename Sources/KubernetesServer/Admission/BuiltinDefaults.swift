import JSONTree
import KubernetesModel
import KubernetesSchema

/// Defaults of built-in kinds that depend on other fields; those that do not are in the schema's tables.
enum BuiltinDefaults {
    static func applied(
        to object: JSONValue, _ kind: GroupVersionKind, operation: Admission.Operation, old: JSONValue?
    ) -> JSONValue {
        var object = object
        if let path = PodSpecPlace.path(in: kind), object.at(path)?.kind == .object {
            object = object.changing(path) { PodDefaults.spec($0, isPod: kind.kind == "Pod") }
        }
        switch (kind.group, kind.kind) {
        case ("", "Pod"):
            if operation == .create {
                object = object.settingMember(
                    "status", to: ["phase": "Pending", "qosClass": .string(PodDefaults.qualityOfService(object))])
            }
        case ("", "Service"): object = ServiceDefaults.applied(to: object, old: old)
        case ("", "Namespace"):
            if operation == .create { object = namespace(object) }
        case ("", "Secret"): object = secret(object)
        case ("", "PersistentVolumeClaim"), ("", "PersistentVolume"):
            if object.at("status", "phase") == nil {
                object = object.setting(at: ["status", "phase"], to: "Pending")
            }
        case ("networking.k8s.io", "NetworkPolicy"): object = networkPolicy(object)
        case ("discovery.k8s.io", "EndpointSlice"):
            object = object.changing(["ports"]) { ports in
                .array(ports.elements.map { $0.withDefault("name", "") })
            }
        case ("apps", "Deployment"), ("apps", "DaemonSet"), ("apps", "StatefulSet"):
            object = rollout(object, kind.kind)
        case ("batch", "Job"): object = job(object)
        case ("rbac.authorization.k8s.io", "RoleBinding"), ("rbac.authorization.k8s.io", "ClusterRoleBinding"):
            object = binding(object)
        case ("apiextensions.k8s.io", "CustomResourceDefinition"):
            object = CustomResourceDefinition.defaulted(object)
            if operation == .create {
                object = object.settingMember("status", to: CustomResourceDefinition.initialStatus(of: object))
            }
        default: break
        }
        return object
    }

    private static func namespace(_ object: JSONValue) -> JSONValue {
        var object = object.setting(at: ["spec", "finalizers"], to: ["kubernetes"])
            .setting(at: ["status"], to: ["phase": "Active"])
        if let name = object.at("metadata", "name") {
            object = object.setting(at: ["metadata", "labels", "kubernetes.io/metadata.name"], to: name)
        }
        return object
    }

    /// What was written as text is kept as base64 beside the rest, and wins over it.
    private static func secret(_ object: JSONValue) -> JSONValue {
        guard let texts = object.member("stringData")?.members, !texts.isEmpty else { return object }
        var data = object.member("data") ?? .object([])
        for member in texts {
            let encoded = Base64.text(Array((member.value.stringValue ?? "").utf8))
            data = data.settingMember(member.key, to: .string(encoded))
        }
        return object.removingMember("stringData").settingMember("data", to: data)
    }

    private static func networkPolicy(_ object: JSONValue) -> JSONValue {
        var spec = object.member("spec") ?? .object([])
        if (spec.member("policyTypes")?.elements ?? []).isEmpty {
            let hasEgress = !(spec.member("egress")?.elements ?? []).isEmpty
            spec = spec.settingMember("policyTypes", to: hasEgress ? ["Ingress", "Egress"] : ["Ingress"])
        }
        for direction in ["ingress", "egress"] {
            spec = spec.changing([direction]) { rules in
                .array(
                    rules.elements.map { rule in
                        rule.changing(["ports"]) { ports in
                            .array(ports.elements.map { $0.withDefault("protocol", "TCP") })
                        }
                    })
            }
        }
        return object.settingMember("spec", to: spec)
    }

    private static func rollout(_ object: JSONValue, _ kind: String) -> JSONValue {
        let field = kind == "Deployment" ? "strategy" : "updateStrategy"
        let steps: JSONValue =
            switch kind {
            case "Deployment": ["maxUnavailable": "25%", "maxSurge": "25%"]
            case "DaemonSet": ["maxUnavailable": 1, "maxSurge": 0]
            default: ["partition": 0]
            }
        return object.changing(["spec", field]) { strategy in
            guard strategy.member("type")?.stringValue == "RollingUpdate" else { return strategy }
            let given = strategy.member("rollingUpdate") ?? .object([])
            let filled = steps.members.reduce(given) { $0.withDefault($1.key, $1.value) }
            return strategy.settingMember("rollingUpdate", to: filled)
        }
    }

    private static func job(_ object: JSONValue) -> JSONValue {
        object.changing(["spec"]) { spec in
            var spec = spec
            if spec.member("completions") == nil, spec.member("parallelism") == nil {
                spec = spec.settingMember("completions", to: 1)
            }
            let backoff: JSONValue = spec.member("backoffLimitPerIndex") == nil ? 6 : .int(Int64(Int32.max))
            let replacement: JSONValue = spec.member("podFailurePolicy") == nil ? "TerminatingOrFailed" : "Failed"
            return spec.withDefault("parallelism", 1).withDefault("backoffLimit", backoff)
                .withDefault("podReplacementPolicy", replacement)
        }
    }

    private static func binding(_ object: JSONValue) -> JSONValue {
        let group: JSONValue = "rbac.authorization.k8s.io"
        return object.changing(["roleRef"]) { $0.withDefault("apiGroup", group) }
            .changing(["subjects"]) { subjects in
                .array(
                    subjects.elements.map { subject in
                        let isAccount = subject.member("kind")?.stringValue == "ServiceAccount"
                        return isAccount ? subject : subject.withDefault("apiGroup", group)
                    })
            }
    }
}

/// Where kinds keep the pods they make.
enum PodSpecPlace {
    static func path(in kind: GroupVersionKind) -> [String]? {
        switch (kind.group, kind.kind) {
        case ("", "Pod"): ["spec"]
        case ("", "PodTemplate"): ["template", "spec"]
        case ("", "ReplicationController"), ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "DaemonSet"),
            ("apps", "StatefulSet"), ("batch", "Job"):
            ["spec", "template", "spec"]
        case ("batch", "CronJob"): ["spec", "jobTemplate", "spec", "template", "spec"]
        default: nil
        }
    }
}

extension JSONValue {
    /// The object with what stands at the end of these keys changed; unchanged when there is nothing.
    func changing(_ path: [String], _ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard let value = at(path) else { return self }
        return setting(at: path, to: change(value))
    }

    /// The object with the member, if it has none of this name.
    func withDefault(_ key: String, _ value: JSONValue) -> JSONValue {
        member(key) == nil ? settingMember(key, to: value) : self
    }
}

/// RFC 4648, section 4.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let digit = digits[Int(number >> UInt32(18 - 6 * position) & 63)]
                output.append(position <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
