import Addressing
import Findings

/// A flow that cannot be judged, because an end of it does not exist or does not fit.
public enum FlowError: Error, Sendable, Hashable, CustomStringConvertible {
    case unknownPod(PodName, nearest: String?)
    case unknownNode(String, nearest: String?)
    /// The address is not of the family the flow names.
    case otherFamily(IPAddress, IPFamily)

    public var description: String {
        switch self {
        case .unknownPod(let name, let nearest):
            "there is no pod \(name)" + (nearest.map { "; did you mean \($0)?" } ?? "")
        case .unknownNode(let name, let nearest):
            "there is no node \(name)" + (nearest.map { "; did you mean \($0)?" } ?? "")
        case .otherFamily(let address, let family): "\(address) is no \(family) address, and the flow is \(family)"
        }
    }
}
