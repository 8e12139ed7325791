import Addressing
import CNI
import CNIPlugins
import Foundation
import Testing

/// Masquerading with real packets: pod namespaces behind a bridge of the node, a neighbour that has no route to them.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct MasqueradeTests {
    private func owner(_ container: String, _ interface: String = "eth0", network: String = "podnet")
        -> Packetfilter.Owner
    {
        Packetfilter.Owner(network: network, containerID: container, interfaceName: interface)
    }

    /// A node with a bridge 10.88.0.1/16 and fd00:10::1/64, and pods on it.
    private func withBridge(_ body: (BridgedNode) throws -> Void) throws {
        try TestNode.with { node in try body(BridgedNode(node)) }
    }

    private func ruleset(_ node: TestNode) throws -> String {
        try node.namespace.check(["nft", "list", "ruleset"]).stdout
    }

    @Test(arguments: [
        ("10.88.0.5", "198.51.100.2", "198.51.100.1"), ("fd00:10::5", "2001:db8:51::2", "2001:db8:51::1"),
    ])
    func whatLeavesTheNodeHasTheNodesAddress(_ pod: String, _ target: String, _ seen: String) throws {
        try withBridge { bridged in
            let client = try bridged.makePod("10.88.0.5", "fd00:10::5")
            let outside = try bridged.node.makeNeighbour()
            #expect(
                try Traffic.send(.udp, from: client, to: target, port: 7000, server: outside, source: pod)
                    == .unanswered(from: pod))
            try bridged.node.namespace.inside {
                _ = try Masquerade.add(owner("a"), addresses: bridged.addresses("10.88.0.5/16", "fd00:10::5/64"))
            }
            #expect(
                try Traffic.send(.tcp, from: client, to: target, port: 7001, server: outside, source: pod)
                    == .reached(from: seen))
            // Another pod of the subnet, which is not masqueraded.
            let other = try bridged.makePod("10.88.0.6", "fd00:10::6")
            #expect(
                try Traffic.send(.udp, from: other, to: target, port: 7002, server: outside)
                    == .unanswered(from: pod.contains(":") ? "fd00:10::6" : "10.88.0.6"))
        }
    }

    @Test func theRuleSetOfOneDualStackPod() throws {
        try withBridge { bridged in
            try bridged.node.namespace.inside {
                _ = try Masquerade.add(owner("3f2a"), addresses: bridged.addresses("10.88.0.5/16", "fd00:10::5/64"))
            }
            #expect(
                try ruleset(bridged.node) == """
                    table inet poplin_cni {
                    	map masquerade_pods4 {
                    		type ipv4_addr : verdict
                    		elements = { 10.88.0.5 comment "podnet/3f2a/eth0" : goto masquerade/10.88.0.0/16 }
                    	}

                    	map masquerade_pods6 {
                    		type ipv6_addr : verdict
                    		elements = { fd00:10::5 comment "podnet/3f2a/eth0" : goto masquerade/fd00_10__/64 }
                    	}

                    	chain masquerading {
                    		type nat hook postrouting priority srcnat; policy accept;
                    		ip saddr vmap @masquerade_pods4
                    		ip6 saddr vmap @masquerade_pods6
                    	}

                    	chain masquerade/10.88.0.0/16 {
                    		ip daddr 10.88.0.0/16 return comment "own subnet"
                    		ip daddr 224.0.0.0/4 return comment "multicast"
                    		masquerade
                    	}

                    	chain masquerade/fd00_10__/64 {
                    		ip6 daddr fd00:10::/64 return comment "own subnet"
                    		ip6 daddr ff00::/8 return comment "multicast"
                    		masquerade
                    	}
                    }

                    """)
        }
    }

    @Test(arguments: [
        "10.0.0.1/8", "10.88.0.5/19", "10.88.0.5/25", "10.88.0.5/32", "fd00:10::5/56", "fd00:10::5/61",
        "fd00:10::5/128",
    ])
    func prefixesOfEveryLengthAreStable(_ address: String) throws {
        try withBridge { bridged in
            try bridged.node.namespace.inside {
                _ = try Masquerade.add(owner("a"), addresses: bridged.addresses(address))
            }
            let first = try bridged.node.namespace.check(["nft", "-a", "list", "ruleset"]).stdout
            #expect(
                first.contains(
                    "daddr \(InterfaceAddress(address)!.prefix.length >= 32 && !address.contains(":") ? "10.88.0.5" : InterfaceAddress(address)!.prefix.length == 128 ? "fd00:10::5" : InterfaceAddress(address)!.prefix.description) return"
                ))
            let notes = try bridged.node.namespace.inside {
                try Masquerade.add(owner("a"), addresses: bridged.addresses(address))
            }
            // Handles show that nothing was written again.
            #expect(try bridged.node.namespace.check(["nft", "-a", "list", "ruleset"]).stdout == first)
            #expect(notes.isEmpty)
        }
    }

    @Test func theLastPodTakesEverythingWithIt() throws {
        try withBridge { bridged in
            let a = bridged.addresses("10.88.0.5/16", "fd00:10::5/64")
            let b = bridged.addresses("10.88.0.6/16")
            try bridged.node.namespace.inside {
                try Masquerade.add(owner("a"), addresses: a)
                try Masquerade.add(owner("b"), addresses: b)
                try Masquerade.remove(owner("a"), addresses: a.map(\.address))
            }
            let left = try ruleset(bridged.node)
            #expect(left.contains("10.88.0.6"))
            #expect(!left.contains("10.88.0.5"))
            #expect(!left.contains("masquerade/fd00"))
            try bridged.node.namespace.inside {
                try Masquerade.remove(owner("b"), addresses: b.map(\.address))
                try Masquerade.remove(owner("b"), addresses: b.map(\.address))
            }
            #expect(try ruleset(bridged.node) == "")
        }
    }

    @Test func bridgeDELWithTheNamespaceGoneLeavesNoMasqueradeBehind() throws {
        // Defect 1 of the reference: chain and rules stay forever when the addresses cannot be read from the pod.
        try withBridge { bridged in
            try bridged.node.namespace.inside {
                try Masquerade.add(owner("a"), addresses: bridged.addresses("10.88.0.5/16", "fd00:10::5/64"))
                try Masquerade.remove(owner("a"), addresses: nil)
            }
            #expect(try ruleset(bridged.node) == "")
        }
    }

    @Test func twoAttachmentsOfOnePodAreApart() throws {
        // Defect 2: the reference's chain name ignores the interface, so DEL of one flushes the other's.
        try withBridge { bridged in
            try bridged.node.namespace.inside {
                try Masquerade.add(owner("a", "eth0"), addresses: bridged.addresses("10.88.0.5/16"))
                try Masquerade.add(owner("a", "eth1"), addresses: bridged.addresses("10.88.0.6/16"))
                try Masquerade.remove(owner("a", "eth1"), addresses: nil)
            }
            let left = try ruleset(bridged.node)
            #expect(left.contains("podnet/a/eth0"))
            #expect(!left.contains("podnet/a/eth1"))
        }
    }

    @Test func aLateDELDoesNotTakeWhatIsAnotherPodsNow() throws {
        try withBridge { bridged in
            let addresses = bridged.addresses("10.88.0.5/16")
            try bridged.node.namespace.inside {
                try Masquerade.add(owner("old"), addresses: addresses)
                let notes = try Masquerade.add(owner("new"), addresses: addresses)
                #expect(notes.count == 1 && notes[0].contains("podnet/old/eth0"), "\(notes)")
                try Masquerade.remove(owner("old"), addresses: addresses.map(\.address))
                try Masquerade.remove(owner("old"), addresses: nil)
            }
            #expect(try ruleset(bridged.node).contains("podnet/new/eth0"))
        }
    }

    @Test func garbageCollectionKeepsWhatIsValidAndOtherNetworks() throws {
        try withBridge { bridged in
            try bridged.node.namespace.inside {
                try Masquerade.add(owner("a"), addresses: bridged.addresses("10.88.0.5/16"))
                try Masquerade.add(owner("b"), addresses: bridged.addresses("10.88.0.6/16"))
                try Masquerade.add(owner("c", network: "podnet2"), addresses: bridged.addresses("10.89.0.6/16"))
                try Masquerade.collectGarbage(
                    network: "podnet", valid: [CNIAttachment(containerID: "b", interfaceName: "eth0")])
            }
            let left = try ruleset(bridged.node)
            #expect(!left.contains("podnet/a/"))
            #expect(left.contains("podnet/b/eth0") && left.contains("podnet2/c/eth0"))
        }
    }

    @Test(arguments: [
        "flush chain inet poplin_cni masquerading", "flush chain inet poplin_cni masquerade/10.88.0.0/16",
        "flush table inet poplin_cni",
    ])
    func flushedRulesArePutBackByTheNextADDAndReported(_ damage: String) throws {
        try withBridge { bridged in
            let a = bridged.addresses("10.88.0.5/16")
            try bridged.node.namespace.inside { _ = try Masquerade.add(owner("a"), addresses: a) }
            let before = try ruleset(bridged.node)
            try bridged.node.namespace.check(["nft", damage])
            #expect(try ruleset(bridged.node) != before)
            let b = bridged.addresses("10.88.0.6/16")
            let notes = try bridged.node.namespace.inside {
                let notes = try Masquerade.add(owner("b"), addresses: b)
                try Masquerade.remove(owner("b"), addresses: b.map(\.address))
                return notes
            }
            #expect(notes.count == 1 && notes[0].contains("put back"), "\(notes)")
            #expect(try ruleset(bridged.node) == before)
        }
    }

    @Test func checkPutsBackWhatVanished() throws {
        try withBridge { bridged in
            let a = bridged.addresses("10.88.0.5/16")
            try bridged.node.namespace.inside { _ = try Masquerade.add(owner("a"), addresses: a) }
            let before = try ruleset(bridged.node)
            try bridged.node.namespace.check(["nft", "flush", "ruleset"])
            let notes = try bridged.node.namespace.inside { try Masquerade.check(owner("a"), addresses: a) }
            #expect(notes.count == 1 && notes[0].contains("podnet/a/eth0"), "\(notes)")
            #expect(try ruleset(bridged.node) == before)
            let again = try bridged.node.namespace.inside { try Masquerade.check(owner("a"), addresses: a) }
            #expect(again == [])
        }
    }

    @Test func sixteenAtOnceComeAndGo() throws {
        try withBridge { bridged in
            let failures = Failures()
            DispatchQueue.concurrentPerform(iterations: 16) { number in
                failures.collect {
                    for round in 0..<6 {
                        let owner = owner("c\(number)-\(round)")
                        let addresses = bridged.addresses(
                            "10.88.\(number).\(round + 1)/16", "fd00:10::\(number + 1):\(round + 1)/64")
                        try bridged.node.namespace.inside {
                            _ = try Masquerade.add(owner, addresses: addresses)
                            try Masquerade.remove(owner, addresses: round % 2 == 0 ? addresses.map(\.address) : nil)
                        }
                    }
                }
            }
            #expect(failures.list.isEmpty, "\(failures.list)")
            let left = try ruleset(bridged.node)
            #expect(left == "")
        }
    }

    @Test func sixteenAtOnceMakeOneSkeleton() throws {
        try withBridge { bridged in
            let failures = Failures()
            DispatchQueue.concurrentPerform(iterations: 16) { number in
                failures.collect {
                    try bridged.node.namespace.inside {
                        _ = try Masquerade.add(
                            owner("c\(number)"), addresses: bridged.addresses("10.88.1.\(number + 1)/16"))
                    }
                }
            }
            #expect(failures.list.isEmpty, "\(failures.list)")
            let text = try ruleset(bridged.node)
            #expect(text.components(separatedBy: "ip saddr vmap @masquerade_pods4").count == 2)
            #expect(text.components(separatedBy: "podnet/").count == 17)
        }
    }
}
