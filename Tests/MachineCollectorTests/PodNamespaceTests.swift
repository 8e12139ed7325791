import Diagnosis
import Foundation
import MachineCollector
import Testing

/// Which namespaces are looked into as whose: by what runtimes of several ages keep and say.
@Suite(.enabled(if: WitnessNamespace.isPossible, "needs root and iproute2"))
struct PodNamespaceTests {
    @Test func whoseNamespacesAreFound() throws {
        var spaces: [String: WitnessNamespace] = [:]
        defer { for space in spaces.values { space.remove() } }
        let root = FileManager.default.temporaryDirectory
            .appending(path: "poplin-pods-\(UInt32.random(in: 0 ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["/var/lib/cni/results", "/run/netns", "/proc/4242/ns"] {
            try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
        }
        for name in ["kept", "older", "renewed", "told", "numbered", "machine"] {
            let space = try WitnessNamespace("ip link add name \(name)0 type bridge")
            spaces[name] = space
            let path = name == "numbered" ? "/proc/4242/ns/net" : "/run/netns/\(name)"
            try FileManager.default.createSymbolicLink(
                atPath: root + path, withDestinationPath: "/run/netns/\(space.name)")
        }
        func keep(_ pod: String, _ container: String, _ rest: String) throws {
            let entry = """
                {"kind":"cniCacheV1","containerId":"\(container)","ifName":"eth0","networkName":"pods",
                 "cniArgs":[["K8S_POD_NAMESPACE","shop"],["K8S_POD_NAME","\(pod)"]],\(rest)}
                """
            try Data(entry.utf8).write(to: URL(filePath: "\(root)/var/lib/cni/results/pods-\(container)-eth0"))
        }
        // libcni since 1.2, and before; and what is left of a pod that was made anew.
        try keep("kept", "c1", #""netns":"/var/run/netns/kept","result":{}"#)
        try keep(
            "older", "c2",
            #""result":{"interfaces":[{"name":"veth1"},{"name":"eth0","sandbox":"/var/run/netns/older"}]}"#)
        try keep("renewed", "c3", #""netns":"/run/netns/gone","result":{}"#)
        let sandboxes = [
            ("renewed", #","netns":"/run/netns/renewed""#), ("told", #","netns":"/var/run/netns/told""#),
            ("numbered", #","pid":4242"#), ("machine", #","netns":"/run/netns/machine","hostNetwork":true"#),
        ].map { name, rest in
            """
            {"id":"s-\(name)","metadata":{"name":"\(name)","namespace":"shop"},"state":"SANDBOX_READY"\(rest)}
            """
        }
        var told = EvidenceTree()
        told.add(
            "{\"items\":[\(sandboxes.joined(separator: ","))]}",
            at: EvidencePath.node("here") + NodeEvidence.Part.sandboxes.path, from: FactSource("here: crictl pods"))
        var options = MachineCollectorOptions(node: "here")
        options.root = root
        let runtime = told
        let tree = MachineCollector(options).collect { runtime }
        let machine = try #require(FactBase(reading: tree).machines.first)
        for name in ["kept", "older", "renewed", "told", "numbered"] {
            let links = machine.pod("shop", name)?.links?.map(\.name) ?? []
            #expect(links.contains("\(name)0"), "\(name): \(links)")
        }
        #expect(machine.pod("shop", "machine") == nil)
    }
}
