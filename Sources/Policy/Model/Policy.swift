/// A policy of any dialect, as the evaluator, the compiler and the tools see it.
///
/// What a policy does to a pod, in each direction for which it has ``DirectionRules``:
/// - it *applies* when ``subject`` matches the pod (pods on the host's network are never subjects);
/// - the rules of all policies that apply are walked tier by tier in ``PolicyTier/order``, inside a tier by
///   ``PolicyRule/precedence``, then ``order``, then name, then the rule's place; the first match decides: allow and
///   deny are final, pass goes on with the next tier, log goes on with the next rule;
/// - where a tier ends without a match and one of its applied policies ``DirectionRules/isolates``, the tier's
///   ``PolicyTier/defaultAction`` decides; where none isolates, the next tier follows;
/// - after the last tier the connection is allowed.
///
/// Kubernetes' additive allows, Cilium's deny-beats-allow and Calico's ordered tiers are all this one walk with
/// different data.
public struct Policy: Sendable, Hashable {
    public var source: PolicySource
    /// Name of the tier, which ``PolicySet/tiers`` defines.
    public var tier: String
    public var order: PolicyOrder
    /// The pods it selects; namespaced dialects put the namespace into the expression (``LabelKey/namespaceName``).
    public var subject: LabelExpression
    public var subjectPlace: SourcePlace
    /// Nil: the policy has no say in this direction.
    public var ingress: DirectionRules?
    public var egress: DirectionRules?
    /// Calico's staged kinds: parsed and reported, never part of a verdict or of compiled entries.
    public var isStaged: Bool
    /// Parts of the policy outside its rules that are not enforced.
    public var unenforceable: [Unenforceable]

    public init(
        source: PolicySource, tier: String = PolicyTier.default.name, order: PolicyOrder = .kubernetes,
        subject: LabelExpression, subjectPlace: SourcePlace = .nowhere, ingress: DirectionRules? = nil,
        egress: DirectionRules? = nil, isStaged: Bool = false, unenforceable: [Unenforceable] = []
    ) {
        self.source = source
        self.tier = tier
        self.order = order
        self.subject = subject
        self.subjectPlace = subjectPlace
        self.ingress = ingress
        self.egress = egress
        self.isStaged = isStaged
        self.unenforceable = unenforceable
    }

    public var reference: PolicyReference { source.reference }

    public subscript(direction: Direction) -> DirectionRules? {
        direction == .ingress ? ingress : egress
    }

    /// What every rule and the policy itself could not take over.
    public var everythingUnenforceable: [Unenforceable] {
        unenforceable + [egress, ingress].flatMap { $0?.rules.flatMap(\.unenforceable) ?? [] }
    }
}

/// What a policy says about one direction.
public struct DirectionRules: Sendable, Hashable {
    /// Whether the mere presence of the policy closes the direction to what no rule allows. NetworkPolicy and Calico:
    /// always. AdminNetworkPolicy and its kin: never. Cilium: unless enableDefaultDeny says no.
    public var isolates: Bool
    /// Whether connections between a pod and the node it runs on are none of this policy's business. Kubernetes: in
    /// both directions. Cilium and Calico: ingress only.
    public var exemptsOwnNode: Bool
    public var rules: [PolicyRule]

    public init(isolates: Bool, exemptsOwnNode: Bool = true, rules: [PolicyRule]) {
        self.isolates = isolates
        self.exemptsOwnNode = exemptsOwnNode
        self.rules = rules
    }
}

public enum RuleAction: String, Hashable, Sendable, CaseIterable {
    case allow, deny, pass, log
}

