import JSONTree
import KubernetesModel

/// What an informer keeps of an object: a function from its JSON to a small value. Whole objects are five to ten times
/// as large as what anybody asks of them, and most of that is `managedFields`.
public struct Projection<Value: Sendable>: Sendable {
    public let read: @Sendable (JSONNode) throws(FieldError) -> Value

    public init(_ read: @escaping @Sendable (JSONNode) throws(FieldError) -> Value) { self.read = read }
}

extension Projection where Value: KubernetesKind {
    /// A typed kind, which is itself a projection of what Poplin uses.
    public init(_ kind: Value.Type) { self.init { (node) throws(FieldError) in try kind.init(decoding: node) } }
}
