import Addressing
import CLinux
import Testing

@testable import Netlink

/// Bytes as nft 1.0.6 sends them (`strace -e trace=sendmsg -e write=3 nft ...`, Linux 6.18). Sequence numbers are
/// ours; where nft also names a set by the number it has inside the batch (NFTA_*_SET_ID), the capture was taken
/// with the set already there, and the number, which the kernel then ignores, is left out.
@Suite struct NetfilterGoldenBytes {
    static let table = NFTables.Table(.inet, "poplin_cni")

    /// The messages of a transaction without the batch's begin.
    private func bytes(_ fill: (inout NFTables.Transaction) -> Void) -> [UInt8] {
        var transaction = NFTables.Transaction()
        fill(&transaction)
        return Array(transaction.batch.bytes.dropFirst(20))
    }

    /// The message header's sequence number is not compared.
    private func expect(_ bytes: [UInt8], _ golden: String, sourceLocation: SourceLocation = #_sourceLocation) {
        var bytes = bytes
        var wanted = hex(golden)
        for index in 8..<12 where index < bytes.count && index < wanted.count {
            bytes[index] = 0
            wanted[index] = 0
        }
        #expect(hexText(bytes) == hexText(wanted), sourceLocation: sourceLocation)
    }

    @Test func table() {
        // nft add table inet poplin_cni
        expect(
            bytes { $0.add(Self.table) },
            """
            2c000000 000a 0100 00000000 00000000              # struct nlmsghdr (16): NFT_MSG_NEWTABLE
            01 00 0000                                        # struct nfgenmsg (4): NFPROTO_INET
            0f00 0100 706f706c696e5f636e6900 00               # NFTA_TABLE_NAME
            0800 0200 00000000                                # NFTA_TABLE_FLAGS
            """)
    }

    @Test func baseChain() {
        // chain postrouting { type nat hook postrouting priority srcnat; policy accept; }
        let chain = NFTables.Chain(
            Self.table, "postrouting",
            base: .init(.nat, .postrouting, priority: NFTables.Priority.sourceNAT))
        expect(
            bytes { $0.add(chain) },
            """
            58000000 030a 0104 04000000 00000000 01 00 0000   # NFT_MSG_NEWCHAIN, NLM_F_REQUEST | NLM_F_CREATE
            0f00 0100 706f706c696e5f636e6900 00               # NFTA_CHAIN_TABLE
            1000 0300 706f7374726f7574696e6700                # NFTA_CHAIN_NAME
            0800 0700 6e617400                                # NFTA_CHAIN_TYPE nat
            0800 0500 00000001                                # NFTA_CHAIN_POLICY accept
            1400 0480                                         # NFTA_CHAIN_HOOK
            0800 0100 00000004                                # NFTA_HOOK_HOOKNUM
            0800 0200 00000064                                # NFTA_HOOK_PRIORITY 100
            """)
    }

    @Test func verdictMap() {
        // map masq4 { type ipv4_addr : verdict; }
        let map = NFTables.Set(Self.table, "masq4", key: .init(.ipv4Address), map: .verdict)
        expect(
            bytes { $0.add(map) },
            """
            78000000 090a 0104 09000000 00000000 01 00 0000   # NFT_MSG_NEWSET
            0f00 0100 706f706c696e5f636e6900 00               # NFTA_SET_TABLE
            0a00 0200 6d6173713400 0000                       # NFTA_SET_NAME
            0800 0300 00000008                                # NFTA_SET_FLAGS: NFT_SET_MAP
            0800 0400 00000007                                # NFTA_SET_KEY_TYPE: ipv4_addr
            0800 0500 00000004                                # NFTA_SET_KEY_LEN
            0800 0600 ffffff00                                # NFTA_SET_DATA_TYPE: NFT_DATA_VERDICT
            0800 0700 00000000                                # NFTA_SET_DATA_LEN
            0800 0a00 00000001                                # NFTA_SET_ID
            1600 0d00 0004 02000000 0104 00000000 0604 00000000 0000 # NFTA_SET_USERDATA
            """)
    }

