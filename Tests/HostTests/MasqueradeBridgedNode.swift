import Addressing
import Foundation
import Synchronization
import Testing

/// A node with a bridge (10.88.0.1/16, fd00:10::1/64) that forwards, made with `ip` so that the packet filter can be
/// tested without a plugin that makes links.
final class BridgedNode: Sendable {
    let node: TestNode
    private let pods = Mutex(0)

    init(_ node: TestNode) throws {
        self.node = node
        let host = node.namespace
        try host.check(["ip", "link", "add", "cni0", "type", "bridge"])
        try host.check(["ip", "addr", "add", "10.88.0.1/16", "dev", "cni0"])
        try host.check(["ip", "addr", "add", "fd00:10::1/64", "dev", "cni0", "nodad"])
        try host.check(["ip", "link", "set", "cni0", "up"])
        try host.write(sysctl: "net/ipv4/ip_forward", "1")
        try host.write(sysctl: "net/ipv6/conf/all/forwarding", "1")
    }

    /// A pod with these addresses, its default routes through the bridge. Its link on the node is `veth-N`.
    func makePod(_ v4: String, _ v6: String) throws -> TestNamespace {
        let number = pods.withLock { count in
            count += 1
            return count
        }
        let pod = try node.makeNamespace("pod")
        try pod.check(["ip", "link", "set", "lo", "up"])
        try node.namespace.check([
            "ip", "link", "add", "veth-\(number)", "type", "veth", "peer", "name", "eth0", "netns", pod.name,
        ])
        try node.namespace.check(["ip", "link", "set", "veth-\(number)", "master", "cni0", "up"])
        // With br_netfilter a pod reaches its own published port only through a hairpin.
        try node.namespace.check(["ip", "link", "set", "veth-\(number)", "type", "bridge_slave", "hairpin", "on"])
        try pod.check(["ip", "addr", "add", "\(v4)/16", "dev", "eth0"])
        try pod.check(["ip", "addr", "add", "\(v6)/64", "dev", "eth0", "nodad"])
        try pod.check(["ip", "link", "set", "eth0", "up"])
        try pod.check(["ip", "route", "add", "default", "via", "10.88.0.1"])
        try pod.check(["ip", "-6", "route", "add", "default", "via", "fd00:10::1"])
        return pod
    }

    func addresses(_ texts: String...) -> [InterfaceAddress] { texts.map { InterfaceAddress($0)! } }
}

/// Errors from several threads.
final class Failures: Sendable {
    private let errors = Mutex<[String]>([])
    var list: [String] { errors.withLock { $0 } }

    func collect(_ body: () throws -> Void) {
        do { try body() } catch { errors.withLock { $0.append("\(error)") } }
    }
}
