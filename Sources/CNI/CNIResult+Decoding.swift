import Addressing
import JSONTree

extension CNIResult {
    /// Reads a result of any version.
    ///
    /// - Parameters:
    ///   - node: the result; `null` is an empty one, which some plugins answer.
    ///   - version: the configuration's, for a result that does not name its own.
    /// - Throws: code 6 with path and caret.
    public init(decoding node: JSONNode, assuming version: CNIVersion) throws(CNIError) {
        self.init()
        if node.isNull { return }
        let reader = try ConfigurationReader(node, code: .decoding)
        var shape = version
        if let text = try reader.string("cniVersion"), !text.isEmpty {
            guard let named = CNIVersion(text) else {
                throw reader.invalid("cniVersion", "is no version of the specification known here: \"\(text)\"")
            }
            shape = named
        }
        if shape.hasInterfaces {
            try decodeLists(reader, shape)
        } else {
            try decodeFamilies(reader)
        }
        dns = try DNS(reader.object("dns"))
        // The keys of both shapes, so that what one version does not know cannot become what another one means.
        unknown = node.unknownMembers(
            besides: "cniVersion", "interfaces", "ips", "routes", "dns", "ip4", "ip6")
    }

    /// 0.3.0 and newer.
    private mutating func decodeLists(_ reader: ConfigurationReader, _ shape: CNIVersion) throws(CNIError) {
        for field in try reader.objects("interfaces") { interfaces.append(try Interface(field)) }
        for field in try reader.objects("ips") { ips.append(try IP(field)) }
        for field in try reader.objects("routes") { routes.append(try Route(field)) }
    }

    /// 0.1.0 and 0.2.0: one object per family; the routes of both become one list.
    private mutating func decodeFamilies(_ reader: ConfigurationReader) throws(CNIError) {
        for key in ["ip4", "ip6"] {
            guard let field = try reader.object(key) else { continue }
            guard let address = try field.interfaceAddress("ip") else { throw field.missing("ip") }
            ips.append(IP(address: address, gateway: try field.address("gateway")))
            for route in try field.objects("routes") { routes.append(try Route(route)) }
        }
    }
}

extension CNIResult.Interface {
    init(_ reader: ConfigurationReader) throws(CNIError) {
        self.init(name: try reader.string("name", default: ""))
        mac = try reader.text("mac")
        mtu = try reader.integer("mtu")
        sandbox = try reader.text("sandbox")
        socketPath = try reader.text("socketPath")
        pciID = try reader.text("pciID")
        unknown = reader.node.unknownMembers(besides: "name", "mac", "mtu", "sandbox", "socketPath", "pciID")
    }
}

extension CNIResult.IP {
    init(_ reader: ConfigurationReader) throws(CNIError) {
        guard let address = try reader.interfaceAddress("address") else { throw reader.missing("address") }
        self.init(
            address: address, gateway: try reader.address("gateway"), interface: try reader.integer("interface"))
        // `version` (0.3.0 to 0.4.0) says what the address says too, and is written anew.
        unknown = reader.node.unknownMembers(besides: "address", "gateway", "interface", "version")
    }
}

extension CNIResult.Route {
    /// A route of a result, or of an `ipam.routes` list. Host bits of `dst` are dropped: the kernel refuses them.
    public init(_ reader: ConfigurationReader) throws(CNIError) {
        guard let destination = try reader.interfaceAddress("dst") else { throw reader.missing("dst") }
        self.init(
            destination: destination.prefix, gateway: try reader.address("gw"),
            mtu: try reader.integer("mtu"), advmss: try reader.integer("advmss"),
            priority: try reader.integer("priority"), table: try reader.integer("table"),
            scope: try reader.integer("scope"))
        unknown = reader.node.unknownMembers(
            besides: "dst", "gw", "mtu", "advmss", "priority", "table", "scope")
    }
}

extension ConfigurationReader {
    /// A string whose empty text is the same as not being there.
    func text(_ key: String) throws(CNIError) -> String? {
        guard let text = try string(key), !text.isEmpty else { return nil }
        return text
    }
}

extension JSONNode {
    /// The members whose keys a reader does not know, verbatim.
    func unknownMembers(besides known: String...) -> [JSONMember] {
        var found: [JSONMember] = []
        for (key, value) in members where !known.contains(where: { $0.equalsIgnoringCase(key) }) {
            found.append(JSONMember(key, .node(value)))
        }
        return found
    }
}

extension String {
    /// ASCII letters compare without case, as keys do in Go's decoder (which also folds two non-ASCII letters that no
    /// key of ours contains).
    func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { left, right in
                left == right || (left ^ right == 0x20 && (0x61...0x7A).contains(left | 0x20))
            }
    }
}
