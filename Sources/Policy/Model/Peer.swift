import Addressing

/// One alternative of what the other end of a flow may be: all terms hold. A rule lists alternatives and matches when
/// one of them does.
public struct Peer: Hashable, Sendable {
    /// ANDed. The empty list matches every end, pod or not.
    public var terms: [PeerTerm]
    /// `from[1]`, `toCIDRSet[0]`, `source`: the list item the alternative was written as.
    public var place: SourcePlace

    public init(_ terms: [PeerTerm], at place: SourcePlace = .nowhere) {
        self.terms = terms
        self.place = place
    }
}

/// One predicate over an end of a flow.
public indirect enum PeerTerm: Hashable, Sendable {
    /// A pod of the pod network (never one on the host's network) whose labels match. This is how podSelector,
    /// namespaceSelector, service accounts and Cilium's endpoint selectors are all said.
    case pods(LabelExpression)
    /// The end's address lies in one of the blocks, if `scope` lets the end be matched by address at all.
    case addresses([AddressBlock], scope: AddressScope)
    /// The end's address lies in a network set of the cluster state whose labels match (own: the set's labels;
    /// namespace: those of a namespaced set). Calico: `selector` matches pods and sets, so its parser writes
    /// ``anyOf(_:)`` of `pods` and `networkSets`.
    case networkSets(LabelExpression, scope: AddressScope)
    /// The end's address is an endpoint address of the service.
    case service(namespace: String, name: String)
    /// A node (or a pod on its network) whose labels match.
    case nodes(LabelExpression)
    case entity(Entity)
    case anyOf([PeerTerm])
    /// Calico's notNets, notSelector. Note that `not(pods(x))` holds for ends that are no pods, while
    /// `pods(.not(x))` still needs a pod.
    case not(PeerTerm)
    /// Something that cannot be enforced (a DNS name, a cloud group, an unreadable selector): neither true nor
    /// false. An allow that depends on it does not allow; a deny or pass that depends on it denies. The text is the
    /// same as in the rule's ``PolicyRule/unenforceable`` list.
    case unenforceable(String)
}

/// A prefix with holes.
public struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    public var prefix: IPPrefix
    /// A hole in this block only; another block or rule may still match it.
    public var except: [IPPrefix]
    public var place: SourcePlace

    public init(_ prefix: IPPrefix, except: [IPPrefix] = [], at place: SourcePlace = .nowhere) {
        self.prefix = prefix
        self.except = except
        self.place = place
    }

    public func contains(_ address: IPAddress) -> Bool {
        prefix.contains(address) && !except.contains { $0.contains(address) }
    }

    public var description: String {
        except.isEmpty ? "\(prefix)" : "\(prefix) except \(except.map(\.description).joined(separator: ", "))"
    }
}

/// Which ends an address predicate may match.
public enum AddressScope: UInt8, Hashable, Sendable {
    /// Whatever has the address, pods and nodes included (Kubernetes ipBlock as the reference tests expect it,
    /// networks of ClusterNetworkPolicy, Calico nets).
    case anyEnd
    /// Only ends outside the cluster (Cilium's CIDR rules).
    case outsideCluster
    /// Ends outside the cluster and nodes (Cilium with policy-cidr-match-mode=nodes).
    case outsidePods
}

/// Ends that are known by what they are. The words are Cilium's.
public enum Entity: String, Hashable, Sendable, CaseIterable {
    case all
    /// Neither a pod nor a node of the cluster.
    case world
    case worldIPv4 = "world-ipv4"
    case worldIPv6 = "world-ipv6"
    /// Pods, nodes and the API server.
    case cluster
    /// The node the subject runs on, and pods on that node's network.
    case host
    /// Every other node.
    case remoteNode = "remote-node"
    /// The endpoints of the service default/kubernetes.
    case kubeAPIServer = "kube-apiserver"
    /// These have no bearer in the cluster state, so they match nothing.
    case health, ingress, unmanaged
    case initialising = "init"
    case none
}
