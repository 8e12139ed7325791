import Addressing
import CNI
import Findings
import JSONTree

/// What is wrong with the fields of one plugin of a list, found without executing it.
///
/// Errors are what the plugin would refuse at the first ADD. Warnings are what it would silently do something else
/// with than was meant: a key that nobody reads because of a typing error, or one that stands there twice.
struct PluginLint {
    let file: String
    private var findings: [Finding] = []

    /// - Parameters:
    ///   - plugin: the plugin's object.
    ///   - isFirst: whether no plugin stands before it.
    static func findings(in plugin: JSONNode, type: String, file: String, isFirst: Bool) -> [Finding] {
        var lint = PluginLint(file: file)
        lint.checkDuplicates(plugin)
        lint.checkPlugin(plugin, type, isFirst: isFirst)
        return lint.findings
    }

    /// Everything wrong with a file: what a runtime minds and what the plugins do.
    static func findings(in source: [UInt8], file: String) -> [Finding] {
        var lint = PluginLint(file: file)
        do throws(JSONSyntaxError) {
            lint.checkFile(try JSONTree(parsing: source).root)
        } catch {
            let code = "CNI-\(CNIError.Code.decoding)"
            lint.findings.append(Finding(code: code, "not valid JSON: \(error.reason)", at: .init(file: file, error)))
        }
        return lint.findings
    }

    private init(file: String) { self.file = file }

    mutating func checkPlugin(_ plugin: JSONNode, _ type: String, isFirst: Bool) {
        if let keys = ConfigurationKeys.plugins[type] {
            check(plugin, ConfigurationKeys.common.merging(keys) { $1 }, of: type)
        } else {
            check(plugin, ConfigurationKeys.common, of: nil)
        }
        if isFirst && ConfigurationKeys.chained.contains(type) {
            error(
                plugin["type"] ?? plugin,
                "\(type) works on an interface that a plugin before it made, and there is none before it")
        }
        if let ipam = plugin["ipam"], ipam.kind == .object { checkIPAM(ipam) }
        if let dns = plugin["dns"], dns.kind == .object { check(dns, ConfigurationKeys.dns, of: "dns") }
    }

    private mutating func checkIPAM(_ ipam: JSONNode) {
        checkDuplicates(ipam)
        guard let type = ipam["type"], let name = type.string else {
            if ipam.count > 0 { warning(ipam, "has no \"type\", so the network gets no addresses") }
            return
        }
        guard let keys = ConfigurationKeys.ipam[name] else { return }
        check(ipam, keys, of: name)
        for route in ipam["routes"].map({ Array($0.elements) }) ?? [] { checkRoute(route) }
        if name == "host-local" { checkRanges(ipam) }
        if name == "static" {
            for entry in ipam["addresses"].map({ Array($0.elements) }) ?? [] {
                parse(entry["address"]) { (text) throws(AddressError) in try InterfaceAddress(parsing: text) }
                parse(entry["gateway"]) { (text) throws(AddressError) in try IPAddress(parsing: text) }
            }
        }
    }

    private mutating func checkRoute(_ route: JSONNode) {
        guard route.kind == .object else { return error(route, "must be an object, not \(route.kind)") }
        if route["dst"] == nil { error(route, "\"dst\" is required") }
        parse(route["dst"]) { (text) throws(AddressError) in try IPPrefix(parsing: text) }
        parse(route["gw"]) { (text) throws(AddressError) in try IPAddress(parsing: text) }
    }

    /// host-local's ranges: each in its subnet, none overlapping another.
    private mutating func checkRanges(_ ipam: JSONNode) {
        var ranges: [(subnet: JSONNode, range: IPRange)] = []
        if let flat = ipam["subnet"], !flat.isNull { ranges += checkRange(ipam) }
        for set in ipam["ranges"].map({ Array($0.elements) }) ?? [] {
            guard set.kind == .array else {
                error(set, "must be an array of ranges (\"ranges\" is a list of lists), not \(set.kind)")
                continue
            }
            for range in set.elements { ranges += checkRange(range) }
        }
        if ipam["subnet"] == nil && ipam["ranges"] == nil && ipam["type"] != nil {
            warning(ipam, "has neither \"ranges\" nor \"subnet\": every ADD must bring its ranges (ipRanges)")
        }
        for (index, later) in ranges.enumerated() {
            if let earlier = ranges[..<index].first(where: { $0.range.overlaps(later.range) }) {
                error(later.subnet, "overlaps \(earlier.range) of line \(earlier.subnet.position.line)")
            }
        }
    }

