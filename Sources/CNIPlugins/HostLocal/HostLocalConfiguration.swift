import Addressing
import CNI
import IPAM
import JSONTree

/// The `ipam` object of host-local: where addresses come from, where they are written down, and what goes into the
/// result beside them.
struct HostLocalConfiguration {
    /// A range set and the place in the configuration that errors about it point to.
    struct Source {
        let set: RangeSet
        let node: JSONNode
        let ranges: [ConfigurationReader]
    }

    let store: ReservationStore
    /// In the order in which they supply addresses: those of the runtime, the flat keys, `ranges`.
    let sets: [Source]
    let routes: [CNIResult.Route]
    private let ipam: ConfigurationReader

    init(_ call: PluginCall) throws(CNIError) {
        ipam = try Self.ipam(call)
        store = try Self.store(call)
        var routes: [CNIResult.Route] = []
        for route in try ipam.objects("routes") { routes.append(try CNIResult.Route(route)) }
        self.routes = routes
        sets = try Self.sets(ipam, call)
    }

    private static func ipam(_ call: PluginCall) throws(CNIError) -> ConfigurationReader {
        guard let ipam = try call.configuration.reader.object("ipam") else {
            throw call.configuration.reader.missing("ipam")
        }
        return ipam
    }

    /// `dataDir` alone.
    static func store(_ call: PluginCall) throws(CNIError) -> ReservationStore {
        let directory = try ipam(call).string("dataDir", default: "")
        return ReservationStore(
            dataDirectory: directory.isEmpty ? call.host.addressReservations : directory,
            network: call.configuration.name)
    }
}

// MARK: - Ranges

extension HostLocalConfiguration {
    private static func sets(_ ipam: ConfigurationReader, _ call: PluginCall) throws(CNIError) -> [Source] {
        var sources: [Source] = []
        for node in try call.configuration.capabilities.ipRanges() ?? [] { sources.append(try source(node, ipam)) }
        if let subnet = ipam["subnet"], subnet.string != "" {
            sources.append(try source([ipam], ipam.node, ipam))
        }
        for node in try ipam.array("ranges") { sources.append(try source(node, ipam)) }
        if sources.isEmpty {
            throw ipam.invalid("ranges", "no ranges are given: an address can come from nowhere")
        }
        do throws(RangeError) {
            let version = call.configuration.cniVersion
            try RangeSet.check(
                sources.map(\.set), onlyOnePerFamily: version < .v030 ? version.description : nil)
        } catch {
            throw explain(error, ipam, among: sources)
        }
        return sources
    }

    /// One element of `ranges` or `runtimeConfig.ipRanges`: an array of objects.
    private static func source(_ node: JSONNode, _ ipam: ConfigurationReader) throws(CNIError) -> Source {
        guard node.kind == .array else {
            throw ipam.invalid(node, "must be an array of ranges, not \(node.kind): ranges is a list of lists")
        }
        var readers: [ConfigurationReader] = []
        for element in node.elements { readers.append(try ConfigurationReader(element)) }
        return try source(readers, node, ipam)
    }

    private static func source(
        _ readers: [ConfigurationReader], _ node: JSONNode, _ ipam: ConfigurationReader
    ) throws(CNIError) -> Source {
        var ranges: [AddressRange] = []
        for reader in readers { ranges.append(try range(reader)) }
        do throws(RangeError) {
            return Source(set: try RangeSet(ranges), node: node, ranges: readers)
        } catch {
            if let index = error.range, let key = error.key {
                throw readers[index].invalid(key.rawValue, error.reason)
            }
            throw ipam.invalid(node, error.reason)
        }
    }

    private static func range(_ reader: ConfigurationReader) throws(CNIError) -> AddressRange {
        guard let subnet = try reader.prefix("subnet") else { throw reader.missing("subnet") }
        let start = try reader.address("rangeStart")
        let end = try reader.address("rangeEnd")
        let gateway = try reader.address("gateway")
        do throws(RangeError) {
            return try AddressRange(subnet: subnet, rangeStart: start, rangeEnd: end, gateway: gateway)
        } catch {
            throw reader.invalid(error.key?.rawValue ?? "subnet", error.reason)
        }
    }

    private static func explain(
        _ error: RangeError, _ ipam: ConfigurationReader, among sources: [Source]
    ) -> CNIError {
        guard let index = error.set else { return ipam.invalid("ranges", error.reason) }
        guard let range = error.range, let key = error.key else {
            return ipam.invalid(sources[index].node, error.reason)
        }
        return sources[index].ranges[range].invalid(key.rawValue, error.reason)
    }
}

// MARK: - What the runtime asks for

extension HostLocalConfiguration {
    /// Addresses asked for in CNI_ARGS (`IP`), `args.cni.ips` and `runtimeConfig.ips`.
    static func requestedAddresses(_ call: PluginCall) throws(CNIError) -> [RequestedIP] {
        var requests: [RequestedIP] = []
        let arguments = try CNIArguments(call.request.arguments, known: ["IP"])
        for part in arguments["IP"]?.split(separator: ",") ?? [] {
            let text = part.filter { $0 != " " }
            do throws(AddressError) {
                requests.append(try RequestedIP(parsing: text))
            } catch {
                throw CNIError(.invalidEnvironment, "CNI_ARGS: IP: \(error)")
            }
        }
        requests += try RequestedIP.list("ips", of: call.configuration.conventionArguments)
        requests += try call.configuration.capabilities.ips()
        return requests
    }

    /// The error, pointing to where the address at fault was asked for.
    static func explain(_ error: IPAMError, _ requests: [RequestedIP], _ call: PluginCall) -> CNIError {
        let culprit: IPAddress?
        switch error {
        case .notForContainers(let address, _): culprit = address
        case .outside(let addresses, _): culprit = addresses.first
        default: culprit = nil
        }
        guard let culprit, let request = requests.first(where: { $0.address.unmapped == culprit }) else {
            return CNIError(error)
        }
        if let node = request.node { return call.configuration.reader.invalid(node, error.description) }
        return CNIError(.invalidEnvironment, "CNI_ARGS: IP: \(error)")
    }
}

// MARK: - Name servers

extension HostLocalConfiguration {
    /// What the file `resolvConf` says; nothing without the key.
    func dns() throws(CNIError) -> CNIResult.DNS {
        let path = try ipam.string("resolvConf", default: "")
        if path.isEmpty { return CNIResult.DNS() }
        return try ResolverFile.read(path) { ipam.invalid("resolvConf", $0) }
    }
}
