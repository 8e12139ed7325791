extension CheckList {
    /// Of files, links, routes and packet filters of machines.
    static let machines: [any Check] = [
        ConfigurationCheck(), PluginCheck(), CNIFolderCheck(), ChainCheck(), ChainSettingCheck(), KernelCheck(),
        OverlayCheck(),
        SharedEndCheck(), ForwardingCheck(), PacketFilterCheck(), RouteCheck(), ManagedRouteCheck(),
        MachineRouteCheck(), LinkCheck(), PodPathCheck(),
        MTUCheck(),
        MasqueradeCheck(),
        MasqueradeAgentCheck(), CiliumMasqueradeCheck(),
        ServiceRulesCheck(), LimitCheck(), BPFCheck(), KernelMapCheck(), NameServerDriftCheck(), CloudUnderlayCheck(),
        TunnelTrafficCheck(),
        SocketBufferCheck(), SandboxNamespaceCheck(), ThrottleCheck(), CredentialCheck(),
        MachineCertificateCheck(), UnderlayRouteCheck(), MachineListenerCheck(), FrameFilterCheck(),
        PodNamespaceCheck(), HostServiceCheck(), BridgePortCheck(), TunnelEntryCheck(),
        SharedAddressCheck(), HostPortCheck(), BandwidthManagerCheck(), ShapedLinkCheck(), CardErrorCheck(),
    ]
}
