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

    /// Of an object's two fields. `v1` is the core group; one slash parts group and version.
    public init(apiVersion: String, kind: String) {
        let parts = apiVersion.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            group: parts.count == 2 ? String(parts[0]) : "", version: String(parts.last ?? ""), kind: kind)
    }

    /// As it stands in an object: `v1`, `networking.k8s.io/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// As error messages name a kind: `Service`, `NetworkPolicy.networking.k8s.io`.
    public var qualifiedKind: String { group.isEmpty ? kind : "\(kind).\(group)" }

    public var description: String { "\(apiVersion) \(kind)" }
}

/// A collection as URLs name it: `networking.k8s.io/v1/networkpolicies`.
public struct GroupVersionResource: Hashable, Sendable, CustomStringConvertible {
    public var group: String
    public var version: String
    /// The plural, in lower case.
    public var resource: String

    public init(group: String = "", version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    public var groupResource: GroupResource { GroupResource(group: group, resource: resource) }

    /// `/api/v1`, `/apis/networking.k8s.io/v1`.
    public var rootPath: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }

    /// The path of the collection, or of one object of it. An empty namespace is every namespace, or none for
    /// cluster-scoped resources. Names are encoded as a path segment has to be.
    public func path(namespace: String = "", name: String? = nil, subresource: String? = nil) -> String {
        var path = rootPath
        if !namespace.isEmpty { path += "/namespaces/" + PathSegment.encoded(namespace) }
        path += "/" + PathSegment.encoded(resource)
        if let name { path += "/" + PathSegment.encoded(name) }
        if let subresource { path += "/" + subresource }
        return path
    }

    public var description: String { "\(apiVersion)/\(resource)" }
}

/// A collection whatever its version: what objects are stored and authorised under.
public struct GroupResource: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var group: String
    public var resource: String

    public init(group: String = "", resource: String) {
        self.group = group
        self.resource = resource
    }

    public static func < (left: GroupResource, right: GroupResource) -> Bool {
        (left.group, left.resource) < (right.group, right.resource)
    }

    /// As error messages name it: `pods`, `networkpolicies.networking.k8s.io`.
    public var description: String { group.isEmpty ? resource : "\(resource).\(group)" }
}

/// One segment of a URL's path (RFC 3986, section 3.3).
enum PathSegment {
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
