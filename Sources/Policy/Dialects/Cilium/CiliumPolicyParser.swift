import JSONTree

/// One `spec`, or one element of `specs`.
struct CiliumPolicyParser {
    let reader: DialectReader
    let reference: PolicyReference
    let isNamespaced: Bool

    static let fields = [
        "endpointSelector", "nodeSelector", "ingress", "ingressDeny", "egress", "egressDeny", "enableDefaultDeny",
        "labels", "description", "log",
    ]

    private var scope: LabelRequirement? {
        isNamespaced ? LabelRequirement(.namespaceName, .isIn, [reader.reference.namespace]) : nil
    }

    func policy(_ spec: JSONNode, _ path: String) -> Policy {
        reader.refuseUnknown(in: spec, known: Self.fields)
        let (subject, isBroken) = subject(spec)
        let defaults = reader.object("enableDefaultDeny", of: spec)
        if let defaults { reader.refuseUnknown(in: defaults, known: ["ingress", "egress"]) }
        let ofPolicy = reader.takeUnenforceable()
        func rules(_ direction: Direction) -> DirectionRules? {
            let name = direction.rawValue
            var rules: [PolicyRule] = []
            for (list, action) in [("\(name)Deny", RuleAction.deny), (name, .allow)] {
                for (index, node) in reader.elements(list, of: spec).enumerated() {
                    let rule = CiliumRuleParser(
                        reader: reader, scope: scope, direction: direction, action: action, isSubjectBroken: isBroken)
                    let reference = RuleReference(
                        policy: reference, direction: direction, path: "\(path).\(list)[\(index)]", index: index)
                    rules.append(rule.rule(node, reference))
                }
            }
            // pkg/policy/api/rule_validation.go: the default posture is deny as soon as the direction has any rule.
            let isolates = reader.bool(name, of: defaults) ?? !rules.isEmpty
            if rules.isEmpty, !isolates { return nil }
            return DirectionRules(isolates: isolates, exemptsOwnNode: direction == .ingress, rules: rules)
        }
        var source = reader.source
        source.reference = reference
        return Policy(
            source: source, subject: subject, subjectPlace: SourcePlace(spec.member("endpointSelector") ?? spec),
            ingress: rules(.ingress), egress: rules(.egress), unenforceable: ofPolicy)
    }

    /// The pods the policy is about, and whether its selector could not be read. Such a selector stands for every pod
    /// of the namespace, closed; of a clusterwide policy for none, because that would close the cluster.
    private func subject(_ spec: JSONNode) -> (LabelExpression, isBroken: Bool) {
        let everything = LabelExpression.all((scope.map { [$0] } ?? []).map { .requirement($0) })
        if let nodes = reader.field("nodeSelector", of: spec) {
            if reader.field("endpointSelector", of: spec) != nil {
                _ = reader.refused(nodes, "nodeSelector and endpointSelector exclude each other")
                return (isNamespaced ? everything : .nothing, true)
            }
            reader.notEnforced(nodes, "policies are not applied to nodes; no pod is affected")
            return (.nothing, false)
        }
        guard let node = reader.field("endpointSelector", of: spec) else {
            _ = reader.refused(spec, "one of endpointSelector and nodeSelector is required")
            return (isNamespaced ? everything : .nothing, true)
        }
        let selector = reader.ciliumSelector(node)
        if !selector.unenforceable.isEmpty { return (isNamespaced ? everything : .nothing, true) }
        // No pod is a reserved identity.
        if !selector.entities.isEmpty { return (.nothing, false) }
        return (everything.and(.all(selector.requirements.map { .requirement($0) })), false)
    }
}
