import KubernetesModel

/// What a cluster serves before the first CustomResourceDefinition. One line for each collection:
/// `group/version plural Kind flags...`, where the flags are
///
/// - `cluster`: no namespaces; `gen`: counts generations; `put`: PUT creates; `create`: only POST;
/// - `short=a,b`, `cat=all`: names; `name=path|label|dns1035`: what names have to be;
/// - `sub=a,b`: subresources. Those of pods that stream are served by the room Streams.
enum BuiltinResources {
    static let table = """
        v1 bindings Binding create
        v1 componentstatuses ComponentStatus cluster short=cs read
        v1 configmaps ConfigMap short=cm
        v1 endpoints Endpoints short=ep put
        v1 events Event short=ev put
        v1 limitranges LimitRange short=limits
        v1 namespaces Namespace cluster short=ns sub=status,finalize name=label
        v1 nodes Node cluster short=no sub=status,proxy
        v1 persistentvolumeclaims PersistentVolumeClaim short=pvc sub=status
        v1 persistentvolumes PersistentVolume cluster short=pv sub=status
        v1 pods Pod short=po cat=all gen sub=attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status
        v1 podtemplates PodTemplate gen
        v1 replicationcontrollers ReplicationController short=rc cat=all gen sub=scale,status
        v1 resourcequotas ResourceQuota short=quota sub=status
        v1 secrets Secret
        v1 serviceaccounts ServiceAccount short=sa sub=token
        v1 services Service short=svc cat=all sub=proxy,status name=dns1035
        admissionregistration.k8s.io/v1 mutatingwebhookconfigurations MutatingWebhookConfiguration cluster cat=api-extensions gen
        admissionregistration.k8s.io/v1 validatingwebhookconfigurations ValidatingWebhookConfiguration cluster cat=api-extensions gen
        apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition cluster short=crd,crds cat=api-extensions gen sub=status
        apiregistration.k8s.io/v1 apiservices APIService cluster cat=api-extensions sub=status
        apps/v1 controllerrevisions ControllerRevision
        apps/v1 daemonsets DaemonSet short=ds cat=all gen sub=status
        apps/v1 deployments Deployment short=deploy cat=all gen sub=scale,status
        apps/v1 replicasets ReplicaSet short=rs cat=all gen sub=scale,status
        apps/v1 statefulsets StatefulSet short=sts cat=all gen sub=scale,status
        authentication.k8s.io/v1 selfsubjectreviews SelfSubjectReview cluster create
        authentication.k8s.io/v1 tokenreviews TokenReview cluster create
        authorization.k8s.io/v1 localsubjectaccessreviews LocalSubjectAccessReview create
        authorization.k8s.io/v1 selfsubjectaccessreviews SelfSubjectAccessReview cluster create
        authorization.k8s.io/v1 selfsubjectrulesreviews SelfSubjectRulesReview cluster create
        authorization.k8s.io/v1 subjectaccessreviews SubjectAccessReview cluster create
        autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler short=hpa cat=all sub=status
        batch/v1 cronjobs CronJob short=cj cat=all gen sub=status
        batch/v1 jobs Job cat=all gen sub=status
        coordination.k8s.io/v1 leases Lease put
        discovery.k8s.io/v1 endpointslices EndpointSlice gen
        events.k8s.io/v1 events Event short=ev put
        networking.k8s.io/v1 ingressclasses IngressClass cluster gen
        networking.k8s.io/v1 ingresses Ingress short=ing gen sub=status
        networking.k8s.io/v1 ipaddresses IPAddress cluster short=ip
        networking.k8s.io/v1 networkpolicies NetworkPolicy short=netpol gen
        networking.k8s.io/v1 servicecidrs ServiceCIDR cluster sub=status
        node.k8s.io/v1 runtimeclasses RuntimeClass cluster
        policy/v1 poddisruptionbudgets PodDisruptionBudget short=pdb gen sub=status
        rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding cluster name=path
        rbac.authorization.k8s.io/v1 clusterroles ClusterRole cluster name=path
        rbac.authorization.k8s.io/v1 rolebindings RoleBinding name=path
        rbac.authorization.k8s.io/v1 roles Role name=path
        scheduling.k8s.io/v1 priorityclasses PriorityClass cluster short=pc gen
        storage.k8s.io/v1 csidrivers CSIDriver cluster
        storage.k8s.io/v1 csinodes CSINode cluster
        storage.k8s.io/v1 storageclasses StorageClass cluster short=sc
        storage.k8s.io/v1 volumeattachments VolumeAttachment cluster sub=status
        """

    static let all: [ServedResource] = table.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        return words.count < 3 ? nil : resource(words)
    }

    private static func resource(_ words: [String]) -> ServedResource {
        let kind = GroupVersionKind(apiVersion: words[0], kind: words[2])
        let gvr = GroupVersionResource(group: kind.group, version: kind.version, resource: words[1])
        var resource = ServedResource(
            gvr: gvr, kind: kind, listKind: kind.kind + "List", singular: kind.kind.lowercased(),
            admission: Admission(builtin: kind) ?? Admission(unknown: kind), storageVersion: kind.version)
        for word in words.dropFirst(3) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let values = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
            switch parts[0] {
            case "cluster": resource.isNamespaced = false
            case "gen": resource.countsGeneration = true
            case "put": resource.createsOnUpdate = true
            case "create": resource.verbs = ["create"]
            case "read": resource.verbs = ["get", "list"]
            case "short": resource.shortNames = values
            case "cat": resource.categories = values
            case "sub": resource.subresources = values.map { subresource($0, of: kind) }
            case "name": resource.nameRule = rule(values.first ?? "")
            default: break
            }
        }
        return resource
    }

    private static func rule(_ name: String) -> NameRule {
        switch name {
        case "path": .pathSegment
        case "label": .dnsLabel
        case "dns1035": .dns1035Label
        default: .dnsSubdomain
        }
    }

    private static func subresource(_ name: String, of kind: GroupVersionKind) -> ServedResource.Subresource {
        func make(_ kind: GroupVersionKind, _ verbs: [String]) -> ServedResource.Subresource {
            .init(name: name, kind: kind, verbs: verbs)
        }
        func core(_ name: String) -> GroupVersionKind { GroupVersionKind(version: "v1", kind: name) }
        let edit = ["get", "patch", "update"]
        switch name {
        case "scale": return make(.scale, edit)
        case "binding": return make(core("Binding"), ["create"])
        case "eviction": return make(GroupVersionKind(group: "policy", version: "v1", kind: "Eviction"), ["create"])
        case "token":
            return make(
                GroupVersionKind(group: "authentication.k8s.io", version: "v1", kind: "TokenRequest"), ["create"])
        case "exec": return make(core("PodExecOptions"), ["create", "get"])
        case "attach": return make(core("PodAttachOptions"), ["create", "get"])
        case "portforward": return make(core("PodPortForwardOptions"), ["create", "get"])
        case "proxy":
            return make(
                core("\(kind.kind)ProxyOptions"), ["create", "delete", "get", "patch", "update"])
        case "log": return make(kind, ["get"])
        case "finalize": return make(kind, ["update"])
        default: return make(kind, edit)
        }
    }
}
