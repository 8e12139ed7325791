import JSONTree
import KubernetesModel

// Pods, and what makes them.

extension BuiltinRules {
    mutating func checkPod(_ object: JSONValue, old: JSONValue?) {
        checkPodSpec(object.member("spec") ?? .object([]), "spec")
        guard let before = old?.member("spec"), let after = object.member("spec") else { return }
        if !Self.fixedPart(of: before).isEquivalent(to: Self.fixedPart(of: after)) {
            add(
                .forbidden, "spec", nil,
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                    + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                    + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")
        }
    }

    /// What of a pod cannot be changed. The binding to a node is written by another way, and may come once.
    private static func fixedPart(of spec: JSONValue) -> JSONValue {
        var spec = spec
        for field in [
            "activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName", "ephemeralContainers",
            "schedulingGates",
        ] {
            spec = spec.removingMember(field)
        }
        for list in ["containers", "initContainers"] {
            spec = spec.changing([list]) { containers in
                .array(containers.elements.map { $0.removingMember("image").removingMember("imagePullPolicy") })
            }
        }
        return spec
    }

    mutating func checkPodSpec(_ spec: JSONValue, _ path: String) {
        let containers = spec.member("containers")?.elements ?? []
        if containers.isEmpty { add(.required, "\(path).containers") }
        var volumes: Set<String> = []
        for (index, volume) in (spec.member("volumes")?.elements ?? []).enumerated() {
            let place = "\(path).volumes[\(index)].name"
            let name = volume.member("name")?.stringValue ?? ""
            if name.isEmpty {
                add(.required, place)
            } else {
                checkName(name, .dnsLabel, place)
                if !volumes.insert(name).inserted { add(.duplicate, place, .string(name)) }
            }
        }
        var names: Set<String> = []
        var hostPorts: Set<String> = []
        for list in ["initContainers", "containers"] {
            for (index, container) in (spec.member(list)?.elements ?? []).enumerated() {
                let place = "\(path).\(list)[\(index)]"
                checkContainer(container, place, volumes, &names)
                checkContainerPorts(container, place, &hostPorts)
            }
        }
        checkLabels(spec.member("nodeSelector"), "\(path).nodeSelector")
        if let seconds = spec.member("activeDeadlineSeconds")?.intValue, seconds < 1 {
            add(
                .invalid, "\(path).activeDeadlineSeconds", .int(seconds),
                "must be between 1 and 2147483647, inclusive")
        }
    }

    private mutating func checkContainer(
        _ container: JSONValue, _ path: String, _ volumes: Set<String>, _ names: inout Set<String>
    ) {
        let name = container.member("name")?.stringValue ?? ""
        if name.isEmpty {
            add(.required, "\(path).name")
        } else {
            checkName(name, .dnsLabel, "\(path).name")
            if !names.insert(name).inserted { add(.duplicate, "\(path).name", .string(name)) }
        }
        if (container.member("image")?.stringValue ?? "").isEmpty { add(.required, "\(path).image") }
        for (index, variable) in (container.member("env")?.elements ?? []).enumerated()
        where (variable.member("name")?.stringValue ?? "").isEmpty {
            add(.required, "\(path).env[\(index)].name")
        }
        var mounts: Set<String> = []
        for (index, mount) in (container.member("volumeMounts")?.elements ?? []).enumerated() {
            let place = "\(path).volumeMounts[\(index)]"
            let volume = mount.member("name")?.stringValue ?? ""
            if volume.isEmpty {
                add(.required, "\(place).name")
            } else if !volumes.contains(volume) {
                add(.notFound, "\(place).name", .string(volume))
            }
            let target = mount.member("mountPath")?.stringValue ?? ""
            if target.isEmpty {
                add(.required, "\(place).mountPath")
            } else if !mounts.insert(target).inserted {
                add(.invalid, "\(place).mountPath", .string(target), "must be unique")
            }
        }
    }

    private mutating func checkContainerPorts(
        _ container: JSONValue, _ path: String, _ hostPorts: inout Set<String>
    ) {
        var names: Set<String> = []
        for (index, port) in (container.member("ports")?.elements ?? []).enumerated() {
            let place = "\(path).ports[\(index)]"
            if let name = port.member("name")?.stringValue, !name.isEmpty {
                let problems = NameRule.portName.problems(in: name)
                for problem in problems { add(.invalid, "\(place).name", .string(name), problem) }
                if problems.isEmpty, !names.insert(name).inserted {
                    add(.duplicate, "\(place).name", .string(name))
                }
            }
            let number = port.member("containerPort")?.intValue ?? 0
            if number == 0 {
                add(.required, "\(place).containerPort")
            } else {
                checkPort(number, "\(place).containerPort")
            }
            guard let host = port.member("hostPort")?.intValue, host != 0 else { continue }
            checkPort(host, "\(place).hostPort")
            let transport = port.member("protocol")?.stringValue ?? "TCP"
            let key = "\(transport)/\(port.member("hostIP")?.stringValue ?? "")/\(host)"
            if !hostPorts.insert(key).inserted { add(.duplicate, "\(place).hostPort", .string(key)) }
        }
    }

    // MARK: Deployments and their kin (pkg/apis/apps/validation)

    mutating func checkWorkload(_ object: JSONValue, _ kind: GroupVersionKind, old: JSONValue?) {
        let spec = object.member("spec") ?? .object([])
        for field in ["replicas", "minReadySeconds", "revisionHistoryLimit", "parallelism", "completions"] {
            if let number = spec.member(field)?.intValue, number < 0 {
                add(.invalid, "spec.\(field)", .int(number), "must be greater than or equal to 0")
            }
        }
        guard let template = spec.member("template") else { return }
        checkLabels(template.at("metadata", "labels"), "spec.template.labels")
        checkPodSpec(template.member("spec") ?? .object([]), "spec.template.spec")
        let policy = template.at("spec", "restartPolicy")
        if kind.kind == "Job" {
            if policy?.stringValue == "Always" {
                add(.required, "spec.template.spec.restartPolicy", nil, "valid values: \"OnFailure\", \"Never\"")
            }
            return
        }
        if policy?.stringValue != "Always" {
            add(.notSupported(["Always"]), "spec.template.spec.restartPolicy", policy)
        }
        if kind.group == "apps" { checkWorkloadSelector(spec, template, kind, old: old) }
    }

    private mutating func checkWorkloadSelector(
        _ spec: JSONValue, _ template: JSONValue, _ kind: GroupVersionKind, old: JSONValue?
    ) {
        guard let selector = spec.member("selector"), selector.kind == .object else {
            add(.required, "spec.selector")
            return
        }
        let before = errors.count
        checkSelector(selector, "spec.selector")
        guard errors.count == before, let tree = try? selector.tree(), let read = try? LabelSelector(tree.root) else {
            return
        }
        if read.isEverything {
            add(.invalid, "spec.selector", selector, "empty selector is invalid for \(kind.kind.lowercased())")
            return
        }
        let labels = template.at("metadata", "labels")
        let pairs = (labels?.members ?? []).map { ($0.key, $0.value.stringValue ?? "") }
        if !read.matches(Dictionary(pairs) { $1 }) {
            add(
                .invalid, "spec.template.metadata.labels", labels ?? .null,
                "`selector` does not match template `labels`")
        }
        if let old { checkUnchanged(selector, old.at("spec", "selector"), "spec.selector") }
    }
}