    @Test func verdictElementWithComment() {
        // add element inet poplin_cni masq4 { 10.88.0.5 comment "podnet/abc/eth0" : goto ... }
        let map = NFTables.Set(Self.table, "masq4", key: .init(.ipv4Address), map: .verdict)
        let element = NFTables.Element(
            NFTables.Key(.address(IPAddress("10.88.0.5")!)), to: .verdict(.goto("masq_my-net_10.88.0.0/16")),
            comment: "podnet/abc/eth0")
        expect(
            bytes { $0.add([element], to: map) },
            """
            8c000000 0c0a 0104 21000000 00000000 01 00 0000   # NFT_MSG_NEWSETELEM (nft: 148, with SET_ID)
            0f00 0100 706f706c696e5f636e6900 00               # NFTA_SET_ELEM_LIST_TABLE
            0a00 0200 6d6173713400 0000                       # NFTA_SET_ELEM_LIST_SET
            5c00 0380                                         # NFTA_SET_ELEM_LIST_ELEMENTS
            5800 0180                                         # NFTA_LIST_ELEM
            0c00 0180 0800 0100 0a580005                      # NFTA_SET_ELEM_KEY
            3000 0280 2c00 0280                               # NFTA_SET_ELEM_DATA, NFTA_DATA_VERDICT
            0800 0100 fffffffc                                # NFTA_VERDICT_CODE: NFT_GOTO
            1d00 0200 6d6173715f6d792d6e65745f31302e38382e302e302f313600 000000 # NFTA_VERDICT_CHAIN
            1600 0600 0010 706f646e65742f6162632f6574683000 0000 # NFTA_SET_ELEM_USERDATA: comment
            """)
    }

    @Test func concatenatedElement() {
        // add element bridge poplin_cni pairs { "veth0" . 00:11:22:33:44:55 comment "podnet/abc/eth0" }
        let set = NFTables.Set(
            NFTables.Table(.bridge, "poplin_cni"), "pairs", key: .init(.interfaceName, .etherAddress))
        let element = NFTables.Element(
            NFTables.Key(.interface("veth0"), .ether(MACAddress("00:11:22:33:44:55")!)),
            comment: "podnet/abc/eth0")
        expect(
            bytes { $0.add([element], to: set) },
            """
            70000000 0c0a 0104 2c000000 00000000 07 00 0000   # NFT_MSG_NEWSETELEM, NFPROTO_BRIDGE
            0f00 0100 706f706c696e5f636e6900 00
            0a00 0200 706169727300 0000
            4000 0380 3c00 0180
            2000 0180 1c00 0100                               # NFTA_SET_ELEM_KEY: 24 bytes in six words
            76657468300000000000000000000000                  # "veth0" in IFNAMSIZ
            001122334455 0000                                 # the address and its padding
            1600 0600 0010 706f646e65742f6162632f6574683000 0000
            """)
        #expect(set.key.number == 0xa49)
        #expect(set.key.size == 24)
    }

    @Test func ruleWithVerdictMap() {
        // nft add rule inet poplin_cni postrouting ip saddr vmap @masq4
        let rule = NFTables.Rule(
            table: Self.table, chain: "postrouting",
            NFTables.Expression.address(.source, .ip, into: .first) + [
                .lookup("masq4", .first, result: .verdict, inverted: false)
            ])
        expect(
            bytes { $0.append(rule) },
            """
            ec000000 060a 010c 01000000 00000000 01 00 0000   # NFT_MSG_NEWRULE, ... | NLM_F_APPEND (nft: 244)
            0f00 0100 706f706c696e5f636e6900 00               # NFTA_RULE_TABLE
            1000 0200 706f7374726f7574696e6700                # NFTA_RULE_CHAIN
            b800 0480                                         # NFTA_RULE_EXPRESSIONS
            2400 0180 0900 0100 6d65746100 000000 1400 0280 0800 0200 0000000f 0800 0100 00000001
            2c00 0180 0800 0100 636d7000 2000 0280 0800 0100 00000001 0800 0200 00000000
              0c00 0380 0500 0100 02 000000
            3400 0180 0c00 0100 7061796c6f616400 2400 0280
              0800 0100 00000001 0800 0200 00000001 0800 0300 0000000c 0800 0400 00000004
            3000 0180 0b00 0100 6c6f6f6b757000 00 2000 0280
              0800 0200 00000001 0800 0300 00000000 0a00 0100 6d6173713400 0000
            """)
    }

