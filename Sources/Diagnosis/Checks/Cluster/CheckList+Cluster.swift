extension CheckList {
    /// Of what the API knows of agents, runtimes, nodes, webhooks, ingresses and meshes.
    static let cluster: [any Check] = []
}
