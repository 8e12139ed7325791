/// A function from facts to findings. It reads nothing else, keeps nothing, and never guesses: what it cannot say
/// without a fact it leaves to "not checked".
public protocol Check: Sendable {
    /// What the report's last line calls it: `overlay`, `services`, `container logs`.
    var name: String { get }
    /// Codes of the catalogue it may report.
    var codes: [String] { get }
    /// Without any one of these it does not run.
    var needs: [FactName] { get }

    /// Whether there is anything to look at: a check of Calico's pools does not apply to a cluster without Calico. A
    /// check that does not apply is not listed as unchecked.
    func applies(to facts: FactBase) -> Bool

    func findings(_ facts: FactBase) -> [Diagnosis]
}

extension Check {
    public func applies(to facts: FactBase) -> Bool { true }
}

/// What became of one check.
public struct CheckOutcome: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        /// It ran, and found this many causes.
        case ran(findings: Int)
        /// It could not run.
        case notChecked(because: String)
        /// There is nothing of the kind here.
        case notApplicable
    }

    public var name: String
    /// Codes it may report.
    public var codes: [String]
    public var state: State
    /// It looks into machines.
    public var needsMachine: Bool

    public init(name: String, codes: [String] = [], state: State, needsMachine: Bool = false) {
        self.name = name
        self.codes = codes
        self.state = state
        self.needsMachine = needsMachine
    }

    /// The layer most of its codes are of: the first one's.
    public var layer: Cause.Layer? { codes.first.flatMap { Cause.coded($0)?.layer } }
}
