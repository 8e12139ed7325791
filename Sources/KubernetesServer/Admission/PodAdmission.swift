import JSONTree
import KubernetesModel

/// What a pod is given when it is made, that depends on other objects: its account's token and secrets for images
/// (plugin/pkg/admission/serviceaccount), its priority (plugin/pkg/admission/priority). Pure: what other objects say is
/// asked by name.
struct PodAdmission {
    /// Why a pod is not taken, for the message of a 403.
    struct Refusal: Error, Equatable {
        var reason: String
    }

    /// An account, a PriorityClass; nil when there is none.
    let account: (String) -> JSONNode?
    let priorityClass: (String) -> JSONNode?
    /// The class that is marked as everybody's default.
    let defaultPriorityClass: () -> JSONNode?
    /// Five characters for the name of the token's volume.
    let suffix: () -> String

    func admitted(_ pod: JSONValue) throws(Refusal) -> JSONValue {
        guard let spec = pod.member("spec"), spec.kind == .object else { return pod }
        var result = try prioritized(spec)
        // A mirror of a pod that a kubelet read from a file has no account.
        if pod.at("metadata", "annotations", "kubernetes.io/config.mirror") == nil { result = try accounted(result) }
        return pod.settingMember("spec", to: result)
    }

    // MARK: Account

    static let tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"
    static let defaultAccount = "default"
    /// Seconds: an hour, and seven more that tell an automatic token from one that was asked for.
    static let tokenSeconds: Int64 = 3607

    private func accounted(_ spec: JSONValue) throws(Refusal) -> JSONValue {
        let name = spec.member("serviceAccountName")?.stringValue ?? Self.defaultAccount
        let account = account(name)
        // The server itself makes every namespace's default account, a moment after the namespace.
        if account == nil, name != Self.defaultAccount {
            throw Refusal(reason: "error looking up service account: serviceaccount \(GoText.quoted(name)) not found")
        }
        var spec = spec
        if (spec.member("imagePullSecrets")?.elements ?? []).isEmpty,
            let secrets = account?.member("imagePullSecrets"), secrets.elements.first(where: { _ in true }) != nil
        {
            spec = spec.settingMember("imagePullSecrets", to: .node(secrets))
        }
        let isMounted =
            spec.member("automountServiceAccountToken")?.boolValue
            ?? account?.member("automountServiceAccountToken")?.bool ?? true
        return isMounted ? mounted(spec) : spec
    }

    private func mounted(_ spec: JSONValue) -> JSONValue {
        let volumes = spec.member("volumes")?.elements ?? []
        let present = volumes.first { volume in
            let name = volume.member("name")?.stringValue ?? ""
            return name.hasPrefix("kube-api-access-") && volume.member("projected") != nil
        }
        let name = present?.member("name")?.stringValue ?? "kube-api-access-\(suffix())"
        let mount: JSONValue = ["name": .string(name), "readOnly": true, "mountPath": .string(Self.tokenPath)]
        var spec = spec
        var isNeeded = false
        for list in ["initContainers", "containers"] {
            spec = spec.changing([list]) { containers in
                .array(
                    containers.elements.map { container in
                        let mounts = container.member("volumeMounts")?.elements ?? []
                        if mounts.contains(where: { $0.member("mountPath")?.stringValue == Self.tokenPath }) {
                            return container
                        }
                        isNeeded = true
                        return container.settingMember("volumeMounts", to: .array(mounts + [mount]))
                    })
            }
        }
        guard isNeeded, present == nil else { return spec }
        return spec.settingMember("volumes", to: .array(volumes + [Self.volume(name)]))
    }

    private static func volume(_ name: String) -> JSONValue {
        [
            "name": .string(name),
            "projected": [
                "sources": [
                    ["serviceAccountToken": ["expirationSeconds": .int(tokenSeconds), "path": "token"]],
                    [
                        "configMap": [
                            "name": .string(NamespaceDefaults.authorityName),
                            "items": [["key": "ca.crt", "path": "ca.crt"]],
                        ]
                    ],
                    [
                        "downwardAPI": [
                            "items": [
                                [
                                    "path": "namespace",
                                    "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"],
                                ]
                            ]
                        ]
                    ],
                ], "defaultMode": 420,
            ],
        ]
    }

    // MARK: Priority

    private func prioritized(_ spec: JSONValue) throws(Refusal) -> JSONValue {
        var spec = spec
        let found: JSONNode
        if let name = spec.member("priorityClassName")?.stringValue, !name.isEmpty {
            guard let known = priorityClass(name) else {
                throw Refusal(reason: "no PriorityClass with name \(name) was found")
            }
            found = known
        } else if let everybodys = defaultPriorityClass() {
            found = everybodys
            let name = everybodys.at("metadata", "name")?.string ?? ""
            // Defaults have filled in the values of a cluster without such a class.
            spec = spec.removingMember("priority").removingMember("preemptionPolicy")
                .settingMember("priorityClassName", to: .string(name))
        } else {
            return spec
        }
        let value = found.member("value")?.int ?? 0
        if let stated = spec.member("priority")?.intValue, stated != value {
            throw Refusal(
                reason:
                    "the integer value of priority (\(stated)) must not be provided in pod spec; priority admission "
                    + "controller computed \(value) from the given PriorityClass name")
        }
        let policy = found.member("preemptionPolicy")?.string ?? "PreemptLowerPriority"
        if let stated = spec.member("preemptionPolicy")?.stringValue, stated != policy {
            throw Refusal(
                reason: "the string value of PreemptionPolicy (\(stated)) must not be provided in pod spec; priority "
                    + "admission controller computed \(policy) from the given PriorityClass name")
        }
        return spec.settingMember("priority", to: .int(value)).settingMember("preemptionPolicy", to: .string(policy))
    }
}

extension ObjectWriter {
    /// A new pod with what other objects say about it.
    func admitted(_ pod: JSONValue, _ name: String, _ transaction: WriteTransaction) throws(Status) -> JSONValue {
        func root(_ key: StoreKey) -> JSONNode? {
            transaction.object(key).flatMap { try? JSONTree(parsing: $0.bytes).root }
        }
        let classes = "priorityclasses.scheduling.k8s.io"
        let admission = PodAdmission(
            account: { root(StoreKey("serviceaccounts", namespace: namespace, name: $0)) },
            priorityClass: { root(StoreKey(classes, name: $0)) },
            defaultPriorityClass: {
                transaction.objects(classes).lazy.compactMap { try? JSONTree(parsing: $0.bytes).root }
                    .first { $0.member("globalDefault")?.bool == true }
            }, suffix: { String(Self.generated("").suffix(5)) })
        do throws(PodAdmission.Refusal) {
            return try admission.admitted(pod)
        } catch {
            throw .forbidden(resource.groupResource, name, error.reason)
        }
    }
}
