import JSONTree
import KubernetesModel

extension ObjectIdentity {
    /// `metadata` of an object from a server; without a name or a version it is none.
    init(reading object: JSONNode) throws(ScanError) {
        guard let metadata = object.member("metadata") else { throw ScanError("an object without metadata") }
        guard let name = metadata.member("name")?.string, !name.isEmpty else {
            throw ScanError("an object without metadata.name")
        }
        let key = ObjectKey(namespace: metadata.member("namespace")?.string ?? "", name: name)
        guard let version = metadata.member("resourceVersion")?.string, !version.isEmpty else {
            throw ScanError("\(key) has no metadata.resourceVersion")
        }
        self.init(key: key, uid: metadata.member("uid")?.string ?? "", version: ResourceVersion(version))
    }
}

extension JSONNode {
    /// `metadata.resourceVersion`; empty where there is none.
    var resourceVersion: ResourceVersion { ResourceVersion(at("metadata", "resourceVersion")?.string ?? "") }

    /// Whether this is the object of the bookmark that ends the initial events of a watch-list (KEP-3157).
    var endsInitialEvents: Bool {
        at("metadata", "annotations", "k8s.io/initial-events-end")?.string == "true"
    }
}
