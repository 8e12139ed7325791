/// The shape of a message: for each field number its JSON name and what it holds.
struct ProtobufMessage: Sendable {
    indirect enum Kind: Equatable, Sendable {
        case string, bytes, integer, boolean
        /// `meta/v1.Time` and `MicroTime`.
        case time, microTime
        case intOrString
        case message(String)
        case map(Kind)
    }

    struct Field: Equatable, Sendable {
        var name: String
        var kind: Kind
        var isRepeated: Bool
        /// A pointer in Go: on the wire only when it is set, and then an empty value means something. Other fields
        /// are always on the wire, and empty means absent.
        var isOptional: Bool
    }

    var fields: [Int: Field]

    /// In the notation of ``ProtobufMessages``: `1 name s; 2 labels {s}; 3 items [Item]; 4 replicas i?`.
    init(_ notation: String) {
        fields = [:]
        for entry in notation.split(separator: ";") {
            let words = entry.split { $0 == " " || $0 == "\n" }.map(String.init)
            guard words.count == 3, let number = Int(words[0]) else { continue }
            var type = words[2]
            let isOptional = type.hasSuffix("?")
            if isOptional { type.removeLast() }
            let isRepeated = type.hasPrefix("[")
            if isRepeated { type = String(type.dropFirst().dropLast()) }
            let kind = type.hasPrefix("{") ? Kind.map(Self.kind(String(type.dropFirst().dropLast()))) : Self.kind(type)
            fields[number] = Field(name: words[1], kind: kind, isRepeated: isRepeated, isOptional: isOptional)
        }
    }

    private static func kind(_ word: String) -> Kind {
        switch word {
        case "s": .string
        case "y": .bytes
        case "i": .integer
        case "b": .boolean
        case "t": .time
        case "u": .microTime
        case "x": .intOrString
        default: .message(word)
        }
    }
}

/// The messages that typed clients send (kubectl's create, auth, token and drain commands, controllers' leases and
/// events): field numbers as in the `generated.proto` files of k8s.io/api and k8s.io/apimachinery 1.33.
///
/// `s` string, `y` bytes, `i` integer, `b` boolean, `t` Time, `u` MicroTime, `x` IntOrString, `{s}` map, `[s]` repeated,
/// `?` a pointer in Go. A message with a field that is not here is refused as a whole: nothing is dropped silently.
enum ProtobufMessages {
    static func message(_ name: String) -> ProtobufMessage? { table[name] }

    /// Kinds that can stand at the top, with their groups.
    static func isKnown(apiVersion: String, kind: String) -> Bool {
        if kind == "DeleteOptions" { return true }
        let group = apiVersion.contains("/") ? String(apiVersion.prefix { $0 != "/" }) : ""
        return kinds[group]?.contains(kind) ?? false
    }

    private static let kinds: [String: Set<String>] = [
        "": ["Namespace", "ConfigMap", "Secret", "ServiceAccount", "Service", "Event"],
        "rbac.authorization.k8s.io": ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
        "authorization.k8s.io": [
            "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview", "LocalSubjectAccessReview",
        ],
        "authentication.k8s.io": ["SelfSubjectReview", "TokenRequest", "TokenReview"],
        "policy": ["Eviction", "PodDisruptionBudget"],
        "coordination.k8s.io": ["Lease"],
        "apps": ["Deployment"],
        "batch": ["Job", "CronJob"],
    ]

    private static let table = notations.mapValues { ProtobufMessage($0) }

