import Addressing
import CNI

/// Gives the addresses that are written in the configuration, or that the runtime asks for. Reserves nothing.
///
/// Addresses come from `ipam.addresses` and CNI_ARGS (`IP=a,b` with `GATEWAY=c,d`, added to them). `args.cni.ips`
/// takes the place of all those, and `runtimeConfig.ips` of all others. Each has the length of its prefix.
public enum Static: Plugin {
    public static let name = "static"
    public static let isAddressManager = true

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let configuration = try StaticConfiguration(call)
        guard !configuration.addresses.isEmpty else {
            throw configuration.ipam.invalid(
                "addresses",
                "no address is given, here, in CNI_ARGS (IP=...), in args.cni.ips or in runtimeConfig.ips")
        }
        return CNIResult(ips: configuration.addresses, routes: configuration.routes, dns: configuration.dns)
    }

    /// The result still has every address, with the gateway that was given for it.
    public static func check(_ call: PluginCall) throws(CNIError) {
        let configuration = try StaticConfiguration(call)
        let previous = try call.configuration.requiredPreviousResult()
        for wanted in configuration.addresses {
            guard let found = previous.ips.first(where: { $0.address == wanted.address }) else {
                throw CNIError(
                    .checkFailed, "the result lacks the address \(wanted.address)",
                    details: "expected: \(wanted.address)\nfound: \(previous.ips.map(\.address))")
            }
            guard wanted.gateway == nil || found.gateway == wanted.gateway else {
                throw CNIError(
                    .checkFailed, "the gateway of \(wanted.address) is another one in the result",
                    details: "expected: \(wanted.gateway.map(\.description) ?? "none")\n"
                        + "found: \(found.gateway.map(\.description) ?? "none")")
            }
        }
    }

    /// There is nothing to give back.
    public static func delete(_ call: PluginCall) throws(CNIError) {}

    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {}

    /// Whether the configuration can be used. That it has no address says nothing: the runtime may bring one.
    public static func status(_ call: PluginCall) throws(CNIError) {
        _ = try StaticConfiguration(call)
    }
}

/// The `ipam` object of static, with what the runtime adds to it.
struct StaticConfiguration {
    let ipam: ConfigurationReader
    let addresses: [CNIResult.IP]
    let routes: [CNIResult.Route]
    let dns: CNIResult.DNS

    init(_ call: PluginCall) throws(CNIError) {
        guard let ipam = try call.configuration.reader.object("ipam") else {
            throw call.configuration.reader.missing("ipam")
        }
        self.ipam = ipam
        var routes: [CNIResult.Route] = []
        for route in try ipam.objects("routes") { routes.append(try CNIResult.Route(route)) }
        self.routes = routes
        dns = try CNIResult.DNS(try ipam.object("dns"))

        // Wrong addresses are errors even where others take their place.
        var addresses = try Self.configured(ipam)
        addresses += try Self.fromArguments(call)
        for list in [
            try RequestedIP.list("ips", of: call.configuration.conventionArguments),
            try call.configuration.capabilities.ips(),
        ] where !list.isEmpty {
            addresses = try list.map { (request) throws(CNIError) in
                guard let length = request.prefixLength,
                    let address = InterfaceAddress(address: request.address, prefixLength: length)
                else {
                    let reason = "the length of the prefix is missing, such as \(request.address)/24"
                    if let node = request.node { throw ipam.invalid(node, reason) }
                    throw CNIError(.invalidConfiguration, "\(request.address): \(reason)")
                }
                return CNIResult.IP(address: address)
            }
        }
        self.addresses = addresses
        try checkVersion(call)
    }

    private static func configured(_ ipam: ConfigurationReader) throws(CNIError) -> [CNIResult.IP] {
        var addresses: [CNIResult.IP] = []
        for entry in try ipam.objects("addresses") {
            guard let address = try entry.interfaceAddress("address") else { throw entry.missing("address") }
            let gateway = try entry.address("gateway")
            if let gateway, gateway.family != address.family {
                throw entry.invalid(
                    "gateway", "\(gateway) is \(gateway.family), the address \(address) is \(address.family)")
            }
            addresses.append(CNIResult.IP(address: address, gateway: gateway))
        }
        return addresses
    }

    /// `IP` and `GATEWAY`; a gateway belongs to those of these addresses whose network it is in.
    private static func fromArguments(_ call: PluginCall) throws(CNIError) -> [CNIResult.IP] {
        let arguments = try CNIArguments(call.request.arguments, known: ["IP", "GATEWAY"])
        func parts(_ key: String) -> [String] {
            arguments[key]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
        }
        var addresses: [CNIResult.IP] = []
        do throws(AddressError) {
            for text in parts("IP") { addresses.append(CNIResult.IP(address: try InterfaceAddress(parsing: text))) }
        } catch {
            throw CNIError(.invalidEnvironment, "CNI_ARGS: IP: \(error)")
        }
        do throws(AddressError) {
            for text in parts("GATEWAY") {
                let gateway = try IPAddress(parsing: text)
                let matching = addresses.indices.filter { addresses[$0].address.prefix.contains(gateway) }
                if matching.isEmpty {
                    call.report("CNI_ARGS: GATEWAY \(gateway) is in the network of no address in IP")
                }
                for index in matching { addresses[index].gateway = gateway }
            }
        } catch {
            throw CNIError(.invalidEnvironment, "CNI_ARGS: GATEWAY: \(error)")
        }
        return addresses
    }

    private func checkVersion(_ call: PluginCall) throws(CNIError) {
        guard call.configuration.cniVersion < .v030 else { return }
        for family in IPFamily.allCases where addresses.count(where: { $0.address.family == family }) > 1 {
            throw ipam.invalid(
                "addresses",
                "a result of CNI version \(call.configuration.cniVersion) holds one \(family) address: "
                    + "use cniVersion 0.3.0 or newer")
        }
    }
}
