import Addressing
import CNI
import Netlink

/// firewall: pods' packets are forwarded, also where the node drops what it does not know. See `FirewallRules` for
/// the rules and `ForeignForwarding` for chains of others that drop.
///
/// | key | meaning here |
/// |---|---|
/// | `backend` | `iptables` or `firewalld`; both mean nf_tables. firewalld keeps running beside us: a reload takes our rule out of its chain, and the next ADD or CHECK puts it back |
/// | `iptablesAdminChainName` | accepted: our rule stands behind all rules of FORWARD, so that any chain the administrator jumps to from there is asked before it |
/// | `firewalldZone` | accepted and not used: pods are let through by address, in no zone |
/// | `ingressPolicy` | `open`, `same-bridge`, `isolated` |
///
/// Against the reference: no chain and no rule for each pod, no program run, DEL without a previous result removes
/// everything too, GC and STATUS are real, published ports pass a FORWARD policy of DROP, and rules that vanish are put
/// back.
public enum Firewall: Plugin {
    public static let name = "firewall"
    /// From 0.4.0, as the reference: it works on the previous result, and says so with CHECK.
    public static var supportedVersions: [CNIVersion] { CNIVersion.allCases.filter { $0 >= .v040 } }

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let result = try call.configuration.requiredPreviousResult()
        let wanted = try wanted(call, result)
        try Undo.guarding { (undo) throws(CNIError) in
            var session = try Packetfilter.Session()
            try session.put(wanted, of: call.owner, on: FirewallRules.skeleton(call.configuration.name))
            undo.push("remove the firewall entries") { () throws(CNIError) in try delete(call.with(.delete)) }
            try ForeignForwarding.open(in: &session)
            session.notes.forEach(call.report)
            ForeignForwarding.legacyWarnings().forEach(call.report)
        }
        return result
    }

    /// Verifies what ADD made, and puts back what is missing, with a line on standard error.
    public static func check(_ call: PluginCall) throws(CNIError) {
        let wanted = try wanted(call, try call.configuration.requiredPreviousResult())
        var session = try Packetfilter.Session()
        let missing = try session.missing(wanted)
        try session.put(missing, of: call.owner, on: FirewallRules.skeleton(call.configuration.name))
        try ForeignForwarding.open(in: &session)
        session.notes.forEach(call.report)
        if !missing.isEmpty {
            call.report("\(missing.count) of \(wanted.count) firewall entries were missing and are put back")
        }
    }

    public static func delete(_ call: PluginCall) throws(CNIError) {
        var session = try Packetfilter.Session()
        let selection: Packetfilter.Session.Selection
        if let result = call.configuration.readablePreviousResult, !result.ips.isEmpty {
            var keys = FirewallRules.entries(call.owner, result.ips.map(\.address.address))
            if let link = FirewallRules.NetworkLink(result), !link.isShared {
                keys += FirewallRules.entries(.sameBridge, link, call.owner)
            }
            selection = .keys(keys.map { ($0.set, $0.element.key) }, of: call.owner)
        } else {
            selection = .all(of: [call.owner], in: FirewallRules.attachmentSets)
        }
        try remove(selection, &session)
    }

    public static func collectGarbage(
        _ call: PluginCall, validAttachments: [CNIAttachment]
    ) throws(CNIError) {
        var session = try Packetfilter.Session()
        try remove(
            .stale(
                network: call.configuration.name, valid: validAttachments, in: FirewallRules.attachmentSets),
            &session)
    }

    /// Whether nf_tables answers.
    public static func status(_ call: PluginCall) throws(CNIError) {
        _ = try policy(call)
        try Packetfilter.checkAvailable()
    }
}

extension Firewall {
    private enum Backend: String, CaseIterable { case iptables, firewalld }

    private static func policy(_ call: PluginCall) throws(CNIError) -> FirewallRules.IngressPolicy {
        let reader = call.configuration.reader
        if try !reader.string("backend", default: "").isEmpty { _ = try reader.choice("backend") as Backend? }
        _ = try reader.string("iptablesAdminChainName")
        _ = try reader.string("firewalldZone")
        if try reader.string("ingressPolicy", default: "").isEmpty { return .open }
        return try reader.choice("ingressPolicy") ?? .open
    }

    /// What an attachment's elements should be.
    private static func wanted(
        _ call: PluginCall, _ result: CNIResult
    ) throws(CNIError) -> [Packetfilter.Entry] {
        let policy = try policy(call)
        var entries = FirewallRules.entries(call.owner, result.ips.map(\.address.address))
        if policy == .open { return entries }
        guard let link = FirewallRules.NetworkLink(result) else {
            throw CNIError(
                .unusablePreviousResult, "ingressPolicy \(policy.rawValue) needs a link on the node",
                details: "prevResult has no interface outside of the container; put firewall behind bridge or ptp")
        }
        entries += FirewallRules.entries(policy, link, call.owner)
        return entries
    }

    private static func remove(
        _ selection: Packetfilter.Session.Selection, _ session: inout Packetfilter.Session
    ) throws(CNIError) {
        try session.remove(selection, companions: FirewallRules.networkSets, table: Packetfilter.table) {
            (remaining, transaction, socket) throws(NetlinkError) in
            if remaining.contains(where: FirewallRules.isNetworkChain) { return }
            try ForeignForwarding.close(remaining, &transaction, &socket)
        }
    }
}
