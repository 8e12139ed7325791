import JSONTree
import KubernetesClient
import KubernetesModel

/// What a controller wrote and the view does not show yet. A plan made before that would do the same again.
struct AwaitedSight {
    enum Sight {
        /// The object in this version or a later one.
        case version(ResourceVersion)
        /// The object on its way out, or gone.
        case going
        /// The pod with a node.
        case bound
    }

    /// So long at most: what never comes (an object that lived shorter than the view's delay) is not waited for.
    static let patience: Duration = .seconds(10)

    var resource: Watched
    var key: ObjectKey
    var uid: String
    var sight: Sight
    var until: Duration

    func isMet(by view: ClusterView, now: Duration) -> Bool {
        if now >= until || view.wasDeleted(uid: uid) { return true }
        guard let meta = view.meta(resource, key) else {
            // Not there: gone is what was wanted, unless it is still to come.
            if case .going = sight { return true }
            return false
        }
        // Another object of this name can only have come after it.
        if meta.uid != uid {
            if case .version = sight { return false }
            return true
        }
        switch sight {
        case .version(let version): return version.isCovered(by: ResourceVersion(meta.resourceVersion))
        case .going: return meta.isTerminating
        case .bound: return view.pods[key].map { !$0.nodeName.isEmpty } ?? true
        }
    }
}