    private static let notations: [String: String] = [
        // meta/v1
        "ObjectMeta": """
        1 name s; 2 generateName s; 3 namespace s; 4 selfLink s; 5 uid s; 6 resourceVersion s; 7 generation i;
        8 creationTimestamp t; 9 deletionTimestamp t?; 10 deletionGracePeriodSeconds i?; 11 labels {s};
        12 annotations {s}; 13 ownerReferences [OwnerReference]; 14 finalizers [s]
        """,
        "OwnerReference": "1 kind s; 3 name s; 4 uid s; 5 apiVersion s; 6 controller b?; 7 blockOwnerDeletion b?",
        "DeleteOptions": """
        1 gracePeriodSeconds i?; 2 preconditions Preconditions?; 3 orphanDependents b?; 4 propagationPolicy s?;
        5 dryRun [s]; 6 ignoreStoreReadErrorWithClusterBreakingPotential b?
        """,
        "Preconditions": "1 uid s?; 2 resourceVersion s?",
        "LabelSelector": "1 matchLabels {s}; 2 matchExpressions [Requirement]",
        "Requirement": "1 key s; 2 operator s; 3 values [s]",
        // core/v1
        "Namespace": "1 metadata ObjectMeta; 2 spec NamespaceSpec; 3 status NamespaceStatus",
        "NamespaceSpec": "1 finalizers [s]",
        "NamespaceStatus": "1 phase s",
        "ConfigMap": "1 metadata ObjectMeta; 2 data {s}; 3 binaryData {y}; 4 immutable b?",
        "Secret": "1 metadata ObjectMeta; 2 data {y}; 3 type s; 4 stringData {s}; 5 immutable b?",
        "ServiceAccount": """
        1 metadata ObjectMeta; 2 secrets [ObjectReference]; 3 imagePullSecrets [LocalObjectReference];
        4 automountServiceAccountToken b?
        """,
        "ObjectReference": """
        1 kind s; 2 namespace s; 3 name s; 4 uid s; 5 apiVersion s; 6 resourceVersion s; 7 fieldPath s
        """,
        "LocalObjectReference": "1 name s",
        "Service": "1 metadata ObjectMeta; 2 spec ServiceSpec; 3 status ServiceStatus",
        "ServiceSpec": """
        1 ports [ServicePort]; 2 selector {s}; 3 clusterIP s; 4 type s; 5 externalIPs [s]; 7 sessionAffinity s;
        8 loadBalancerIP s; 9 loadBalancerSourceRanges [s]; 10 externalName s; 11 externalTrafficPolicy s;
        12 healthCheckNodePort i; 13 publishNotReadyAddresses b; 17 ipFamilyPolicy s?; 18 clusterIPs [s];
        19 ipFamilies [s]; 20 allocateLoadBalancerNodePorts b?; 21 loadBalancerClass s?;
        22 internalTrafficPolicy s?
        """,
        "ServicePort": "1 name s; 2 protocol s; 3 port i; 4 targetPort x; 5 nodePort i; 6 appProtocol s?",
        "ServiceStatus": "1 loadBalancer LoadBalancerStatus",
        "LoadBalancerStatus": "",
        "Event": """
        1 metadata ObjectMeta; 2 involvedObject ObjectReference; 3 reason s; 4 message s; 5 source EventSource;
        6 firstTimestamp t; 7 lastTimestamp t; 8 count i; 9 type s; 10 eventTime u; 11 series EventSeries?;
        12 action s; 13 related ObjectReference?; 14 reportingComponent s; 15 reportingInstance s
        """,
        "EventSource": "1 component s; 2 host s",
        "EventSeries": "1 count i; 2 lastObservedTime u",
        "PodTemplateSpec": "1 metadata ObjectMeta; 2 spec PodSpec",
        "PodSpec": """
        2 containers [Container]; 3 restartPolicy s; 4 terminationGracePeriodSeconds i?; 5 activeDeadlineSeconds i?;
        6 dnsPolicy s; 7 nodeSelector {s}; 8 serviceAccountName s; 9 serviceAccount s; 10 nodeName s;
        11 hostNetwork b; 12 hostPID b; 13 hostIPC b; 14 securityContext Empty?; 16 hostname s; 17 subdomain s;
        19 schedulerName s; 24 priorityClassName s
        """,
        "Empty": "",
        "Container": """
        1 name s; 2 image s; 3 command [s]; 4 args [s]; 5 workingDir s; 6 ports [ContainerPort]; 7 env [EnvVar];
        8 resources Empty; 13 terminationMessagePath s; 14 imagePullPolicy s; 16 stdin b; 17 stdinOnce b;
        18 tty b; 20 terminationMessagePolicy s
        """,
        "ContainerPort": "1 name s; 2 hostPort i; 3 containerPort i; 4 protocol s; 5 hostIP s",
        "EnvVar": "1 name s; 2 value s",
        // rbac.authorization.k8s.io/v1
        "PolicyRule": "1 verbs [s]; 2 apiGroups [s]; 3 resources [s]; 4 resourceNames [s]; 5 nonResourceURLs [s]",
        "Role": "1 metadata ObjectMeta; 2 rules [PolicyRule]",
        "ClusterRole": "1 metadata ObjectMeta; 2 rules [PolicyRule]; 3 aggregationRule AggregationRule?",
        "AggregationRule": "1 clusterRoleSelectors [LabelSelector]",
        "RoleBinding": "1 metadata ObjectMeta; 2 subjects [Subject]; 3 roleRef RoleRef",
        "ClusterRoleBinding": "1 metadata ObjectMeta; 2 subjects [Subject]; 3 roleRef RoleRef",
        "Subject": "1 kind s; 2 apiGroup s; 3 name s; 4 namespace s",
        "RoleRef": "1 apiGroup s; 2 kind s; 3 name s",
        // authorization.k8s.io/v1
        "SelfSubjectAccessReview": "1 metadata ObjectMeta; 2 spec SelfSubjectAccessReviewSpec; 3 status ReviewStatus",
        "SelfSubjectAccessReviewSpec": """
        1 resourceAttributes ResourceAttributes?; 2 nonResourceAttributes NonResourceAttributes?
        """,
        "SubjectAccessReview": "1 metadata ObjectMeta; 2 spec SubjectAccessReviewSpec; 3 status ReviewStatus",
        "LocalSubjectAccessReview": "1 metadata ObjectMeta; 2 spec SubjectAccessReviewSpec; 3 status ReviewStatus",
        "SubjectAccessReviewSpec": """
        1 resourceAttributes ResourceAttributes?; 2 nonResourceAttributes NonResourceAttributes?; 3 user s;
        4 groups [s]; 6 uid s
        """,
        "ResourceAttributes":
            "1 namespace s; 2 verb s; 3 group s; 4 version s; 5 resource s; 6 subresource s; 7 name s",
        "NonResourceAttributes": "1 path s; 2 verb s",
        "ReviewStatus": "1 allowed b; 2 reason s; 3 evaluationError s; 4 denied b",
        "SelfSubjectRulesReview": """
        1 metadata ObjectMeta; 2 spec SelfSubjectRulesReviewSpec; 3 status SubjectRulesReviewStatus
        """,
        "SelfSubjectRulesReviewSpec": "1 namespace s",
        "SubjectRulesReviewStatus": "3 incomplete b; 4 evaluationError s",
        // authentication.k8s.io/v1
        "SelfSubjectReview": "1 metadata ObjectMeta; 2 status SelfSubjectReviewStatus",
        "SelfSubjectReviewStatus": "1 userInfo UserInfo",
        "UserInfo": "1 username s; 2 uid s; 3 groups [s]",
        "TokenRequest": "1 metadata ObjectMeta; 2 spec TokenRequestSpec; 3 status TokenRequestStatus",
        "TokenRequestSpec": "1 audiences [s]; 3 boundObjectRef BoundObjectReference?; 4 expirationSeconds i?",
        "BoundObjectReference": "1 kind s; 2 apiVersion s; 3 name s; 4 uid s",
        "TokenRequestStatus": "1 token s; 2 expirationTimestamp t",
        "TokenReview": "1 metadata ObjectMeta; 2 spec TokenReviewSpec; 3 status TokenReviewStatus",
        "TokenReviewSpec": "1 token s; 2 audiences [s]",
        "TokenReviewStatus": "1 authenticated b; 3 error s; 4 audiences [s]",
        // policy/v1
        "Eviction": "1 metadata ObjectMeta; 2 deleteOptions DeleteOptions?",
        "PodDisruptionBudget": "1 metadata ObjectMeta; 2 spec PodDisruptionBudgetSpec; 3 status Disruptions",
        "PodDisruptionBudgetSpec": """
        1 minAvailable x?; 2 selector LabelSelector?; 3 maxUnavailable x?; 4 unhealthyPodEvictionPolicy s?
        """,
        "Disruptions":
            "1 observedGeneration i; 3 disruptionsAllowed i; 4 currentHealthy i; 5 desiredHealthy i; 6 expectedPods i",
        // coordination.k8s.io/v1
        "Lease": "1 metadata ObjectMeta; 2 spec LeaseSpec",
        "LeaseSpec": """
        1 holderIdentity s?; 2 leaseDurationSeconds i?; 3 acquireTime u?; 4 renewTime u?; 5 leaseTransitions i?;
        6 strategy s?; 7 preferredHolder s?
        """,
        // apps/v1, batch/v1
        "Deployment": "1 metadata ObjectMeta; 2 spec DeploymentSpec; 3 status DeploymentStatus",
        "DeploymentSpec": """
        1 replicas i?; 2 selector LabelSelector?; 3 template PodTemplateSpec; 4 strategy DeploymentStrategy;
        5 minReadySeconds i; 6 revisionHistoryLimit i?; 7 paused b; 9 progressDeadlineSeconds i?
        """,
        "DeploymentStrategy": "1 type s; 2 rollingUpdate RollingUpdate?",
        "RollingUpdate": "1 maxUnavailable x?; 2 maxSurge x?",
        "DeploymentStatus": """
        1 observedGeneration i; 2 replicas i; 3 updatedReplicas i; 4 availableReplicas i;
        5 unavailableReplicas i; 7 readyReplicas i
        """,
        "Job": "1 metadata ObjectMeta; 2 spec JobSpec; 3 status JobStatus",
        "JobSpec": """
        1 parallelism i?; 2 completions i?; 3 activeDeadlineSeconds i?; 4 selector LabelSelector?;
        5 manualSelector b?; 6 template PodTemplateSpec; 7 backoffLimit i?; 8 ttlSecondsAfterFinished i?
        """,
        "JobStatus": "4 active i; 5 succeeded i; 6 failed i",
        "CronJob": "1 metadata ObjectMeta; 2 spec CronJobSpec; 3 status Empty",
        "CronJobSpec": """
        1 schedule s; 2 startingDeadlineSeconds i?; 3 concurrencyPolicy s; 4 suspend b?; 5 jobTemplate JobTemplate;
        6 successfulJobsHistoryLimit i?; 7 failedJobsHistoryLimit i?; 8 timeZone s?
        """,
        "JobTemplate": "1 metadata ObjectMeta; 2 spec JobSpec",
    ]
}
