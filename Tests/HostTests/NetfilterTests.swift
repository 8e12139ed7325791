import Addressing
import CLinux
import Foundation
import Netlink
import SystemCalls
import Testing

/// What we write is what nft reads: every kind of object and expression once, in a namespace of its own.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct NetfilterTests {
    static let table = NFTables.Table(.inet, "poplin_cni")
    private let pods = NFTables.Set(table, "pods4", key: .init(.ipv4Address), map: .verdict)
    private let ports = NFTables.Set(
        table, "ports4", key: .init(.protocolNumber, .port), map: .value(.init(.ipv4Address, .port)))
    private let nets = NFTables.Set(table, "nets", key: .init(.ipv4Address), interval: true)
    private let pairs = NFTables.Set(table, "pairs", key: .init(.interfaceName, .ipv4Address))
    private let network = NFTables.Chain(table, "masquerade/10.88.0.0/16")
    private let base = NFTables.Chain(
        table, "postrouting", base: .init(.nat, .postrouting, priority: NFTables.Priority.sourceNAT))
    private let forward = NFTables.Chain(
        table, "forward", base: .init(.filter, .forward, priority: NFTables.Priority.filter - 10))

    private func address(_ text: String) -> NFTables.Value { .address(IPAddress(text)!) }

    private var rules: [NFTables.Rule] {
        typealias Expression = NFTables.Expression
        return [
            NFTables.Rule(network, [.masquerade], comment: "all the rest"),
            NFTables.Rule(
                base,
                Expression.address(.source, .ip, into: .first)
                    + [.lookup("pods4", .first, result: .verdict, inverted: false)]),
            NFTables.Rule(
                forward,
                Expression.conntrack(
                    .state, anyOf: NFTables.ConntrackState.established | NFTables.ConntrackState.related)
                    + Expression.setMark(0x1000) + [.counter(packets: 0, bytes: 0), .verdict(.accept)]),
            NFTables.Rule(
                forward,
                Expression.conntrack(.status, anyOf: NFTables.ConntrackStatus.destinationNAT)
                    + Expression.markHas(0x1000) + Expression.clearMark(0x1000)),
            NFTables.Rule(
                forward,
                Expression.interface(.iifname, "cni0", .notEqual) + Expression.interface(.oifname, "cni0")
                    + [.verdict(.drop)]),
            NFTables.Rule(
                forward,
                Expression.address(.destination, .ip, into: .first)
                    + [.lookup("nets", .first, result: .none, inverted: true), .verdict(.jump("checks"))]),
            NFTables.Rule(
                table: Self.table, chain: "checks",
                [
                    .meta(.nfproto, into: .first), .compare(.first, .equal, [NFTables.Family.ip.rawValue]),
                    .meta(.iifname, into: .first),
                    Expression.addressLoad(.source, .ip, into: NFTables.Register(word: 4)),
                    .lookup("pairs", .first, result: .none, inverted: false), .verdict(.return),
                ]),
            NFTables.Rule(
                table: Self.table, chain: "hostports",
                [
                    .meta(.l4proto, into: .first),
                    .payload(.transport, offset: 2, length: 2, into: NFTables.Register(word: 1)),
                    .lookup("ports4", .first, result: .value(.first), inverted: false),
                    .nat(.destination, .ip, address: .first, port: NFTables.Register(word: 1)),
                ]),
            NFTables.Rule(
                table: Self.table, chain: "prerouting",
                Expression.destinationIsLocal + [.verdict(.goto("hostports"))]),
        ]
    }

    private func fill(_ transaction: inout NFTables.Transaction) {
        transaction.add(Self.table)
        for set in [pods, ports, nets, pairs] { transaction.add(set) }
        for chain in [network, base, forward] { transaction.add(chain) }
        transaction.add(NFTables.Chain(Self.table, "checks"))
        transaction.add(NFTables.Chain(Self.table, "hostports"))
        transaction.add(
            NFTables.Chain(
                Self.table, "prerouting",
                base: .init(.nat, .prerouting, priority: NFTables.Priority.destinationNAT)))
        for rule in rules { transaction.append(rule) }
        transaction.add(
            [
                .init(
                    NFTables.Key(address("10.88.0.5")), to: .verdict(.goto(network.name)),
                    comment: "podnet/3f2a/eth0")
            ], to: pods)
        transaction.add(
            [
                .init(
                    NFTables.Key(.protocolNumber(6), .port(8080)),
                    to: .value(NFTables.Key(address("10.88.0.5"), .port(80))), comment: "podnet/3f2a/eth0")
            ], to: ports)
        transaction.add(
            [.init(NFTables.Key(address("10.0.0.0")), end: NFTables.Key(address("11.0.0.0")))], to: nets)
        transaction.add(
            [.init(NFTables.Key(.interface("veth0"), address("10.88.0.5")))], to: pairs)
    }

    @Test func nftReadsWhatWeWrite() throws {
        try TestNode.with { node in
            try node.namespace.inside {
                var socket = try NFTables.Socket()
                var transaction = NFTables.Transaction()
                fill(&transaction)
                try socket.commit(transaction)
            }
            let text = try node.namespace.check(["nft", "list", "ruleset"]).stdout
            #expect(
                text == """
                    table inet poplin_cni {
                    	map pods4 {
                    		type ipv4_addr : verdict
                    		elements = { 10.88.0.5 comment "podnet/3f2a/eth0" : goto masquerade/10.88.0.0/16 }
                    	}

                    	map ports4 {
                    		type inet_proto . inet_service : ipv4_addr . inet_service
                    		elements = { tcp . 8080 comment "podnet/3f2a/eth0" : 10.88.0.5 . 80 }
                    	}

                    	set nets {
                    		type ipv4_addr
                    		flags interval
                    		elements = { 10.0.0.0/8 }
                    	}

                    	set pairs {
                    		type ifname . ipv4_addr
                    		elements = { "veth0" . 10.88.0.5 }
                    	}

                    	chain masquerade/10.88.0.0/16 {
                    		masquerade comment "all the rest"
                    	}

                    	chain postrouting {
                    		type nat hook postrouting priority srcnat; policy accept;
                    		ip saddr vmap @pods4
                    	}

                    	chain forward {
                    		type filter hook forward priority filter - 10; policy accept;
                    		ct state established,related meta mark set meta mark | 0x00001000 counter packets 0 bytes 0 accept
                    		ct status dnat meta mark & 0x00001000 == 0x00001000 meta mark set meta mark & 0xffffefff
                    		iifname != "cni0" oifname "cni0" drop
                    		ip daddr != @nets jump checks
                    	}

                    	chain checks {
                    		iifname . ip saddr @pairs return
                    	}

                    	chain hostports {
                    		dnat ip to meta l4proto . th dport map @ports4
                    	}

                    	chain prerouting {
                    		type nat hook prerouting priority dstnat; policy accept;
                    		fib daddr type local goto hostports
                    	}
                    }

                    """)
            // What nft saved, it can load.
            let other = try node.makeNamespace("copy")
            try other.check(["nft", "-f", "-"], stdin: text)
            #expect(try other.check(["nft", "list", "ruleset"]).stdout == text)
        }
    }

    @Test func weReadWhatWeWroteAndWhatNftWrote() throws {
        try TestNode.with { node in
            try node.namespace.inside {
                var socket = try NFTables.Socket()
                var transaction = NFTables.Transaction()
                fill(&transaction)
                try socket.commit(transaction)
            }
            let text = try node.namespace.check(["nft", "list", "ruleset"]).stdout
            let other = try node.makeNamespace("copy")
            try other.check(["nft", "-f", "-"], stdin: text)
            for namespace in [node.namespace, other] {
                try namespace.inside {
                    var socket = try NFTables.Socket()
                    let listed = try socket.rules(in: Self.table)
                    #expect(listed.map(\.rule.chain).contains("checks"))
                    for rule in rules {
                        #expect(listed.contains { $0.rule.isSame(as: rule) }, "\(rule)")
                    }
                    let chains = try socket.chains(["forward", "nothing", network.name], in: Self.table)
                    #expect(chains[0]?.chain == forward)
                    #expect(chains[1] == nil)
                    // One rule, one element that leads here.
                    #expect(chains[2]?.uses == 2)
                    #expect(try socket.tables() == [Self.table])
                    #expect(try Set(socket.sets(in: Self.table)) == ["pods4", "ports4", "nets", "pairs"])
                    let key = NFTables.Key(address("10.88.0.5"))
                    let found = try socket.elements([
                        (pods, key), (pods, NFTables.Key(address("10.88.0.6"))),
                        (NFTables.Set(Self.table, "nothing", key: .init(.ipv4Address)), key),
                    ])
                    #expect(found[0]?.comment == "podnet/3f2a/eth0")
                    #expect(found[0]?.value == .verdict(.goto(network.name)))
                    #expect(found[1] == nil && found[2] == nil)
                    #expect(try socket.elements(of: ports)?.count == 1)
                }
            }
        }
    }

    @Test func aFailedTransactionSaysWhichStepFailedAndChangesNothing() throws {
        try TestNode.with { node in
            try node.namespace.inside {
                var socket = try NFTables.Socket()
                var transaction = NFTables.Transaction()
                transaction.add(Self.table)
                transaction.add(pods)
                let step = transaction.nextStep
                transaction.add(
                    [.init(NFTables.Key(address("10.0.0.1")), to: .verdict(.goto("nowhere")))], to: pods)
                do {
                    try socket.commit(transaction)
                    Issue.record("committed")
                } catch let error as NFTables.TransactionError {
                    #expect(error.failures.first?.step == step)
                    #expect(error.errno == .ENOENT)
                    #expect(error.description.contains("NFT_MSG_NEWSETELEM inet poplin_cni pods4"))
                }
                #expect(try socket.tables().isEmpty)
            }
        }
    }

    @Test func aTransactionOfAnOldGenerationIsRefused() throws {
        try TestNode.with { node in
            try node.namespace.inside {
                var socket = try NFTables.Socket()
                let generation = try socket.generation()
                var first = NFTables.Transaction(generation: generation)
                first.add(Self.table)
                try socket.commit(first)
                let error = refusal(&socket, generation) { $0.add(NFTables.Table(.ip, "late")) }
                #expect(error?.isOutdated == true)
                #expect(try socket.tables() == [Self.table])
            }
        }
    }

    @Test func exclusiveAdditionAndDeletionOfElements() throws {
        try TestNode.with { node in
            try node.namespace.inside {
                var socket = try NFTables.Socket()
                var transaction = NFTables.Transaction()
                fill(&transaction)
                try socket.commit(transaction)
                let element = NFTables.Element(
                    NFTables.Key(address("10.88.0.5")), to: .verdict(.goto(network.name)), comment: "other")
                let error = refusal(&socket) { $0.add([element], to: pods, exclusive: true) }
                #expect(error?.errno == .EEXIST)
                // Replacing is deleting and adding in one transaction.
                var replacing = NFTables.Transaction()
                replacing.delete([element], from: pods)
                replacing.add([element], to: pods, exclusive: true)
                try socket.commit(replacing)
                #expect(try socket.elements([(pods, element.key)])[0]?.comment == "other")
                // A chain goes only when nothing leads to it.
                let busy = refusal(&socket) { $0.delete(network) }
                #expect(busy?.errno == .EBUSY)
                var last = NFTables.Transaction()
                last.delete([element], from: pods)
                last.delete(network)
                try socket.commit(last)
                #expect(try socket.chains([network.name], in: Self.table)[0] == nil)
            }
        }
    }

    @Test func tenThousandElementsGoInOneTransaction() throws {
        try TestNode.with { node in
            try node.namespace.inside {
                var socket = try NFTables.Socket()
                let set = NFTables.Set(Self.table, "many", key: .init(.ipv4Address))
                let elements = (0..<10_000).map {
                    NFTables.Element(
                        NFTables.Key(.address(.v4(IPv4Address(rawValue: 0x0a00_0000 + UInt32($0))))),
                        comment: "podnet/\($0)/eth0")
                }
                var transaction = NFTables.Transaction()
                transaction.add(Self.table)
                transaction.add(set)
                transaction.add(elements, to: set)
                try socket.commit(transaction)
                let listed = try socket.elements(of: set) ?? []
                #expect(listed.count == 10_000)
                #expect(Set(listed) == Set(elements))
            }
        }
    }

    /// Why a transaction was refused; nil when it was not.
    private func refusal(
        _ socket: inout NFTables.Socket, _ generation: UInt32? = nil,
        _ fill: (inout NFTables.Transaction) -> Void
    ) -> NFTables.TransactionError? {
        var transaction = NFTables.Transaction(generation: generation)
        fill(&transaction)
        do throws(NFTables.TransactionError) {
            try socket.commit(transaction)
            return nil
        } catch {
            return error
        }
    }
}
