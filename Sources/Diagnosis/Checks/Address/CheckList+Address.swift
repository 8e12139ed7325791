extension CheckList {
    /// Of pools and ranges, BGP, clouds, several clusters.
    static let addresses: [any Check] = [
        NodeRangeCheck(), PodAddressCheck(), StrangerAddressCheck(), RangeOverlapCheck(), ReservationCheck(),
        HostRouteCheck(),
        CalicoPoolCheck(), CiliumPoolCheck(), CiliumCloudCheck(), WhereaboutsCheck(), KubeOVNSubnetCheck(), BGPCheck(),
        SessionCheck(),
        BGPSpeakerCheck(), BGPPasswordCheck(),
        AWSAddressCheck(),
        MachineAddressCheck(), PastedSubnetCheck(), SecurityGroupCheck(), AzureAddressCheck(),
        AzureUnderlayCheck(), OpenStackUnderlayCheck(), GoogleUnderlayCheck(), MultiClusterCheck(),
        AddressReuseCheck(), AddressForecastCheck(), PoplinAddressCheck(),
    ]
}
