extension CheckList {
    /// Of names, Services and policies.
    static let services: [any Check] = [
        DNSServerCheck(), MachineDNSCheck(), DNSThrottleCheck(), DNSRaceCheck(), DNSNodeCheck(), PodServerCheck(),
        DNSPolicyCheck(),
        SelectorCheck(), TargetPortCheck(), LoopbackCheck(), EndpointCheck(), BackendCheck(), ProxyCheck(),
        LocalTrafficCheck(), PolicyCheck(), IngressPathCheck(), IngressServiceCheck(), IngressLogCheck(),
        NameExpansionCheck(), ConnectionPoolCheck(), SlowApplicationCheck(), PolicyRevisionCheck(),
        PolicyScaleCheck(), ExporterCheck(), ForwardHealthCheck(), FailedConnectionCheck(), DeniedConnectionCheck(),
        MasqueradeSettingCheck(),
    ]
}