/// A rule: when all that is given matches, the action is taken.
public struct PolicyRule: Sendable, Hashable {
    public var reference: RuleReference
    public var place: SourcePlace
    /// Of dialects whose rules have names.
    public var name: String?
    public var action: RuleAction
    /// Rules of a lower number come before all rules of a higher one in the same tier, whatever their policies'
    /// order. 0 except for Cilium's deny sections, which are -1 because there deny always beats allow.
    public var precedence: Int
    /// Alternatives for the other end of the connection. Nil: any end. Empty: none, the rule never matches.
    public var peers: [Peer]?
    /// Alternatives that the subject's own end must satisfy as well (Calico's entity rule on the near side). Nil: no
    /// constraint.
    public var nearEnd: [Peer]?
    /// Alternatives for protocol and ports. Nil: all traffic. Empty: none, the rule never matches.
    public var traffic: [TrafficMatch]?
    /// What of this rule is not enforced, in the order of the file. The terms `unenforceable` say where it counts.
    public var unenforceable: [Unenforceable]

    public init(
        _ reference: RuleReference, at place: SourcePlace = .nowhere, name: String? = nil, action: RuleAction,
        precedence: Int = 0, peers: [Peer]? = nil, nearEnd: [Peer]? = nil, traffic: [TrafficMatch]? = nil,
        unenforceable: [Unenforceable] = []
    ) {
        self.reference = reference
        self.place = place
        self.name = name
        self.action = action
        self.precedence = precedence
        self.peers = peers
        self.nearEnd = nearEnd
        self.traffic = traffic
        self.unenforceable = unenforceable
    }
}

/// A field that is understood but not enforced, or not understood at all. Never ignored: it is printed by every
/// command, and the rule it stands in fails closed.
public struct Unenforceable: Sendable, Hashable {
    /// From the object's root: `spec.egress[0].toFQDNs`.
    public var path: String
    /// One clause: `DNS names are not enforced yet`.
    public var reason: String
    public var place: SourcePlace

    public init(path: String, reason: String, at place: SourcePlace = .nowhere) {
        self.path = path
        self.reason = reason
        self.place = place
    }
}

/// The place of a policy inside its tier: by number, then by reference, so that equal numbers have one result.
public struct PolicyOrder: Sendable, Hashable, Comparable {
    /// Infinity: after all that have a number (Calico's unset order).
    public var number: Double

    public init(_ number: Double) { self.number = number.isNaN ? .infinity : number }

    /// NetworkPolicy and Cilium policies, as Calico places Kubernetes policies in its default tier.
    public static let kubernetes = PolicyOrder(1000)
    public static let last = PolicyOrder(.infinity)

    public static func < (left: PolicyOrder, right: PolicyOrder) -> Bool { left.number < right.number }
}

/// A group of policies with an order and a last word.
public struct PolicyTier: Sendable, Hashable, Comparable {
    public var name: String
    public var order: PolicyOrder
    /// For pods isolated in this tier by a policy that applies, when no rule matched. Deny or pass.
    public var defaultAction: RuleAction
    public var place: SourcePlace

    public init(name: String, order: PolicyOrder, defaultAction: RuleAction, at place: SourcePlace = .nowhere) {
        self.name = name
        self.order = order
        self.defaultAction = defaultAction
        self.place = place
    }

    /// AdminNetworkPolicy and ClusterNetworkPolicy of tier Admin. Names and numbers are Calico's, so that its own
    /// tiers fall between them as they do there.
    public static let admin = PolicyTier(name: "kube-admin", order: PolicyOrder(1000), defaultAction: .pass)
    /// NetworkPolicy, Cilium policies, and Calico policies without a tier.
    public static let `default` = PolicyTier(name: "default", order: PolicyOrder(1_000_000), defaultAction: .deny)
    /// BaselineAdminNetworkPolicy and ClusterNetworkPolicy of tier Baseline.
    public static let baseline = PolicyTier(
        name: "kube-baseline", order: PolicyOrder(10_000_000), defaultAction: .pass)

    public static let builtIn = [admin, `default`, baseline]

    public static func < (left: PolicyTier, right: PolicyTier) -> Bool {
        left.order == right.order ? left.name < right.name : left.order < right.order
    }
}
