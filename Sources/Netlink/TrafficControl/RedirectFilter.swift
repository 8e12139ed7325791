import CLinux

/// A filter that sends every packet to another interface's sending side (RTM_NEWTFILTER): classifier `u32` with one
/// key that matches anything, action `mirred egress redirect`.
///
/// `matchall` says the same with less, but is a module that many kernels lack.
public struct RedirectFilter: Hashable, Sendable {
    public var interface: InterfaceIndex
    /// Where it hangs.
    public var parent: TrafficControlHandle
    /// 1...65535; the lower is asked first. Filters of different kinds cannot share one.
    public var priority: UInt16
    public var target: InterfaceIndex

    public init(
        from interface: InterfaceIndex, to target: InterfaceIndex,
        parent: TrafficControlHandle = .ingressFilters, priority: UInt16
    ) {
        self.interface = interface
        self.target = target
        self.parent = parent
        self.priority = priority
    }

    private var header: tcmsg {
        var header = tcmsg()
        header.tcm_ifindex = interface.rawValue
        header.tcm_parent = parent.rawValue
        // Priority and, in network order, the protocol ETH_P_ALL.
        header.tcm_info = UInt32(priority) << 16 | UInt32(UInt16(ETH_P_ALL).bigEndian)
        return header
    }

    func write(to writer: inout MessageWriter) {
        writer.append(header)
        writer.string(Int(TCA_KIND), "u32")
        writer.nested(Int(TCA_OPTIONS), flagged: false) { options in
            options.nested(Int(TCA_U32_ACT), flagged: false) { actions in
                // Actions are numbered from 1, in the order they run.
                actions.nested(1, flagged: false) { writeMirred(&$0) }
            }
            // struct tc_u32_sel (16 bytes) and one struct tc_u32_key (16 bytes), all zero but these two fields:
            // TC_U32_TERMINAL ends the search, and a key of mask 0 matches whatever is there.
            var selector = [UInt8](repeating: 0, count: 32)
            selector[0] = UInt8(TC_U32_TERMINAL)
            selector[2] = 1
            options.bytes(Int(TCA_U32_SEL), selector)
        }
    }

    private func writeMirred(_ writer: inout MessageWriter) {
        writer.string(Int(TCA_ACT_KIND), "mirred")
        writer.nested(Int(TCA_ACT_OPTIONS)) { writer in
            var parameters = tc_mirred()
            parameters.action = TC_ACT_STOLEN
            parameters.eaction = TCA_EGRESS_REDIR
            parameters.ifindex = UInt32(bitPattern: target.rawValue)
            writer.structure(Int(TCA_MIRRED_PARMS), parameters)
        }
    }

    func writeForDeletion(to writer: inout MessageWriter) {
        writer.append(header)
        writer.string(Int(TCA_KIND), "u32")
    }
}

/// A filter as the kernel lists it.
public struct TrafficFilter: Hashable, Sendable {
    public var interface: InterfaceIndex
    public var parent: TrafficControlHandle
    public var priority: UInt16
    /// The classifier: `u32`, `bpf`, `flower`, ...
    public var kind: String
    /// Where the first `mirred` action of a `u32` filter sends to; nil also when that interface is gone.
    public var redirectTarget: InterfaceIndex?

    /// Reads RTM_NEWTFILTER; nil for other messages.
    init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWTFILTER else { return nil }
        let header = try message.header(tcmsg.self)
        interface = InterfaceIndex(header.tcm_ifindex)
        parent = TrafficControlHandle(rawValue: header.tcm_parent)
        priority = UInt16(header.tcm_info >> 16)
        let attributes = try message.attributes(after: MemoryLayout<tcmsg>.size)
        kind = try attributes.first(Int(TCA_KIND))?.string ?? ""
        guard kind == "u32", let options = try attributes.first(Int(TCA_OPTIONS)),
            let actions = try options.nested.first(Int(TCA_U32_ACT)), let first = try actions.nested.first(1),
            try first.nested.first(Int(TCA_ACT_KIND))?.string == "mirred",
            let mirred = try first.nested.first(Int(TCA_ACT_OPTIONS)),
            let parameters = try mirred.nested.first(Int(TCA_MIRRED_PARMS))
        else { return }
        let target = try parameters.structure(tc_mirred.self).ifindex
        if target != 0 { redirectTarget = InterfaceIndex(Int32(bitPattern: target)) }
    }
}

extension RequestBatch {
    /// `tc filter add dev LINK ... u32 match u32 0 0 action mirred egress redirect dev TARGET`.
    @discardableResult
    public mutating func add(_ filter: RedirectFilter) -> Int {
        request(
            "RTM_NEWTFILTER", on: "u32 on #\(filter.interface)", type: RTM_NEWTFILTER,
            flags: Int32(NLM_F_CREATE | NLM_F_EXCL)
        ) { filter.write(to: &$0) }
    }

    /// `tc filter del dev LINK ... pref PRIORITY u32`: every `u32` filter of that priority.
    @discardableResult
    public mutating func delete(_ filter: RedirectFilter) -> Int {
        request(
            "RTM_DELTFILTER", on: "u32 on #\(filter.interface)", type: RTM_DELTFILTER, flags: 0
        ) { filter.writeForDeletion(to: &$0) }
    }
}

extension RouteSocket {
    /// The filters at one place of an interface, in the order they are asked.
    public mutating func filters(
        on interface: InterfaceIndex, parent: TrafficControlHandle
    ) throws(NetlinkError) -> [TrafficFilter] {
        try socket.list("RTM_GETTFILTER", on: "#\(interface)", type: RTM_GETTFILTER) { writer in
            var header = tcmsg()
            header.tcm_ifindex = interface.rawValue
            header.tcm_parent = parent.rawValue
            writer.append(header)
        } decode: { message throws(MalformedMessage) in
            try TrafficFilter(message)
        }
    }
}
