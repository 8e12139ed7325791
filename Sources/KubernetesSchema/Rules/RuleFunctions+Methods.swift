import Addressing

extension RuleFunctions {
    static func method(
        _ name: String, of target: RuleValue, _ arguments: [RuleValue]
    ) throws(RuleError) -> RuleValue {
        let result: RuleValue? =
            switch target {
            case .string(let text): try method(name, of: text, arguments)
            case .list(let elements, _): try method(name, of: elements, arguments)
            case .map(let fields) where name == "size" && arguments.isEmpty: .int(Int64(fields.count))
            case .address(let address) where arguments.isEmpty: method(name, of: address)
            case .network(let network): try method(name, of: network, arguments)
            case .quantity(let quantity): try method(name, of: quantity, arguments)
            case .url(let url) where arguments.isEmpty: method(name, of: url)
            case .duration(let duration) where arguments.isEmpty: method(name, of: duration)
            case .timestamp(let moment) where arguments.isEmpty: moment.part(name).map { .int($0) }
            case .optional(let content): try method(name, of: content, arguments)
            default: nil
            }
        guard let result else { throw .noOverload("\(target.typeName).\(name)") }
        return result
    }

    // MARK: Strings

    private static func method(
        _ name: String, of text: String, _ arguments: [RuleValue]
    ) throws(RuleError) -> RuleValue? {
        let scalars = Array(text.unicodeScalars)
        if arguments.isEmpty {
            switch name {
            case "size": return .int(Int64(scalars.count))
            case "lowerAscii": return .string(ascii(text) { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 })
            case "upperAscii": return .string(ascii(text) { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 })
            case "trim":
                let kept = scalars.drop { $0.properties.isWhitespace }.reversed().drop { $0.properties.isWhitespace }
                return .string(string(kept.reversed()))
            default: return nil
            }
        }
        switch (name, arguments[0], arguments.count) {
        case ("startsWith", .string(let part), 1): return .bool(scalars.starts(with: part.unicodeScalars))
        case ("endsWith", .string(let part), 1):
            return .bool(scalars.reversed().starts(with: part.unicodeScalars.reversed()))
        case ("contains", .string(let part), 1): return .bool(place(of: part, in: scalars, from: 0) != nil)
        case ("matches", .string(let text), 1):
            guard let pattern = PatternCache.pattern(text) else {
                throw RuleError("error parsing regexp: `\(text)`")
            }
            return .bool(pattern.matches(string(scalars)))
        case ("charAt", .int(let index), 1):
            guard let index = Int(exactly: index), (0...scalars.count).contains(index) else {
                throw RuleError("index out of range: \(index)")
            }
            return .string(index == scalars.count ? "" : String(scalars[index]))
        case ("indexOf", .string(let part), _), ("lastIndexOf", .string(let part), _):
            return try place(name, of: part, in: scalars, arguments.dropFirst().first)
        case ("substring", .int(let start), _): return try substring(scalars, start, arguments.dropFirst().first)
        case ("split", .string(let separator), _):
            return try split(scalars, separator, arguments.dropFirst().first)
        case ("replace", .string(let old), 2...3):
            guard case .string(let new) = arguments[1] else { return nil }
            return try replaced(scalars, old, new, arguments.dropFirst(2).first)
        default: return nil
        }
    }

