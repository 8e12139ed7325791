/// Every plugin in this program. One line each, in the order `poplin-cni --list` prints.
public enum PluginRegistry {
    public static let all: [any Plugin.Type] = [
        Loopback.self,
        Bridge.self,
        PointToPoint.self,
        HostLocal.self,
        Static.self,
        Bandwidth.self,
        PortMappingPlugin.self,
        Firewall.self,
        Tuning.self,
        Cluster.self,
    ]

    /// The plugin with this name; names are told apart by case, as file names are.
    public static func plugin(named name: some StringProtocol) -> (any Plugin.Type)? {
        all.first { $0.name == name }
    }

    /// The plugin that `ipam.type` may name without executing anything.
    static func addressManager(named name: String) -> (any Plugin.Type)? {
        all.first { $0.isAddressManager && $0.name == name }
    }
}
