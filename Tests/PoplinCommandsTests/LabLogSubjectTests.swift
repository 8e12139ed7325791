import KubernetesModel
import Testing

@testable import PoplinCommands

@Suite struct LabLogSubjectTests {
    private let nodes = ["node-1", "node-2"]

    @Test func parts() {
        for (text, part) in [
            ("supervisor", "supervisor"), ("apiserver", "apiserver"), ("controllers", "controllers"),
            ("controller", "controllers"), ("scheduler", "controllers"), ("api", "apiserver"),
        ] {
            #expect(LabLogSubject(text, namespace: "default", nodes: nodes) == .part(part))
        }
    }

    @Test func ofNodes() {
        #expect(LabLogSubject("node-1", namespace: "default", nodes: nodes) == .kubelets(["node-1"]))
        #expect(LabLogSubject("kubelet", namespace: "default", nodes: nodes) == .kubelets(nodes))
        #expect(LabLogSubject("agent", namespace: "default", nodes: nodes) == .agents(nodes))
        #expect(LabLogSubject("node-2/agent", namespace: "default", nodes: nodes) == .agents(["node-2"]))
        #expect(LabLogSubject("node-2/kubelet", namespace: "default", nodes: nodes) == .kubelets(["node-2"]))
    }

    /// A namespace may be called as anything but a node, and a pod of the name of a part is named with its namespace.
    @Test func pods() {
        for (text, namespace, name) in [
            ("web-0", "shop", "web-0"), ("kube-system/web-0", "kube-system", "web-0"), ("shop/agent", "shop", "agent"),
        ] {
            let key = ObjectKey(namespace: namespace, name: name)
            #expect(LabLogSubject(text, namespace: "shop", nodes: nodes) == .pod(key))
        }
    }

    @Test func prefixes() {
        var lines = LinePrefix("node-1")
        #expect(String(decoding: lines.lines(Array("a\nb".utf8)), as: UTF8.self) == "[node-1] a\n")
        #expect(String(decoding: lines.lines(Array("c\n".utf8)), as: UTF8.self) == "[node-1] bc\n")
        #expect(lines.end() == [])
        _ = lines.lines(Array("last".utf8))
        #expect(String(decoding: lines.end(), as: UTF8.self) == "[node-1] last\n")
        var plain = LinePrefix(nil)
        #expect(String(decoding: plain.lines(Array("a\nb".utf8)), as: UTF8.self) == "a\nb")
    }
}
