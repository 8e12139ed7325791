import Findings

/// What lint can say, with what it means. The document docs/reference/lint-codes.md is made from this table.
public struct LintCode: Sendable, Hashable {
    public let code: String
    public let title: String
    /// Two or three sentences: what is wrong, how it comes about, what is right.
    public let explanation: String

    public static let all: [LintCode] = [
        LintCode(
            code: "POL-00", title: "Suppression without a reason",
            explanation: """
                The annotation poplin.dev/lint-ignore names a code and why it may be ignored: "POL-06: opened on purpose, \
                see ticket 12". Without a reason, or with a code that does not exist, it suppresses nothing.
                """),
        LintCode(
            code: "POL-01", title: "A Service that nobody may reach",
            explanation: """
                As soon as one policy selects a pod for ingress, the pod takes only what some policy allows. Here pods are \
                selected, a Service sends to them, and no rule of any policy lets anybody in at that port: one policy too \
                many, or an allow that was forgotten or names another port.
                """),
        LintCode(
            code: "POL-02", title: "The policy selects no pod at present",
            explanation: """
                There are pods in reach of the policy and none of them matches its selector. Where a pod nearly matches, the \
                difference is shown. Told apart from POL-19, where no pod ever could match.
                """),
        LintCode(
            code: "POL-04", title: "Two peers where one was probably meant",
            explanation: """
                A list item with only a namespaceSelector beside one with only a podSelector is an OR: every pod of those \
                namespaces, and those pods of the policy's own namespace. One item with both selectors is the AND.
                """),
        LintCode(
            code: "POL-05", title: "A namespace is selected by a label it does not have",
            explanation: """
                Kubernetes puts the label kubernetes.io/metadata.name on every namespace. A label called name is there only \
                when somebody put it there.
                """),
        LintCode(
            code: "POL-06", title: "Empty policyTypes",
            explanation: """
                An empty policyTypes is filled in by the API server as Ingress (and Egress when there are egress rules). A policy \
                with neither rules nor types therefore locks ingress; it does not open anything.
                """),
        LintCode(
            code: "POL-07", title: "Nothing enforces the policy",
            explanation: """
                Policies are only words until an agent on every node puts them into force. Agents are known by the labels of \
                their pods; where one is known and none of them knows this kind of policy, the policy has no effect at all. \
                Flannel, for one, enforces none.
                """),
        LintCode(
            code: "POL-08", title: "A DNS name that never gets an address",
            explanation: """
                Cilium learns the addresses of toFQDNs from DNS answers that pass its proxy, and the proxy sees only queries \
                that a rule with rules.dns lets through. A name that no such rule for the same pods admits has no address, \
                so the rule allows nothing.
                """),
        LintCode(
            code: "POL-09", title: "The policy is not in force",
            explanation: """
                The policy's own status says so: the agent refused it, a node reports an error, or what was last acted upon \
                is an older generation of the object. Connections meanwhile are judged by the policy as it was.
                """),
        LintCode(
            code: "POL-10", title: "More entries than a policy map holds",
            explanation: """
                Cilium keeps for each pod one entry for each set of labels and block of ports it may talk to, 16,384 in all \
                unless it is told otherwise. When they do not fit, the pod keeps the policy it had, and only the agent's log \
                says so.
                """),
        LintCode(
            code: "POL-11", title: "A service mesh is cut off",
            explanation: """
                Proxies of a mesh need more than the application's ports: their control plane for configuration and \
                certificates (Istio 15012, Linkerd 8080, 8086 and 8090), its webhook, which the API server asks \
                (15017; 8443), and in Istio's ambient mode TCP 15008, at which everything arrives whatever port it is for.
                """),
        LintCode(
            code: "POL-12", title: "An address block over addresses of the cluster",
            explanation: """
                Policies see a connection after Service translation, so an egress block over Service addresses never matches. \
                Addresses of pods change with every restart. Cilium's CIDR rules do not match pods at all.
                """),
        LintCode(
            code: "POL-13", title: "A narrower rule beside a wider one",
            explanation: """
                Rules are added up. A rule that looks into requests or names narrows nothing when another rule allows all of \
                that traffic to the same pods.
                """),
        LintCode(
            code: "POL-14", title: "DNS is allowed on the Service's port, not on the pods'",
            explanation: """
                Policies see the port of the DNS pod. Where the Service translates port 53 to another (5353 on OpenShift), a rule \
                for port 53 allows nothing.
                """),
        LintCode(
            code: "POL-15", title: "Instances are named instead of the workload",
            explanation: """
                Blocks that hold some pods of a workload and leave out others were written when it had fewer; labels that \
                controllers set anew with every pod or roll-out no longer match after the next. Select the workload by its \
                own labels.
                """),
        LintCode(
            code: "POL-16", title: "A chart's policy closes pods of others",
            explanation: """
                The policy came with a Helm release and selects pods that do not belong to it. Whoever runs those pods did \
                not write it and may not know of it.
                """),
        LintCode(
            code: "POL-18", title: "A field is not enforced",
            explanation: """
                The field is understood, but nothing enforces it yet. A rule that allows and depends on it allows nothing; a rule \
                that denies and depends on it denies.
                """),
        LintCode(
            code: "POL-19", title: "Can never match",
            explanation: """
                Whatever pods there are, the selector or block contradicts itself: two values for one label, a label that must be \
                present and absent, an exception as large as its block, ports without a port.
                """),
        LintCode(
            code: "POL-20", title: "The rule adds nothing to the others",
            explanation: """
                Everything the rule allows or denies in this cluster is decided the same way without it. Worked out exactly between \
                classes of pods; where one other rule covers it in every cluster, that rule is named.
                """),
        LintCode(
            code: "POL-21", title: "Egress is closed and DNS with it",
            explanation: """
                The pods may reach something, but not the cluster's DNS: names will not resolve. The DNS endpoints are taken from the \
                kube-dns Service and its EndpointSlices, and from NodeLocal DNS where it runs.
                """),
        LintCode(
            code: "POL-22", title: "Pods on the host's network are not selected",
            explanation: """
                A pod on its node's network has the node's address: label selectors never match it and policies never apply to it. \
                As a peer it can only be named by an address block.
                """),
        LintCode(
            code: "POL-23", title: "Nobody has a port of this name",
            explanation: """
                A named port is looked up among the container ports of the destination pods, with its protocol. None of the pods \
                the rule is about has one, so it matches nothing.
                """),
        LintCode(
            code: "POL-24", title: "One address family is left out",
            explanation: """
                A block for all of IPv4 says nothing about IPv6: an allow leaves IPv6 closed, a deny leaves it open. The pods of this \
                cluster have addresses of both families.
                """),
        LintCode(
            code: "POL-25", title: "Rules for a direction that is not in force",
            explanation: """
                policyTypes decides which directions a policy is about. Rules of a direction that it leaves out are ignored, and an \
                empty egress list without Egress in policyTypes closes nothing.
                """),
        LintCode(
            code: "POL-26", title: "The rule's peers match nothing at present",
            explanation: """
                No pod, node or network set of this cluster matches any of the rule's peers. Told apart from POL-19, where nothing \
                ever could.
                """),
    ]

    public static func titled(_ code: String) -> LintCode? { all.first { $0.code == code } }
}

/// A finding of lint, with the policy it is about.
public struct LintFinding: Sendable {
    public var policy: PolicyReference?
    public var finding: Finding
    /// The reason given in the policy's annotation for not caring; nil when it counts.
    public var ignoredBecause: String?

    public init(policy: PolicyReference?, finding: Finding, ignoredBecause: String? = nil) {
        self.policy = policy
        self.finding = finding
        self.ignoredBecause = ignoredBecause
    }
}