    private static func ascii(_ text: String, _ change: (UInt8) -> UInt8) -> String {
        String(decoding: text.utf8.map(change), as: UTF8.self)
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    private static func place(of part: String, in scalars: [Unicode.Scalar], from start: Int) -> Int? {
        let part = Array(part.unicodeScalars)
        guard start <= scalars.count - part.count else { return nil }
        return (start...(scalars.count - part.count)).first { scalars[$0...].starts(with: part) }
    }

    private static func place(
        _ name: String, of part: String, in scalars: [Unicode.Scalar], _ limit: RuleValue?
    ) throws(RuleError) -> RuleValue? {
        let length = part.unicodeScalars.count
        var from = name == "indexOf" ? 0 : scalars.count
        if let limit {
            guard case .int(let given) = limit else { return nil }
            guard let given = Int(exactly: given), (0...scalars.count).contains(given) else {
                throw RuleError("index out of range: \(given)")
            }
            from = given
        }
        if name == "indexOf" { return .int(Int64(place(of: part, in: scalars, from: from) ?? -1)) }
        let last = min(from, scalars.count - length)
        guard last >= 0 else { return .int(-1) }
        let wanted = Array(part.unicodeScalars)
        return .int(Int64((0...last).last { scalars[$0...].starts(with: wanted) } ?? -1))
    }

    private static func substring(
        _ scalars: [Unicode.Scalar], _ start: Int64, _ end: RuleValue?
    ) throws(RuleError) -> RuleValue? {
        var last = Int64(scalars.count)
        if let end {
            guard case .int(let given) = end else { return nil }
            last = given
        }
        guard start >= 0, last <= scalars.count, start <= last else {
            throw RuleError("invalid substring range. start: \(start), end: \(last)")
        }
        return .string(string(scalars[Int(start)..<Int(last)]))
    }

    /// The pieces between the places where `separator` is; an empty one is between all characters.
    private static func pieces(_ scalars: [Unicode.Scalar], _ separator: String, most: Int) -> [String] {
        if most == 0 { return [] }
        var pieces: [String] = []
        var start = 0
        let length = separator.unicodeScalars.count
        while most < 0 || pieces.count < most - 1 {
            if length == 0 {
                guard start < scalars.count - 1 else { break }
                pieces.append(String(scalars[start]))
                start += 1
            } else {
                guard let next = place(of: separator, in: scalars, from: start) else { break }
                pieces.append(string(scalars[start..<next]))
                start = next + length
            }
        }
        if length == 0, scalars.isEmpty { return [] }
        return pieces + [string(scalars[start...])]
    }

    private static func split(
        _ scalars: [Unicode.Scalar], _ separator: String, _ limit: RuleValue?
    ) throws(RuleError) -> RuleValue? {
        var most: Int64 = -1
        if let limit {
            guard case .int(let given) = limit else { return nil }
            most = given
        }
        return .list(pieces(scalars, separator, most: Int(clamping: most)).map { .string($0) })
    }

    private static func replaced(
        _ scalars: [Unicode.Scalar], _ old: String, _ new: String, _ limit: RuleValue?
    ) throws(RuleError) -> RuleValue? {
        var most: Int64 = -1
        if let limit {
            guard case .int(let given) = limit else { return nil }
            most = given
        }
        if old.isEmpty { throw RuleError("replacing nothing is not supported by this server") }
        if most == 0 { return .string(string(scalars)) }
        let most1 = most < 0 ? -1 : Int(clamping: most) &+ 1
        return .string(pieces(scalars, old, most: most1).joined(separator: new))
    }

    // MARK: Lists

    private static func method(
        _ name: String, of elements: [RuleValue], _ arguments: [RuleValue]
    ) throws(RuleError) -> RuleValue? {
        switch (name, arguments.count) {
        case ("size", 0): return .int(Int64(elements.count))
        case ("indexOf", 1): return .int(Int64(elements.firstIndex(of: arguments[0]) ?? -1))
        case ("lastIndexOf", 1): return .int(Int64(elements.lastIndex(of: arguments[0]) ?? -1))
        case ("isSorted", 0):
            for (first, second) in zip(elements, elements.dropFirst()) {
                guard let order = RuleValue.order(first, second) else { throw .noOverload("isSorted") }
                if order > 0 { return .bool(false) }
            }
            return .bool(true)
        case ("min", 0), ("max", 0):
            guard var best = elements.first else { throw RuleError("\(name) called on empty list") }
            for element in elements.dropFirst() {
                guard let order = RuleValue.order(element, best) else { throw .noOverload(name) }
                if name == "min" ? order < 0 : order > 0 { best = element }
            }
            return best
        case ("sum", 0):
            guard var sum = elements.first else { return .int(0) }
            for element in elements.dropFirst() { sum = try RuleArithmetic.result("+", sum, element) }
            return sum
        case ("join", 0...1):
            var texts: [String] = []
            for element in elements {
                guard case .string(let text) = element else { throw .noOverload("join") }
                texts.append(text)
            }
            guard let separator = arguments.first else { return .string(texts.joined()) }
            guard case .string(let separator) = separator else { return nil }
            return .string(texts.joined(separator: separator))
        default: return nil
        }
    }

    // MARK: Addresses

    private static func method(_ name: String, of address: IPAddress) -> RuleValue? {
        switch name {
        case "family": .int(Int64(address.family.rawValue))
        case "isUnspecified": .bool(address.isUnspecified)
        case "isLoopback": .bool(address.isLoopback)
        case "isLinkLocalUnicast": .bool(address.isLinkLocal)
        case "isLinkLocalMulticast": .bool(isLinkLocalMulticast(address))
        case "isGlobalUnicast":
            .bool(
                !address.isUnspecified && !address.isLoopback && !address.isMulticast && !address.isLinkLocal
                    && address.description != "255.255.255.255")
        default: nil
        }
    }

    /// 224.0.0.0/24 (RFC 5771), ff02::/16 (RFC 4291).
    private static func isLinkLocalMulticast(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let address): address.rawValue >> 8 == 0xE00000
        case .v6(let address): address.high >> 48 & 0xFF0F == 0xFF02
        }
    }

    private static func method(
        _ name: String, of network: InterfaceAddress, _ arguments: [RuleValue]
    ) throws(RuleError) -> RuleValue? {
        guard arguments.count < 2 else { return nil }
        switch (name, arguments.first) {
        case ("prefixLength", nil): return .int(Int64(network.prefixLength))
        case ("ip", nil): return .address(network.address)
        case ("masked", nil): return .network(InterfaceAddress(network.prefix.network, in: network.prefix))
        case ("containsIP", .address(let address)): return .bool(network.prefix.contains(address))
        case ("containsIP", .string(let text)): return .bool(network.prefix.contains(try readAddress(text)))
        case ("containsCIDR", .network(let other)): return .bool(network.prefix.contains(other.prefix))
        case ("containsCIDR", .string(let text)): return .bool(network.prefix.contains(try readNetwork(text).prefix))
        default: return nil
        }
    }
}