    private mutating func checkRange(_ range: JSONNode) -> [(subnet: JSONNode, range: IPRange)] {
        guard range.kind == .object else {
            error(range, "must be an object, not \(range.kind)")
            return []
        }
        guard let field = range["subnet"] else {
            error(range, "\"subnet\" is required")
            return []
        }
        guard let subnet = parse(field, { (text) throws(AddressError) in try IPPrefix(parsing: text) }) else {
            return []
        }
        if subnet.length > subnet.family.bitWidth - 2 {
            error(field, "is too small: a subnet for containers has at least four addresses")
        }
        var ends: [String: IPAddress] = [:]
        for key in ["rangeStart", "rangeEnd", "gateway"] {
            guard let end = range[key],
                let address = parse(end, { (text) throws(AddressError) in try IPAddress(parsing: text) })
            else { continue }
            if subnet.contains(address) { ends[key] = address } else { error(end, "is not in the subnet \(subnet)") }
        }
        let (first, last) = (ends["rangeStart"] ?? subnet.first, ends["rangeEnd"] ?? subnet.last)
        guard let whole = IPRange(first: first, last: last) else {
            if let start = range["rangeStart"] { error(start, "comes after rangeEnd, \(last)") }
            return []
        }
        return [(field, whole)]
    }
}

// MARK: - Keys and values

extension PluginLint {
    /// Checks the kinds of values and, when `owner` is named, that every key is one of its own.
    private mutating func check(_ object: JSONNode, _ keys: [String: ConfigurationKeys.Kind], of owner: String?) {
        for (key, value) in object.members {
            if key == "prevResult" || key == "runtimeConfig" { continue }
            guard let (known, kind) = keys.first(where: { JSONKey.matches(key, $0.key) }) else {
                if let owner { warnUnknown(key, value, keys, owner) }
                continue
            }
            if let complaint = kind.complaint(about: value) { error(value, complaint) }
            if key != known { warning(value.keyNode ?? value, "\"\(key)\" is read as \"\(known)\"") }
        }
    }

    private mutating func warnUnknown(
        _ key: String, _ value: JSONNode, _ keys: [String: ConfigurationKeys.Kind], _ owner: String
    ) {
        // Keys with a dot or a slash are namespaced extensions, such as cni.dev/*.
        if key.contains(".") || key.contains("/") { return }
        var finding = made(.warning, value.keyNode ?? value, "\"\(key)\" means nothing to \(owner) and is ignored")
        if let near = EditDistance.nearest(to: key, in: keys.keys) { finding.next = "did you mean \"\(near)\"?" }
        findings.append(finding)
    }

    /// Keys that Go's decoder takes for the same field.
    mutating func checkDuplicates(_ object: JSONNode) {
        var seen: [(key: String, line: Int)] = []
        for (key, value) in object.members {
            if let earlier = seen.first(where: { JSONKey.matches($0.key, key) }) {
                warning(value.keyNode ?? value, "repeats \"\(earlier.key)\" of line \(earlier.line): the last one wins")
            } else {
                seen.append((key, value.position.line))
            }
        }
    }

    @discardableResult
    private mutating func parse<Value>(
        _ node: JSONNode?, _ body: (String) throws(AddressError) -> Value
    ) -> Value? {
        // The empty text is the same as not being there.
        guard let node, !node.isNull, node.string != "" else { return nil }
        guard let text = node.string else {
            error(node, "must be a string, not \(node.kind)")
            return nil
        }
        do throws(AddressError) {
            return try body(text)
        } catch {
            self.error(node, "\(error)")
            return nil
        }
    }

    mutating func error(_ node: JSONNode, _ message: String) { findings.append(made(.error, node, message)) }

    mutating func warning(_ node: JSONNode, _ message: String) {
        findings.append(made(.warning, node, message))
    }

    private func made(_ severity: Finding.Severity, _ node: JSONNode, _ message: String) -> Finding {
        let path = node.path
        return Finding(
            severity, code: "CNI-\(CNIError.Code.invalidConfiguration)", path.isEmpty ? message : "\(path): \(message)",
            at: Finding.Place(file: file, node: node))
    }
}
