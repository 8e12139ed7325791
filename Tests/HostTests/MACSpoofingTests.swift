import Addressing
import CNI
import CNIPlugins
import Foundation
import Testing

@Suite(.enabled(if: getuid() == 0, "needs root")) struct MACSpoofingTests {
    private func owner(_ container: String, _ network: String = "podnet") -> Packetfilter.Owner {
        Packetfilter.Owner(network: network, containerID: container, interfaceName: "eth0")
    }

    private func address(of pod: TestNamespace) throws -> MACAddress {
        let links = try pod.json(["ip", "-j", "link", "show", "eth0"])
        return try #require(links.elements.first?["address"]?.string.flatMap { MACAddress($0) })
    }

    private func ruleset(_ node: TestNode) throws -> String {
        try node.namespace.check(["nft", "list", "ruleset"]).stdout
    }

    @Test func aPodCanUseItsOwnHardwareAddressOnly() throws {
        try TestNode.with { node in
            let bridged = try BridgedNode(node)
            let pod = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let other = try bridged.makePod("10.88.0.6", "fd00:10::6")
            let own = try address(of: pod)
            let reached = Traffic.Outcome.reached(from: "10.88.0.5")
            try node.namespace.inside { _ = try MACSpoofing.add(owner("a"), link: "veth-1", address: own) }
            #expect(
                try Traffic.send(.tcp, from: pod, to: "10.88.0.6", port: 7000, server: other) == reached)
            try pod.check(["ip", "link", "set", "eth0", "address", "0a:00:00:00:00:99"])
            #expect(
                try Traffic.send(.tcp, from: pod, to: "10.88.0.6", port: 7001, server: other, wait: 500)
                    != reached)
            // The other pod is not protected and may do as it likes.
            try other.check(["ip", "link", "set", "eth0", "address", "0a:00:00:00:00:98"])
            #expect(
                try Traffic.send(.tcp, from: other, to: "10.88.0.1", port: 7002, server: node.namespace)
                    == .reached(from: "10.88.0.6"))
            try node.namespace.inside { try MACSpoofing.remove(owner("a"), link: ("veth-1", own)) }
            #expect(try Traffic.send(.tcp, from: pod, to: "10.88.0.6", port: 7003, server: other) == reached)
            #expect(try ruleset(node) == "")
        }
    }

    @Test func theRuleSetOfOnePodCanBeSavedAndLoaded() throws {
        try TestNode.with { node in
            let own = MACAddress("0a:58:0a:58:00:05")!
            try node.namespace.inside {
                _ = try MACSpoofing.add(owner("3f2a", "pod-net.1"), link: "veth1a2b3c4d", address: own)
                _ = try MACSpoofing.add(owner("3f2a", "pod-net.1"), link: "veth1a2b3c4d", address: own)
            }
            let text = try ruleset(node)
            #expect(
                text == """
                    table bridge poplin_cni {
                    	map macspoof_links {
                    		type ifname : verdict
                    		elements = { "veth1a2b3c4d" comment "pod-net.1/3f2a/eth0" : goto macspoof/pod-net.1 }
                    	}

                    	set macspoof_pairs {
                    		type ifname . ether_addr
                    		elements = { "veth1a2b3c4d" . 0a:58:0a:58:00:05 comment "pod-net.1/3f2a/eth0" }
                    	}

                    	chain macspoof {
                    		type filter hook prerouting priority dstnat; policy accept;
                    		iifname vmap @macspoof_links
                    	}

                    	chain macspoof/pod-net.1 {
                    		iifname . ether saddr @macspoof_pairs return
                    		drop
                    	}
                    }

                    """)
            let copy = try node.makeNamespace("copy")
            try copy.check(["nft", "-f", "-"], stdin: text)
        }
    }

    @Test func bridgeDELWithTheNamespaceGoneLeavesNoSpoofCheckBehind() throws {
        // Defect 1 of the reference: without the namespace its macspoofchk chains stay forever.
        try TestNode.with { node in
            let own = MACAddress("0a:58:0a:58:00:05")!
            try node.namespace.inside {
                _ = try MACSpoofing.add(owner("a"), link: "veth-a", address: own)
                _ = try MACSpoofing.add(owner("b"), link: "veth-b", address: own)
                try MACSpoofing.remove(owner("a"), link: nil)
                try MACSpoofing.remove(owner("a"), link: nil)
            }
            #expect(try !ruleset(node).contains("veth-a"))
            #expect(try ruleset(node).contains("veth-b"))
            try node.namespace.inside { try MACSpoofing.collectGarbage(network: "podnet", valid: []) }
            #expect(try ruleset(node) == "")
        }
    }

    @Test func checkPutsBackWhatVanished() throws {
        try TestNode.with { node in
            let own = MACAddress("0a:58:0a:58:00:05")!
            try node.namespace.inside { _ = try MACSpoofing.add(owner("a"), link: "veth-a", address: own) }
            let before = try ruleset(node)
            try node.namespace.check(["nft", "flush", "ruleset"])
            let notes = try node.namespace.inside {
                try MACSpoofing.check(owner("a"), link: "veth-a", address: own)
            }
            #expect(notes.count == 1)
            #expect(try ruleset(node) == before)
        }
    }
}
