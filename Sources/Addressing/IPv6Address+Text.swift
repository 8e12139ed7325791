extension IPv6Address {
    static let expected = "an IPv6 address"

    /// Any of the three forms of RFC 4291 2.2, without a zone.
    public init?(_ text: String) {
        do throws(AddressError) { try self.init(parsing: text) } catch { return nil }
    }

    public init(parsing text: String) throws(AddressError) {
        switch Self.parse(Array(text.utf8)) {
        case .success(let value): self = value
        case .failure(let reason): throw AddressError(expected: Self.expected, text: text, reason: reason.description)
        }
    }

    /// The canonical form of RFC 5952: lower case, the first longest run of zero groups shortened (never a single
    /// group), an IPv4-mapped address with its last four bytes in dotted decimal.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(39)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The group at `index`, 0...7 from the left.
    private func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
    }

    func append(to text: inout [UInt8]) {
        if let mapped = ipv4Mapped {
            text.append(contentsOf: "::ffff:".utf8)
            mapped.append(to: &text)
            return
        }
        let zeros = longestZeroRun
        var index = 0
        while index < 8 {
            if index == zeros.lowerBound && !zeros.isEmpty {
                text.append(ASCII.colon)
                text.append(ASCII.colon)
                index = zeros.upperBound
                continue
            }
            if index > 0 && index != zeros.upperBound { text.append(ASCII.colon) }
            Self.appendGroup(group(index), to: &text)
            index += 1
        }
    }

    /// The groups that `::` stands for; empty when there is no run of two or more.
    private var longestZeroRun: Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0..<8 where group(index) != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        if 8 - start > best.count { best = start..<8 }
        return best.count > 1 ? best : 0..<0
    }

    private static func appendGroup(_ group: UInt16, to text: inout [UInt8]) {
        var started = false
        for shift: UInt16 in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: group >> shift & 0xF)
            if digit == 0 && !started && shift > 0 { continue }
            started = true
            text.append(ASCII.hexDigit(digit))
        }
    }

    static func parse(_ text: [UInt8]) -> Result<IPv6Address, ParseFailure> {
        if text.isEmpty { return .failure("it is empty") }
        // The longest form: six groups and a dotted tail (INET6_ADDRSTRLEN is 46 with its NUL).
        if text.count > 45 { return .failure("it is longer than any IPv6 address") }
        var number: UInt128 = 0
        var groups = 0
        /// How many groups stood before `::`.
        var gap: Int?
        var index = 0

        if text[0] == ASCII.colon {
            guard text.count > 1, text[1] == ASCII.colon else { return .failure("it begins with a single colon") }
            gap = 0
            index = 2
        }
        while index < text.count {
            let start = index
            var value: UInt128 = 0
            while index < text.count, let digit = ASCII.hexValue(text[index]) {
                value = value << 4 | UInt128(digit)
                index += 1
                if index - start > 4 && !text[start...].contains(ASCII.dot) {
                    return .failure("a group in it has more than four digits")
                }
            }
            if index < text.count && text[index] == ASCII.dot {
                guard groups <= 6 else { return .failure("there is no room for the IPv4 address at its end") }
                guard case .success(let tail) = IPv4Address.parse(text[start...]) else {
                    return .failure("the IPv4 address at its end is malformed")
                }
                number = number << 32 | UInt128(tail.rawValue)
                groups += 2
                index = text.count
                break
            }
            if index == start { return .failure(stray(text[index])) }
            if groups == 8 { return .failure("it has more than eight groups") }
            number = number << 16 | value
            groups += 1
            if index == text.count { break }
            guard text[index] == ASCII.colon else { return .failure(stray(text[index])) }
            index += 1
            if index == text.count { return .failure("it ends with a single colon") }
            if text[index] == ASCII.colon {
                if gap != nil { return .failure("it has more than one ::") }
                gap = groups
                index += 1
            }
        }

        if let gap {
            if groups > 7 { return .failure("it has :: although all eight groups are there") }
            let after = UInt128(16 * (groups - gap))
            let tail = after == 0 ? 0 : number & (UInt128.max >> (128 - after))
            let head = after == 128 ? 0 : number >> after
            let shift = UInt128(128 - 16 * gap)
            return .success(IPv6Address(number: (shift == 128 ? 0 : head << shift) | tail))
        }
        if groups < 8 { return .failure("it has fewer than eight groups and no ::") }
        return .success(IPv6Address(number: number))
    }

    private static func stray(_ byte: UInt8) -> ParseFailure {
        switch byte {
        case ASCII.percent: "it has a zone (%), which belongs to one machine only"
        case ASCII.slash: "it has a prefix length, but a single address belongs here"
        case ASCII.colon: "it has three colons in a row"
        default: "only hexadecimal digits and colons belong in it"
        }
    }
}
