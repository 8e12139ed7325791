import KubernetesModel

@testable import KubernetesClient

/// Follows transitions as a consumer does and notices what must not happen: something added twice, updated or deleted
/// while it is not there, or an update from a state that was not the last one.
struct TransitionChecker {
    private(set) var state: [ObjectKey: SimulatedValue] = [:]
    /// Comings and goings in order: `+ns/name uid`, `-ns/name uid`.
    private(set) var comings: [String] = []
    private(set) var wasSynced = false

    /// What is wrong with this transition, if anything.
    mutating func take(_ event: InformerEvent<SimulatedValue>) -> String? {
        switch event {
        case .added(let key, let value):
            comings.append("+\(key) \(value.uid)")
            if let known = state.updateValue(value, forKey: key) { return "\(key) added while \(known) is there" }
        case .updated(let key, let old, let new):
            guard let known = state.updateValue(new, forKey: key) else { return "\(key) updated, but it is not there" }
            if known != old { return "\(key) updated from \(old), but the last state told was \(known)" }
            if old.uid != new.uid { return "\(key) updated from one object to another: \(old) to \(new)" }
            if old == new { return "\(key) updated without a change: \(old)" }
        case .deleted(let key, let value):
            comings.append("-\(key) \(value.uid)")
            guard let known = state.removeValue(forKey: key) else { return "\(key) deleted, but it is not there" }
            if known != value { return "\(key) deleted in the state \(value), but the last state told was \(known)" }
        case .synced:
            if wasSynced { return "synced twice" }
            wasSynced = true
        }
        return nil
    }
}
