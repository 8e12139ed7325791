/// How the catalogue's own remedy is taken back, and what it may break: for findings whose check says nothing nearer.
extension Cause {
    struct Safety: Sendable {
        let undo: String
        let risk: String

        init(_ undo: String, risk: String) {
            self.undo = undo
            self.risk = risk
        }
    }

    var safety: Safety? { Self.safeties[code] }

    private static let agentOnly = "one node's agent at a time; running pods keep their network"

    private static let safeties: [String: Safety] = [
        "API-01": Safety("none is needed: the token is made anew", risk: agentOnly),
        "API-02": Safety(
            "kubectl delete -f the same roles", risk: "the agent gets the rights its release was written for"),
        "API-03": Safety("put the former value back", risk: "none for connections that work now"),
        "AWS-02": Safety("delete the new subnet", risk: "none for pods that run"),
        "AWS-03": Safety(
            "delete the reservation or the new subnet", risk: "addresses in use in that part stay until released"),
        "AWS-06": Safety("scale the node group back", risk: "pods move only when you move them"),
        "AZR-02": Safety("delete the new subnet and node pool", risk: "pods move when the old pool is drained"),
        "AZR-03": Safety("none is needed: the next call makes its own lock", risk: "only while no plugin process runs"),
        "AZR-04": Safety("take the pool out again", risk: "none for pods that run"),
        "BGP-03": Safety(
            "put the former value back", risk: "the session starts anew; routes of this peer are gone for seconds"),
        "BPF-02": Safety("roll back to the image of before", risk: agentOnly),
        "BPF-06": Safety("put the former value back", risk: "only the endpoint the log names"),
        "CFG-01": Safety("delete the file again", risk: "new pods use it at once"),
        "CFG-07": Safety(
            "put the former plugins or cniVersion back", risk: "new pods use it at once; running pods keep theirs"),
        "CFG-10": Safety("kubectl delete the definition, or the former annotation", risk: "only the pods that name it"),
        "DNS-06": Safety("take the option or the DaemonSet out again", risk: "pods are made anew to get new options"),
        "GCP-01": Safety("delete the rule", risk: "opens that port to the control plane only"),
        "ING-02": Safety(
            "take the tags or the annotation away again", risk: "load balancers are made in those subnets"),
        "ING-03": Safety("lower it again", risk: "none for what works now"),
        "ING-05": Safety(
            "delete the rule or policy that lets it through", risk: "opens the way to the solver's pods only"),
        "ING-06": Safety("name the former secret again", risk: "clients see the new certificate at once"),
        "ING-07": Safety(
            "create the removed one again: keep a copy", risk: "the host and path are served by the one that stays"),
        "INS-01": Safety("put the former value back", risk: agentOnly),
        "INS-03": Safety("remove the files that were added", risk: "none: only what was missing is added"),
        "INS-04": Safety("none: the process that hangs does no work", risk: "a pod that waits for it is tried again"),
        "INS-07": Safety("modprobe -r NAME, and take the file away", risk: "none for what runs"),
        "INS-08": Safety(
            "install the build of before", risk: "new pods use it at once; running pods keep their network"),
        "INS-09": Safety(
            "helm rollback, or the manifests of before: keep a copy of the custom resources", risk: agentOnly),
        "INS-11": Safety("mount --make-private /", risk: "none for what runs"),
        "INS-12": Safety("kubectl apply the manifest of before: keep a copy", risk: agentOnly),
        "IPM-04": Safety("none: what is released is given out again", risk: "only for what no pod and no node uses"),
        "IPM-05": Safety("kubectl uncordon the node", risk: "pods of the node move"),
        "IPM-12": Safety("disable the pool, or put the former selector back", risk: "new pods take addresses of it"),
        "MCL-05": Safety("delete the export again", risk: "the other clusters see the Service under that name"),
        "MSH-01": Safety(
            "none is needed: the Deployment makes its pods anew", risk: "pods are replaced one after the other"),
        "MSH-03": Safety("put the former ones back: keep a copy", risk: "routes of that host change at once"),
        "MSH-04": Safety("put the former limit back", risk: "pods are made anew with it, one after the other"),
        "MSH-05": Safety("put the former chain back: keep a copy of the file", risk: "new pods use it at once"),
        "NOD-04": Safety("put the former values back", risk: agentOnly),
        "RTE-19": Safety("none: the agent writes what belongs there", risk: agentOnly),
        "SVC-06": Safety("bind to the former address", risk: "others than this machine reach the socket then"),
        "WHK-01": Safety("delete the rule", risk: "opens the webhook's port to the control plane only"),
    ]
}

extension Diagnosis.Fix {
    /// With what is said of every step that changes something: how it is taken back, and what it may break.
    func completed(_ cause: Cause?) -> Diagnosis.Fix {
        var fix = self
        let onlyReads = risk.hasPrefix("none: ") && ["read", "look"].contains { risk.contains($0) }
        if fix.undo.isEmpty { fix.undo = onlyReads ? "nothing is changed" : cause?.safety?.undo ?? "" }
        if fix.risk.isEmpty { fix.risk = cause?.safety?.risk ?? "" }
        return fix
    }
}
