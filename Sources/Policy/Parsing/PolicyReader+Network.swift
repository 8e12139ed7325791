import Addressing
import Findings
import JSONTree

extension PolicyReader {
    /// A prefix. Bits below its length are ignored with a warning, as the API server does.
    public mutating func prefix(_ node: JSONNode, at path: String) -> IPPrefix? {
        guard let text = node.string else {
            report(path, "a prefix such as \"10.0.0.0/8\" is expected, this is \(node.kind)", at: node)
            return nil
        }
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            let address = IPAddress(text)
            report(
                path, "\"\(text)\" is not a prefix: it has no length", at: node,
                next: address.map { "for the one address write \($0)/\($0.family.bitWidth)" })
            return nil
        }
        do throws(AddressError) {
            let address = try IPAddress(parsing: String(text[..<slash]))
            let digits = text[text.index(after: slash)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(digits),
                length <= address.family.bitWidth, digits.utf8.count == String(length).utf8.count
            else {
                report(
                    path, "\"\(text)\" is not a prefix: the length must be 0...\(address.family.bitWidth)", at: node)
                return nil
            }
            let prefix = IPPrefix(containing: address, length: length)
            if prefix.network != address {
                report(
                    path, "\"\(text)\" has address bits below its length; it means \(prefix)", severity: .warning,
                    at: node,
                    next: "write \(prefix)")
            }
            return prefix
        } catch {
            report(path, "\"\(text)\" is not a prefix: \(error.reason)", at: node)
            return nil
        }
    }

    /// A port number 1...65535.
    public mutating func portNumber(_ node: JSONNode, at path: String) -> UInt16? {
        if let number = node.int, let port = UInt16(exactly: number), port > 0 { return port }
        let quoted = node.string.flatMap { UInt16($0) }
        report(
            path, "a port number 1...65535 is expected", at: node,
            next: quoted.map { "write \($0) without quotes" })
        return nil
    }

    /// One of the protocols an object may name, in upper case as Kubernetes has them.
    public mutating func transport(
        _ node: JSONNode, at path: String, of allowed: [TransportProtocol] = [.tcp, .udp, .sctp]
    ) -> TransportProtocol? {
        let names = allowed.map(\.description)
        if let text = node.string, let index = names.firstIndex(of: text) { return allowed[index] }
        report(
            path, "\(node.rawText) is not one of the protocols \(names.joined(separator: ", "))", at: node,
            next: node.string.flatMap { EditDistance.nearest(to: $0, in: names) }.map { "did you mean \($0)?" })
        return nil
    }

    /// A name for a container port.
    public mutating func portName(_ node: JSONNode, at path: String) -> String? {
        guard let text = node.string else {
            report(path, "the name of a container port is expected, this is \(node.kind)", at: node)
            return nil
        }
        guard LabelText.isPortName(text) else {
            report(
                path,
                "\"\(text)\" cannot be a port's name: at most 15 lower-case letters, digits and single hyphens, with "
                    + "at least one letter", at: node, next: UInt16(text).map { "write \($0) without quotes" })
            return nil
        }
        return text
    }
}

extension JSONNode {
    /// As it stands in the file, cut when long.
    var rawText: String {
        let bytes = rawBytes
        return bytes.count <= 60
            ? String(decoding: bytes, as: UTF8.self) : String(decoding: bytes.prefix(57), as: UTF8.self) + "..."
    }
}
