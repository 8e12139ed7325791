import JSONTree

/// Which pods a mesh has a proxy in, and which should have one.
struct MeshPods: Sendable {
    static let proxies: Set<String> = ["istio-proxy", "linkerd-proxy"]
    /// Init containers that write the redirection where no plugin does.
    static let writers: Set<String> = ["istio-init", "linkerd-init"]
    static let validators: Set<String> = ["istio-validation", "linkerd-network-validator"]

    static func containers(_ pod: APIObject) -> [JSONNode] {
        pod.list("spec", "containers") + pod.list("spec", "initContainers")
    }

    /// The proxy's container; a sidecar of Kubernetes 1.29 stands among the init containers.
    static func proxy(of pod: APIObject) -> JSONNode? {
        containers(pod).first { proxies.contains($0.member("name")?.string ?? "") }
    }

    /// Whether Istio is to put a proxy into a pod, and what says so; nil when it is not (sidecar-injector webhook:
    /// `istio-injection` before `istio.io/rev`, the pod's own word before the namespace's).
    static func wish(of pod: APIObject, _ namespace: APIObject?) -> (says: String, revision: String)? {
        if pod.bool("spec", "hostNetwork") == true { return nil }
        let own = pod.labels["sidecar.istio.io/inject"] ?? pod.annotations["sidecar.istio.io/inject"]
        if own == "false" { return nil }
        let labels = namespace?.labels ?? [:]
        if labels["istio.io/dataplane-mode"] == "ambient" || pod.labels["istio.io/dataplane-mode"] == "ambient" {
            return nil
        }
        if labels["istio-injection"] == "disabled" { return nil }
        let place = namespace?.place ?? ""
        if labels["istio-injection"] == "enabled" { return ("\(place): istio-injection=enabled", "default") }
        if let value = labels["istio-injection"], labels["istio.io/rev"] == nil, isMeant(value) {
            return ("\(place): istio-injection=\(value), which no injector selects: it must be enabled", "default")
        }
        if let revision = labels["istio.io/rev"] { return ("\(place): istio.io/rev=\(revision)", revision) }
        if own == "true", let revision = pod.labels["istio.io/rev"] {
            return ("\(pod.place): istio.io/rev=\(revision)", revision)
        }
        return nil
    }

    /// The same of Linkerd, which asks by annotation: the pod's own word before the namespace's (proxy injector;
    /// `ingress` is a way of being injected).
    static func linkerdWish(of pod: APIObject, _ namespace: APIObject?) -> (says: String, revision: String)? {
        if pod.bool("spec", "hostNetwork") == true { return nil }
        let key = "linkerd.io/inject"
        let own = pod.annotations[key]
        guard let word = own ?? namespace?.annotations[key], ["enabled", "ingress"].contains(word) else { return nil }
        return ("\(own == nil ? namespace?.place ?? "" : pod.place): \(key)=\(word)", "default")
    }

    /// Spellings of what was to say `enabled`.
    private static func isMeant(_ value: String) -> Bool {
        ["enable", "enabeld", "enbled", "true", "yes", "on", "injected"].contains(value.lowercased())
            || (value != "enabled" && value.lowercased() == "enabled")
    }

    /// `svc`, `svc.ns`, `svc.ns.svc.cluster.local` of an object in a namespace; nil for wildcards and foreign names.
    static func service(_ host: String, in namespace: String, _ facts: FactBase) -> APIObject? {
        if host.contains("*") { return nil }
        let parts = host.split(separator: ".").map(String.init)
        switch parts.count {
        case 1: return facts.object("services", namespace, parts[0])
        case 2...: return parts.count == 2 || parts[2] == "svc" ? facts.object("services", parts[1], parts[0]) : nil
        default: return nil
        }
    }

    static func pods(of service: APIObject, _ facts: FactBase) -> [APIObject] {
        guard let selector = service["spec", "selector"], selector.kind == .object, selector.count > 0 else {
            return []
        }
        return facts.objects("pods").filter { pod in
            let phase = pod.text("status", "phase")
            return pod.namespace == service.namespace && !pod.isDeleted && phase != "Succeeded" && phase != "Failed"
                && selector.members.allSatisfy { pod.labels[$0.key] == $0.value.string }
        }
    }

    static func isMatched(_ pod: APIObject, by selector: JSONNode?) -> Bool {
        guard let labels = selector?.member("matchLabels"), labels.kind == .object, labels.count > 0 else {
            return true
        }
        return labels.members.allSatisfy { pod.labels[$0.key] == $0.value.string }
    }
}
