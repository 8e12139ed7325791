import Fabric
import Findings

/// Keeps masquerading as the configuration wants it.
struct MasqueradeKeeper {
    init() {}

    /// - Returns: what could not be done.
    mutating func apply(_ configuration: FabricConfiguration, underlay: Underlay) -> [Finding] { [] }
}
