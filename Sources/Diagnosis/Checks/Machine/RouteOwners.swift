import Addressing
import JSONTree

/// Whose pods a route leads to: the first Node object that has the range, or says the gateway in an annotation. Read
/// once, because every machine has a route for every node.
struct RouteOwners {
    private let names: [String]
    private var byRange: [IPPrefix: Int] = [:]
    private var byAnnotation: [String: Int] = [:]

    init(_ facts: FactBase) {
        let nodes = facts.objects("nodes")
        names = nodes.map(\.name)
        for (index, node) in nodes.enumerated() {
            for range in facts.podRanges(node.name) where byRange[range] == nil { byRange[range] = index }
            for value in node.annotations.values where byAnnotation[value] == nil { byAnnotation[value] = index }
        }
    }

    func node(of range: IPPrefix, through gateway: IPAddress) -> String? {
        [byRange[range], byAnnotation["\(gateway)"]].compactMap { $0 }.min().map { names[$0] }
    }
}