    @Test func ruleWithFIBAndGoto() {
        // nft add rule inet poplin_cni prerouting fib daddr type local goto hostports
        let rule = NFTables.Rule(
            table: Self.table, chain: "prerouting",
            NFTables.Expression.destinationIsLocal + [.verdict(.goto("hostports"))])
        expect(
            bytes { $0.append(rule) },
            """
            cc000000 060a 010c 01000000 00000000 01 00 0000
            0f00 0100 706f706c696e5f636e6900 00
            0f00 0200 707265726f7574696e6700 00
            9800 0480
            2800 0180 0800 0100 66696200 1c00 0280            # fib: FLAGS daddr, RESULT type, DREG
              0800 0300 00000002 0800 0200 00000003 0800 0100 00000001
            2c00 0180 0800 0100 636d7000 2000 0280 0800 0100 00000001 0800 0200 00000000
              0c00 0380 0800 0100 02000000
            4000 0180 0e00 0100 696d6d65646961746500 0000 2c00 0280 0800 0100 00000000
              2000 0280 1c00 0280 0800 0100 fffffffc 0e00 0200 686f7374706f72747300 0000
            """)
    }

    @Test func ruleWithInterfaceAndReject() {
        // nft add rule inet poplin_cni forward iifname != "cni0" ip6 saddr fe80::1 reject
        let rule = NFTables.Rule(
            table: Self.table, chain: "forward",
            NFTables.Expression.interface(.iifname, "cni0", .notEqual)
                + NFTables.Expression.address(.source, .ip6, into: .first)
                + [
                    .compare(.first, .equal, IPAddress("fe80::1")!.bytes),
                    .reject(type: 0, code: 4),
                ])
        expect(
            bytes { $0.append(rule) },
            """
            70010000060a010c0100000000000000010000000f000100706f706c696e5f636e6900000c000200666f727761726400
            4001048024000180090001006d6574610000000014000280080002000000000608000100000000013800018008000100636d7000
            2c000280080001000000000108000200000000011800038014000100636e69300000000000000000000000002400018009000100
            6d6574610000000014000280080002000000000f08000100000000012c00018008000100636d7000200002800800010000000001
            08000200000000000c000380050001000a000000340001800c0001007061796c6f61640024000280080001000000000108000200
            00000001080003000000000808000400000000103800018008000100636d70002c00028008000100000000010800020000000000
            1800038014000100fe800000000000000000000000000001240001800b00010072656a6563740000140002800800010000000000
            0500020004000000
            """)
    }

    @Test func batchAsksTheLastStepForTheAcknowledgement() {
        var transaction = NFTables.Transaction(generation: 9)
        transaction.add(Self.table)
        transaction.seal()
        let bytes = transaction.batch.bytes
        #expect(
            hexText(bytes)
                == hexText(
                    hex(
                        """
                        1c000000 1000 0100 00000000 00000000 00 00 000a 0800 0100 00000009 # BATCH_BEGIN, NFNL_BATCH_GENID
                        2c000000 000a 0500 01000000 00000000 01 00 0000 # NEWTABLE, NLM_F_REQUEST | NLM_F_ACK
                        0f00 0100 706f706c696e5f636e6900 00 0800 0200 00000000
                        14000000 1100 0100 02000000 00000000 00 00 000a # BATCH_END
                        """)))
    }

    @Test func longElementListsAreSplit() {
        let set = NFTables.Set(Self.table, "many", key: .init(.ipv4Address))
        let elements = (0..<10_000).map { number in
            NFTables.Element(
                NFTables.Key(.address(.v4(IPv4Address(rawValue: 0x0a00_0000 + UInt32(number))))),
                comment: "podnet/container/eth0")
        }
        var transaction = NFTables.Transaction()
        transaction.add(elements, to: set)
        let (steps, overflow) = (transaction.nextStep - 1, transaction.batch.writer.overflow)
        #expect(overflow == nil)
        #expect(steps > 9 && steps < 20)
    }
}

@Suite struct NetfilterUserData {
    @Test(arguments: [
        ("0006 68656c6c6f00", "hello"),
        ("0304 00000001 0003 686900", "hi"),
        ("0003 6869", nil),
        ("00", nil),
        ("", nil),
        ("0000", ""),
    ])
    func comments(_ bytes: String, _ comment: String?) {
        hex(bytes).withUnsafeBytes { #expect(NFTables.UserData.comment(in: $0) == comment) }
    }

    @Test func longCommentsAreCutToWhatTheKernelStores() {
        #expect(NFTables.UserData.comment(String(repeating: "x", count: 400)).count == 256)
    }

    @Test func registersHaveOneNumber() {
        #expect(NFTables.Register(word: 0).rawValue == 1)
        #expect(NFTables.Register(word: 1).rawValue == 9)
        #expect(NFTables.Register(word: 4).rawValue == 2)
        #expect(NFTables.Register(rawValue: 8) == NFTables.Register.first)
        #expect(NFTables.Register(rawValue: 12) == NFTables.Register(word: 4))
    }
}
