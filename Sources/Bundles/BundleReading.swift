import Diagnosis
import Findings

/// What a bundle says, and everything that is wrong with it. Reading never stops at a mistake: what can be read is
/// used.
public struct BundleReading: Sendable {
    public var evidence: EvidenceTree
    /// Files that were damaged, too large, or led out of the bundle.
    public var problems: [Finding]

    public init(evidence: EvidenceTree, problems: [Finding] = []) {
        self.evidence = evidence
        self.problems = problems
    }
}
