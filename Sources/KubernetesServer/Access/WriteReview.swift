import JSONTree
import KubernetesModel

/// Asked by Resources inside the transaction, with the object as it is and as it would be stored, before anything is
/// written: whoever makes a role must hold what the role grants. Answers at once, without I/O.
public protocol WriteReview: Sendable {
    /// Why the write is refused; nil lets it pass.
    ///
    /// - Parameters:
    ///   - before: nil for a create.
    ///   - after: nil for a deletion.
    func refusal(
        by user: UserInfo, _ resource: GroupResource, namespace: String, name: String, before: JSONValue?,
        after: JSONValue?
    ) -> Status?
}
