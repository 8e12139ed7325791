import CLinux

extension Conntrack {
    /// What the table of connections counted on one processor, in this network namespace.
    public struct Statistics: Hashable, Sendable {
        public var processor: Int
        /// In the order of the kernel's numbers; those that the kernel does not count are not there.
        public var counters: [Counter]

        public struct Counter: Hashable, Sendable {
            /// As conntrack(8) prints it: `insert_failed`.
            public var name: String
            public var value: UInt64

            public init(_ name: String, _ value: UInt64) {
                self.name = name
                self.value = value
            }
        }

        public init(processor: Int, counters: [Counter]) {
            self.processor = processor
            self.counters = counters
        }

        /// `cpu=0 found=0 invalid=3 insert_failed=0 ...`, as `conntrack -S` prints it.
        public var text: String {
            "cpu=\(processor) " + counters.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        }

        /// `CTA_STATS_...` (linux/netfilter/nfnetlink_conntrack.h).
        static let names: [Int: String] = [
            1: "searched", 2: "found", 3: "new", 4: "invalid", 5: "ignore", 6: "delete", 7: "delete_list", 8: "insert",
            9: "insert_failed", 10: "drop", 11: "early_drop", 12: "error", 13: "search_restart", 14: "clash_resolve",
            15: "chaintoolong",
        ]

        /// Of /proc/net/stat/nf_conntrack: a line of names, then one of hexadecimal numbers for each processor, in their
        /// order.
        public static func parsing(stat text: String) -> [Statistics] {
            let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ").map(String.init) }
            guard let header = lines.first else { return [] }
            let known = Set(names.values)
            return lines.dropFirst().enumerated().map { processor, values in
                Statistics(
                    processor: processor,
                    counters: zip(header, values).compactMap { name, value in
                        // One column is called otherwise there, one is of the whole table.
                        let name = name == "icmp_error" ? "error" : name == "clashres" ? "clash_resolve" : name
                        guard known.contains(name), let number = UInt64(value, radix: 16) else { return nil }
                        return Counter(name, number)
                    })
            }
        }

        /// Of one answer to IPCTNL_MSG_CT_GET_STATS_CPU.
        init(_ message: Message) throws(MalformedMessage) {
            let header = try message.header(nfgenmsg.self)
            self.init(processor: Int(UInt16(bigEndian: header.res_id)), counters: [])
            try message.attributes(after: MemoryLayout<nfgenmsg>.size).forEach { field throws(MalformedMessage) in
                guard let name = Self.names[field.type] else { return }
                counters.append(Counter(name, UInt64(try field.bigEndian32())))
            }
        }
    }

    /// Counters of every processor. Needs CAP_NET_ADMIN.
    public static func statistics(_ netlink: inout NetlinkSocket) throws(NetlinkError) -> [Statistics] {
        try netlink.list(
            "IPCTNL_MSG_CT_GET_STATS_CPU",
            type: Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(IPCTNL_MSG_CT_GET_STATS_CPU.rawValue),
            request: { writer in
                writer.append(nfgenmsg(nfgen_family: UInt8(AF_UNSPEC), version: UInt8(NFNETLINK_V0), res_id: 0))
            },
            decode: { message throws(MalformedMessage) -> Statistics? in try Statistics(message) })
    }
}
