import CLinux

/// How an interface queues what it sends, or the hook for what it receives (RTM_NEWQDISC).
public struct QueueingDiscipline: Hashable, Sendable {
    public var interface: InterfaceIndex
    public var handle: TrafficControlHandle
    public var parent: TrafficControlHandle
    public var kind: Kind

    public enum Kind: Hashable, Sendable {
        case tokenBucket(TokenBucket)
        /// A place for filters on what comes in.
        case ingress
        /// As `ingress`, and a place for filters on what goes out; what eBPF agents use.
        case clsact
        case other(String)

        var name: String {
            switch self {
            case .tokenBucket: "tbf"
            case .ingress: "ingress"
            case .clsact: "clsact"
            case .other(let name): name
            }
        }
    }

    public init(
        _ kind: Kind, on interface: InterfaceIndex, handle: TrafficControlHandle = .unspecified,
        parent: TrafficControlHandle = .root
    ) {
        self.kind = kind
        self.interface = interface
        switch kind {
        case .ingress, .clsact:
            self.handle = TrafficControlHandle(major: 0xffff)
            self.parent = .ingress
        default:
            self.handle = handle
            self.parent = parent
        }
    }

    /// Reads RTM_NEWQDISC or RTM_DELQDISC; nil for other messages.
    public init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWQDISC || message.type == RTM_DELQDISC else { return nil }
        let header = try message.header(tcmsg.self)
        let attributes = try message.attributes(after: MemoryLayout<tcmsg>.size)
        let name = try attributes.first(Int(TCA_KIND))?.string ?? ""
        interface = InterfaceIndex(header.tcm_ifindex)
        handle = TrafficControlHandle(rawValue: header.tcm_handle)
        parent = TrafficControlHandle(rawValue: header.tcm_parent)
        switch name {
        case "tbf":
            if let options = try attributes.first(Int(TCA_OPTIONS)) {
                kind = .tokenBucket(try TokenBucket(options.nested))
            } else {
                kind = .other(name)
            }
        case "ingress": kind = .ingress
        case "clsact": kind = .clsact
        default: kind = .other(name)
        }
    }

    func write(to writer: inout MessageWriter) {
        var header = tcmsg()
        header.tcm_ifindex = interface.rawValue
        header.tcm_handle = handle.rawValue
        header.tcm_parent = parent.rawValue
        writer.append(header)
        writer.string(Int(TCA_KIND), kind.name)
        if case .tokenBucket(let bucket) = kind {
            writer.nested(Int(TCA_OPTIONS), flagged: false) { bucket.write(to: &$0) }
        }
    }
}

extension RequestBatch {
    /// `tc qdisc add dev LINK ...`: EEXIST when something is there.
    @discardableResult
    public mutating func add(_ discipline: QueueingDiscipline) -> Int {
        request(
            "RTM_NEWQDISC", on: discipline.label, type: RTM_NEWQDISC, flags: Int32(NLM_F_CREATE | NLM_F_EXCL)
        ) { discipline.write(to: &$0) }
    }

    /// `tc qdisc replace dev LINK ...`.
    @discardableResult
    public mutating func replace(_ discipline: QueueingDiscipline) -> Int {
        request(
            "RTM_NEWQDISC", on: discipline.label, type: RTM_NEWQDISC, flags: Int32(NLM_F_CREATE | NLM_F_REPLACE)
        ) { discipline.write(to: &$0) }
    }

    /// `tc qdisc del dev LINK ...`: ENOENT or EINVAL when it is not there.
    @discardableResult
    public mutating func delete(_ discipline: QueueingDiscipline) -> Int {
        request("RTM_DELQDISC", on: discipline.label, type: RTM_DELQDISC, flags: 0) { discipline.write(to: &$0) }
    }
}

extension QueueingDiscipline {
    fileprivate var label: String { "\(kind.name) \(parent) on #\(interface)" }
}

extension RouteSocket {
    /// The queueing disciplines of one interface, or of all.
    public mutating func queueingDisciplines(
        on interface: InterfaceIndex? = nil
    ) throws(NetlinkError) -> [QueueingDiscipline] {
        let disciplines = try socket.list("RTM_GETQDISC", type: RTM_GETQDISC) { writer in
            var header = tcmsg()
            header.tcm_ifindex = interface?.rawValue ?? 0
            writer.append(header)
        } decode: { message throws(MalformedMessage) in
            try QueueingDiscipline(message)
        }
        return disciplines.filter { interface == nil || $0.interface == interface }
    }
}
