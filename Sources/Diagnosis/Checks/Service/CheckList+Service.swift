extension CheckList {
    /// Of names, Services and policies.
    static let services: [any Check] = [
        DNSServerCheck(), SelectorCheck(), TargetPortCheck(), EndpointCheck(),
    ]
}
