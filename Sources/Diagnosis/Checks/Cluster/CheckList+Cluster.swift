extension CheckList {
    /// Of what the API knows of agents, runtimes, nodes, webhooks, ingresses and meshes.
    static let cluster: [any Check] = [
        AgentCheck(), AgentCreationCheck(), SandboxCheck(), NodeStateCheck(), AgentMemoryCheck(), WebhookCheck(),
        WebhookCertificateCheck(),
        AttachmentCheck(),
        IngressCheck(), GatewayCheck(), EdgeEventCheck(), CertificateCheck(), ChallengeCheck(),
        AddressAnnouncementCheck(),
        AddressPoolCheck(),
        SidecarCheck(), MeshRoutingCheck(), CiliumEndpointCheck(), RolloutResetCheck(),
        AlertRuleCheck(), ClockCheck(), DefinitionCheck(),
    ]
}
