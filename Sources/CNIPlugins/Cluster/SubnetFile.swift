import Addressing
import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// What flannel's daemon writes down for its plugin: `/run/flannel/subnet.env`, lines of KEY=VALUE.
///
///     FLANNEL_NETWORK=10.244.0.0/16
///     FLANNEL_SUBNET=10.244.3.1/24
///     FLANNEL_MTU=1450
///     FLANNEL_IPMASQ=true
struct SubnetFile: Hashable, Sendable {
    /// FLANNEL_NETWORK and FLANNEL_IPV6_NETWORK: all pods of the cluster. A cluster can have several, with commas.
    var networks: [IPPrefix] = []
    /// FLANNEL_SUBNET and FLANNEL_IPV6_SUBNET: this node's pods. The file has an address in them.
    var subnets: [IPPrefix] = []
    /// FLANNEL_MTU, bytes.
    var mtu: Int?
    /// FLANNEL_IPMASQ=false: the daemon does not masquerade, so whoever makes pods does.
    var leavesMasquerading = false

    /// - Parameter path: only for errors.
    init(parsing text: String, path: String) throws(CNIError) {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.last == "\r" ? line.dropLast() : line
            guard let equals = line.firstIndex(of: "="), line.first != "#" else { continue }
            let value = String(line[line.index(after: equals)...])
            func wrong(_ expected: String) -> CNIError {
                CNIError(
                    .invalidConfiguration, "\(path):\(number + 1): \(line[..<equals]): \"\(value)\" is not \(expected)",
                    details: "flannel's daemon writes this file; its log says why it wrote that")
            }
            switch line[..<equals] {
            case "FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK":
                for part in value.split(separator: ",") {
                    guard let prefix = IPPrefix(String(part)) else { throw wrong("a network") }
                    networks.append(prefix)
                }
            case "FLANNEL_SUBNET", "FLANNEL_IPV6_SUBNET":
                guard let address = InterfaceAddress(value) else { throw wrong("an address with a prefix length") }
                subnets.append(address.prefix)
            case "FLANNEL_MTU":
                guard let number = Int(value), (68...65535).contains(number) else {
                    throw wrong("a number from 68 to 65535")
                }
                mtu = number
            case "FLANNEL_IPMASQ":
                guard value == "true" || value == "false" else { throw wrong("true or false") }
                leavesMasquerading = value == "false"
            default: break
            }
        }
        if subnets.isEmpty {
            throw CNIError(
                .invalidConfiguration, "\(path): has neither FLANNEL_SUBNET nor FLANNEL_IPV6_SUBNET",
                details: "flannel's daemon writes this file when the node has its range (kubectl get node -o yaml:"
                    + " spec.podCIDR)")
        }
    }

    static func read(_ path: String) throws(CNIError) -> SubnetFile {
        let bytes: [UInt8]?
        do throws(SystemCallError) { bytes = try AtomicFile.read(path) } catch { throw CNIError(error) }
        guard let bytes else {
            throw CNIError(
                .tryAgainLater, "there is no \(path) yet",
                details: "flannel's daemon writes it when it has a range of addresses for this node: see its log")
        }
        return try SubnetFile(parsing: String(decoding: bytes, as: UTF8.self), path: path)
    }

    /// The address with the length of the cluster's network it is in.
    func inNetwork(_ address: InterfaceAddress) -> InterfaceAddress {
        guard let network = networks.first(where: { $0.contains(address.address) }) else { return address }
        return InterfaceAddress(address: address.address, prefixLength: network.length) ?? address
    }

    // MARK: An address manager's configuration

    /// The call with host-local on this node's ranges. Keys of an `ipam` that is there stay: `dataDir` is one.
    func configured(_ call: PluginCall) throws(CNIError) -> PluginCall {
        let ranges = subnets.map { JSONValue.array([["subnet": .string($0.description)]]) }
        return try Self.configured(call, ranges)
    }

    /// The call with host-local, fit for giving back.
    static func configuredWithoutRanges(_ call: PluginCall) throws(CNIError) -> PluginCall {
        try configured(call, [])
    }

    private static func configured(_ call: PluginCall, _ ranges: [JSONValue]) throws(CNIError) -> PluginCall {
        let root = JSONValue(call.configuration.root)
        var ipam = JSONValue.object(root["ipam"]?.members ?? [])
        if ipam["type"] == nil { ipam = ipam.setting("type", to: .string(HostLocal.name)) }
        if !ranges.isEmpty { ipam = ipam.setting("ranges", to: .array(ranges)) }
        let configuration = try PluginConfiguration(
            parsing: root.setting("ipam", to: ipam).serialized(), for: call.request.command,
            supporting: Cluster.supportedVersions)
        return PluginCall(request: call.request, configuration: configuration, host: call.host)
    }
}
