extension CheckList {
    /// Of pools and ranges, BGP, clouds, several clusters.
    static let addresses: [any Check] = [
        NodeRangeCheck(), PodAddressCheck(), StrangerAddressCheck(), RangeOverlapCheck(), ReservationCheck(),
        HostRouteCheck(),
        CalicoPoolCheck(), CiliumPoolCheck(), WhereaboutsCheck(), BGPCheck(), SessionCheck(), BGPSpeakerCheck(),
        AWSAddressCheck(),
        MachineAddressCheck(), PastedSubnetCheck(), SecurityGroupCheck(), AzureAddressCheck(),
        AzureUnderlayCheck(), GoogleUnderlayCheck(), MultiClusterCheck(),
        AddressReuseCheck(), AddressForecastCheck(), PoplinAddressCheck(),
    ]
}
