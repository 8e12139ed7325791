/// A resource version as the server wrote it: opaque, with one exception.
///
/// The API promises equality only. From Kubernetes 1.35 on (KEP-5504) versions of *one* resource are whole decimal
/// numbers that can be compared; servers on etcd have always written such numbers. So two versions that look like
/// that have an order, of any others only equality is known. Versions of two resources must never be compared, and
/// nothing here does: every value belongs to the one resource of its informer.
public struct ResourceVersion: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { text }

    /// An empty version asks a server for "the most recent" and cannot be resumed from.
    public var isEmpty: Bool { text.isEmpty }

    /// The version as a number if it is in the comparable form: digits only, no leading zero, at most 64 bits.
    public var number: UInt64? {
        guard let first = text.utf8.first, first != UInt8(ascii: "0"), first != UInt8(ascii: "+") else { return nil }
        return UInt64(text)
    }

    public enum Order: Sendable { case older, same, newer }

    /// How this version stands to another version of the same resource; nil where only inequality is known.
    public func order(relativeTo other: ResourceVersion) -> Order? {
        if text == other.text { return .same }
        guard let mine = number, let theirs = other.number else { return nil }
        return mine < theirs ? .older : .newer
    }

    /// Whether this version is known to be the same as, or older than, another version of the same resource.
    public func isCovered(by other: ResourceVersion) -> Bool {
        switch order(relativeTo: other) {
        case .older, .same: true
        case .newer, nil: false
        }
    }
}

/// An object's uid in sixteen bytes if it is a UUID in its usual form, as Kubernetes makes them; otherwise its text.
enum ObjectUID: Hashable, Sendable {
    case uuid(UInt64, UInt64)
    case text(String)

    init(_ text: String) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        for byte in text.utf8 {
            let isDash = position == 8 || position == 13 || position == 18 || position == 23
            if isDash {
                guard byte == UInt8(ascii: "-") else { break }
            } else {
                let digit: UInt8
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
                default: digit = 0xFF
                }
                guard digit < 16 else { break }
                if position < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
            }
            position += 1
        }
        self = position == 36 && text.utf8.count == 36 ? .uuid(high, low) : .text(text)
    }
}
