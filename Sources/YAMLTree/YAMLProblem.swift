import JSONTree

/// Something that is wrong with a YAML document.
public struct YAMLProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// A clause without capital or full stop.
    public let reason: String
    public let place: JSONPlace
    /// The document could not be used. False for what a decoder passes over in silence: duplicate keys.
    public let isFatal: Bool

    init(_ reason: String, at span: Range<Int>, in source: [UInt8], isFatal: Bool = true) {
        self.reason = reason
        place = JSONPlace(span, in: source)
        self.isFatal = isFatal
    }

    public var position: JSONPosition { place.position }

    public func renderedPlace(named name: String) -> String { place.rendered(named: name) }

    public var description: String { "\(position): \(reason)" }
}
