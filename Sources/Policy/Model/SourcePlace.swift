import JSONTree

/// Where something was written: the node of the manifest it was read from, so that a message can show the line with
/// a caret. Two things that say the same in different places are equal: a place never takes part in `==` or in hashes,
/// so that a policy that only moved inside its file compiles to the same entries.
public struct SourcePlace: Sendable, Hashable {
    public let node: JSONNode?

    public init(_ node: JSONNode?) { self.node = node }

    /// Written nowhere: made by a program.
    public static let nowhere = SourcePlace(nil)

    public static func == (left: SourcePlace, right: SourcePlace) -> Bool { true }
    public func hash(into hasher: inout Hasher) {}

    /// The field path inside the object whose root is `object`: `spec.ingress[0].from[1]`. Empty when unknown. The
    /// object may be an item of a List; the way to the object is left out.
    public func path(in object: JSONNode?) -> String {
        guard let node else { return "" }
        let whole = node.path
        let prefix = object?.path ?? ""
        guard !prefix.isEmpty, whole.hasPrefix(prefix) else { return whole }
        return String(whole.dropFirst(prefix.count).drop { $0 == "." })
    }
}
