extension CheckList {
    /// Of files, links, routes and packet filters of machines.
    static let machines: [any Check] = [
        ConfigurationCheck(), PluginCheck(), OverlayCheck(), ForwardingCheck(), PacketFilterCheck(), RouteCheck(),
        LinkCheck(), MTUCheck(),
    ]
}
