import Synchronization

/// The paths of a tree in their order, made when they are first asked for: a hundred checks ask for the documents of
/// folders, and a large cluster has thousands.
final class EvidenceOrder: Sendable {
    private let sorted = Mutex<[String]?>(nil)

    func paths(of documents: [String: EvidenceTree.Document]) -> [String] {
        sorted.withLock { kept in
            if let kept { return kept }
            let made = documents.keys.sorted()
            kept = made
            return made
        }
    }

    /// The place of the first path that is not before `text`.
    static func first(in paths: [String], notBefore text: String) -> Int {
        var (low, high) = (0, paths.count)
        while low < high {
            let middle = (low + high) / 2
            if paths[middle] < text { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
