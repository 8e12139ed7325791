/// A place in a document (RFC 6901): the empty text is the whole document, `/spec/ports/0` walks down.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// The keys and indices on the way, unescaped.
    public var tokens: [String]

    public init(tokens: [String]) { self.tokens = tokens }

    /// Nil unless the text is empty or starts with a slash, and every `~` is followed by `0` or `1`.
    public init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for token in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let plain = Self.unescaped(token) else { return nil }
            tokens.append(plain)
        }
        self.tokens = tokens
    }

    private static func unescaped(_ token: some Sequence<UInt8>) -> String? {
        var plain: [UInt8] = []
        var afterTilde = false
        for byte in token {
            switch (afterTilde, byte) {
            case (true, UInt8(ascii: "0")): plain.append(UInt8(ascii: "~"))
            case (true, UInt8(ascii: "1")): plain.append(UInt8(ascii: "/"))
            case (true, _): return nil
            case (false, UInt8(ascii: "~")):
                afterTilde = true
                continue
            case (false, _): plain.append(byte)
            }
            afterTilde = false
        }
        return afterTilde ? nil : String(decoding: plain, as: UTF8.self)
    }

    public var description: String {
        tokens.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }

    /// Whether `other` stands at this place or below it.
    public func holds(_ other: JSONPointer) -> Bool { other.tokens.starts(with: tokens) }
}
