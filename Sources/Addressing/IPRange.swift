/// Every address from `first` to `last`, both included.
public struct IPRange: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let first: IPAddress
    public let last: IPAddress

    /// Nil when the ends are of different families or out of order.
    public init?(first: IPAddress, last: IPAddress) {
        guard first.family == last.family, first <= last else { return nil }
        self.first = first
        self.last = last
    }

    init(uncheckedFirst first: IPAddress, last: IPAddress) {
        self.first = first
        self.last = last
    }

    public init(_ prefix: IPPrefix) { self = prefix.range }

    public var family: IPFamily { first.family }

    /// How many addresses; the whole IPv6 space has one more than fits and counts as `UInt128.max`.
    public var count: UInt128 {
        let distance = last.number - first.number
        return distance == .max ? .max : distance + 1
    }

    public func contains(_ address: IPAddress) -> Bool {
        address.family == family && first <= address && address <= last
    }

    public func contains(_ other: IPRange) -> Bool { contains(other.first) && contains(other.last) }

    public func overlaps(_ other: IPRange) -> Bool {
        family == other.family && first <= other.last && other.first <= last
    }

    /// What both have; nil when that is nothing.
    public func intersection(_ other: IPRange) -> IPRange? {
        guard overlaps(other) else { return nil }
        return IPRange(uncheckedFirst: max(first, other.first), last: min(last, other.last))
    }

    /// What is left without `other`: nothing, one range or two.
    public func subtracting(_ other: IPRange) -> [IPRange] {
        guard overlaps(other) else { return [self] }
        var rest: [IPRange] = []
        if first < other.first, let end = other.first.advanced(by: -1) {
            rest.append(IPRange(uncheckedFirst: first, last: end))
        }
        if other.last < last, let start = other.last.advanced(by: 1) {
            rest.append(IPRange(uncheckedFirst: start, last: last))
        }
        return rest
    }

    public static func < (left: IPRange, right: IPRange) -> Bool {
        left.first == right.first ? left.last < right.last : left.first < right.first
    }
}

extension IPRange {
    public init?(_ text: String) {
        do throws(AddressError) { try self.init(parsing: text) } catch { return nil }
    }

    /// `first-last`.
    public init(parsing text: String) throws(AddressError) {
        let expected = "an address range"
        guard let dash = text.utf8.firstIndex(of: ASCII.dash) else {
            throw AddressError(expected: expected, text: text, reason: "the dash between its two ends is missing")
        }
        do throws(AddressError) {
            let first = try IPAddress(parsing: String(text[..<dash]))
            let last = try IPAddress(parsing: String(text[text.utf8.index(after: dash)...]))
            guard first.family == last.family else {
                throw AddressError(expected: expected, text: text, reason: "its ends are of different families")
            }
            guard first <= last else {
                throw AddressError(
                    expected: expected, text: text, reason: "it runs backwards, did you mean \(last)-\(first)?")
            }
            self.init(uncheckedFirst: first, last: last)
        } catch {
            throw AddressError(expected: expected, text: text, reason: error.reason)
        }
    }

    public var description: String { "\(first)-\(last)" }
}
