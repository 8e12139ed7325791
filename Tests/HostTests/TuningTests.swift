import Foundation
import Glibc
import Testing

/// The tuning plugin by itself, on a veth that the test makes.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct TuningTests {
    /// A pod with `eth0`, whose other end stays on the node.
    private func withPod(_ body: (TestNode, TestNamespace) throws -> Void) throws {
        try TestNode.with { node in
            let pod = try node.makeNamespace()
            try node.namespace.check(
                ["ip", "link", "add", "veth0", "type", "veth", "peer", "name", "eth0", "netns", pod.name])
            try pod.check(["ip", "link", "set", "eth0", "address", "02:00:00:00:00:aa", "up"])
            try body(node, pod)
        }
    }

    private func attachment(
        _ node: TestNode, _ pod: TestNamespace?, _ tuning: JSON, container: String = "c1",
        plugins: PluginSet? = nil
    ) throws -> Attachment {
        var entry = tuning
        entry["type"] = "tuning"
        if entry["dataDir"] == nil { entry["dataDir"] = .string(node.tuningDirectory) }
        entry["capabilities"] = ["mac": true]
        let list: JSON = ["cniVersion": "1.1.0", "name": "net", "plugins": .array([entry])]
        return Attachment(
            node: node, plugins: try plugins ?? PluginSet.poplin(), list: list, containerID: container,
            interface: "eth0", pod: pod)
    }

    private func previous(_ pod: TestNamespace) -> JSON {
        [
            "cniVersion": "1.1.0",
            "interfaces": [
                ["name": "eth0", "mac": "02:00:00:00:00:aa", "sandbox": .string(pod.path)], ["name": "veth0"],
            ],
            "x-unknown": "kept",
        ]
    }

    private func link(_ pod: TestNamespace) throws -> JSON {
        try #require(try pod.json(["ip", "-j", "-d", "link", "show", "eth0"]).elements.first)
    }

    private func call(_ command: String, _ attachment: Attachment, _ previous: JSON?) throws -> PluginAnswer {
        try attachment.call(command, attachment.entries[0], previous: previous)
    }

    @Test func everythingIsSetReportedCheckedAndPutBack() throws {
        try withPod { node, pod in
            let one = try attachment(
                node, pod,
                [
                    "sysctl": [
                        "net.core.somaxconn": "500", "net.ipv4.conf.IFNAME.arp_filter": "1",
                        "net.ipv4.ip_local_port_range": "20000 30000",
                    ],
                    "mac": "02:00:00:00:00:bb", "mtu": 1400, "promisc": true, "allmulti": true, "txQLen": 77,
                ])
            let before = try link(pod)
            let added = try call("ADD", one, previous(pod))
            #expect(added.succeeded, "\(added)")
            let interface = added.json?["interfaces"]?.elements.first
            #expect(interface?["mac"] == "02:00:00:00:00:bb")
            #expect(interface?["mtu"] == 1400)
            #expect(added.json?["x-unknown"] == "kept")

            let tuned = try link(pod)
            #expect(tuned["address"] == "02:00:00:00:00:bb")
            #expect(tuned["mtu"] == 1400)
            #expect(tuned["txqlen"] == 77)
            #expect(tuned["promiscuity"] == 1)
            #expect(tuned["flags"]?.elements.contains("ALLMULTI") == true)
            #expect(try pod.read(sysctl: "net/core/somaxconn") == "500")
            #expect(try pod.read(sysctl: "net/ipv4/conf/eth0/arp_filter") == "1")
            #expect(try pod.read(sysctl: "net/ipv4/ip_local_port_range") == "20000\t30000")
            #expect(node.files(under: node.tuningDirectory) == ["c1_eth0.json"])
            #expect(try node.namespace.json(["ip", "-j", "link", "show", "veth0"]).elements.first?["mtu"] == 1500)

            #expect(try call("CHECK", one, added.json).succeeded)
            try pod.check(["ip", "link", "set", "eth0", "mtu", "1300", "promisc", "off"])
            try pod.write(sysctl: "net/core/somaxconn", "7")
            let checked = try call("CHECK", one, added.json)
            #expect(checked.code == 103)
            #expect(
                checked.json?["details"]?.string == """
                    sysctl net.core.somaxconn should be "500", is "7"
                    eth0: the MTU should be 1400, is 1300
                    eth0: promiscuous mode should be on, is off
                    """, "\(checked)")

            #expect(try call("DEL", one, added.json).succeeded)
            #expect(try link(pod).removing(["promiscuity"]) == before.removing(["promiscuity"]))
            #expect(node.files(under: node.tuningDirectory) == [])
            // Again, and with everything gone.
            #expect(try call("DEL", one, nil).succeeded)
            let gone = try attachment(node, nil, ["mtu": 1400])
            #expect(try call("DEL", gone, nil).succeeded)
        }
    }

    @Test func anInterfaceWithDotsInItsName() throws {
        try withPod { node, pod in
            try pod.check(["ip", "link", "set", "eth0", "down", "name", "eth0.5"])
            let plain = try attachment(node, pod, ["sysctl": ["net.ipv4.conf.IFNAME.arp_filter": "1"]])
            let one = Attachment(
                node: node, plugins: plain.plugins, list: plain.list, containerID: "c1", interface: "eth0.5", pod: pod)
            let added = try call("ADD", one, previous(pod))
            #expect(added.succeeded, "\(added)")
            #expect(try pod.read(sysctl: "net/ipv4/conf/eth0.5/arp_filter") == "1")
            #expect(try call("CHECK", one, added.json).succeeded)
        }
    }

    /// The kernel changes what it can before it refuses the rest.
    @Test(arguments: [
        (["mtu": 70000, "mac": "02:00:00:00:00:bb"] as JSON, Int64(7), "plugins"),
        (["mtu": 30, "mac": "02:00:00:00:00:bb", "promisc": true] as JSON, 100, "mtu"),
        (
            ["sysctl": ["net.core.somaxconn": "500", "net.core.no_such": "1"], "mtu": 1400] as JSON, 7,
            "no such setting"
        ),
        (
            ["sysctl": ["net.core.somaxconn": "500", "net.ipv4.ip_forward": "many"], "mtu": 1400] as JSON, 7,
            "does not take"
        ),
    ])
    func aFailedAddPutsEverythingBack(tuning: JSON, code: Int64, text: String) throws {
        try withPod { node, pod in
            let one = try attachment(node, pod, tuning)
            let before = try link(pod)
            let somaxconn = try pod.read(sysctl: "net/core/somaxconn")
            let added = try call("ADD", one, previous(pod))
            #expect(added.code == code, "\(added)")
            #expect(try link(pod) == before)
            #expect(try pod.read(sysctl: "net/core/somaxconn") == somaxconn)
            #expect(node.files(under: node.tuningDirectory) == [])
        }
    }

    @Test func withoutAnInterfaceOrAPreviousResultItSaysWhereItBelongs() throws {
        try withPod { node, pod in
            let one = try attachment(node, pod, ["mtu": 1400])
            #expect(try call("ADD", one, nil).code == 109)
            try pod.check(["ip", "link", "delete", "eth0"])
            let added = try call("ADD", one, previous(pod))
            #expect(added.code == 109)
            #expect(added.message == "there is no interface eth0 to tune")
        }
    }

    /// An ADD that was killed is tried again without a DEL in between.
    @Test func aSecondAddDoesNotTakeTheFirstOnesChangesForTheOriginal() throws {
        try withPod { node, pod in
            let one = try attachment(node, pod, ["mtu": 1400])
            #expect(try call("ADD", one, previous(pod)).succeeded)
            #expect(try call("ADD", one, previous(pod)).succeeded)
            #expect(try call("DEL", one, nil).succeeded)
            #expect(try link(pod)["mtu"] == 1500)
        }
    }

    /// A node is switched over with containers running, and back.
    @Test(arguments: [true, false]) func backupsAreReadBothWays(oursFirst: Bool) throws {
        try withPod { node, pod in
            let tuning: JSON = ["mtu": 1400, "mac": "02:00:00:00:00:bb", "promisc": true, "allmulti": true]
            var list = try attachment(node, pod, tuning).list
            list["cniVersion"] = "1.0.0"
            let attachments = [try PluginSet.poplin(), PluginSet.reference].map {
                Attachment(node: node, plugins: $0, list: list, containerID: "c1", interface: "eth0", pod: pod)
            }
            var result = previous(pod)
            result["cniVersion"] = "1.0.0"
            let before = try link(pod)
            let added = try call("ADD", attachments[oursFirst ? 0 : 1], result)
            #expect(added.succeeded, "\(added)")
            #expect(try link(pod)["mtu"] == 1400)
            let deleted = try call("DEL", attachments[oursFirst ? 1 : 0], added.json)
            #expect(deleted.succeeded, "\(deleted)")
            #expect(try link(pod) == before)
            #expect(node.files(under: node.tuningDirectory) == [])
        }
    }

    @Test func garbageCollectionRemovesBackupsOfContainersThatAreGone() throws {
        try withPod { node, pod in
            for container in ["c1", "c2"] {
                #expect(
                    try call("ADD", try attachment(node, pod, ["mtu": 1400], container: container), previous(pod))
                        .succeeded)
            }
            var entry = try attachment(node, pod, [:]).entries[0]
            let one = try attachment(node, nil, [:])
            #expect(try one.call("GC", entry, previous: nil).succeeded)
            #expect(node.files(under: node.tuningDirectory) == ["c1_eth0.json", "c2_eth0.json"])
            entry["cni.dev/valid-attachments"] = [["containerID": "c2", "ifname": "eth0"]]
            #expect(try one.call("GC", entry, previous: nil).succeeded)
            #expect(node.files(under: node.tuningDirectory) == ["c2_eth0.json"])
        }
    }

    /// The allow-list stands at a fixed path: a mount namespace of the test's own puts a file there.
    @Test func theAllowListIsObeyed() throws {
        try withPod { node, pod in
            let list = "\(node.directory)/allow"
            try FileManager.default.createDirectory(atPath: list, withIntermediateDirectories: true)
            try "^net.ipv4.conf.IFNAME.[a-z_]*$\n".write(
                toFile: "\(list)/allowlist.conf", atomically: true, encoding: .utf8)
            let plugins = try PluginSet.poplin()
            func answer(_ key: String) throws -> PluginAnswer {
                let one = try attachment(node, pod, ["sysctl": .object([key: "1"])])
                let configuration = one.configuration(of: one.entries[0], previous: previous(pod)).text
                let script = """
                    mount -t tmpfs tmpfs /etc/cni 2>/dev/null || mount -t tmpfs tmpfs /etc
                    mkdir -p /etc/cni/tuning && mount --bind \(list) /etc/cni/tuning
                    exec \(plugins.path(of: "tuning"))
                    """
                return PluginAnswer(
                    output: try node.namespace.run(
                        ["unshare", "--mount", "sh", "-c", script], stdin: configuration,
                        environment: [
                            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1",
                            "CNI_NETNS": pod.path, "CNI_IFNAME": "eth0", "CNI_PATH": plugins.directory,
                        ]))
            }
            let allowed = try answer("net.ipv4.conf.IFNAME.arp_filter")
            #expect(allowed.succeeded, "\(allowed)")
            let refused = try answer("net.core.somaxconn")
            #expect(refused.code == 7)
            #expect(refused.message == "sysctl net.core.somaxconn is not allowed on this machine")
        }
    }
}
