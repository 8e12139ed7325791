/// `apiVersion` and `kind` taken apart. The core group has the empty name.
public struct GroupVersionKind: Hashable, Sendable, CustomStringConvertible {
    public var group: String
    public var version: String
    public var kind: String

    public init(group: String = "", version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// As it stands in an object: `v1`, `networking.k8s.io/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    public var description: String { "\(apiVersion) \(kind)" }
}
