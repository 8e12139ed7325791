/// What a person types so that a program of the network starts anew on one node.
extension FactBase {
    /// By the pod's name where the API tells it; otherwise with words in the place of names.
    ///
    /// - Parameter effect: what it does at its start, as a comment behind the command.
    func restart(_ role: NetworkComponent.Role = .agent, on node: String, _ effect: String = "") -> String {
        let pods = components(role).flatMap { $0.pods(on: node) }
            .filter { !["Succeeded", "Failed"].contains($0.text("status", "phase") ?? "") }
        let unknown =
            role == .proxy ? "-n kube-system delete pod KUBE-PROXY-ON-" : "-n NAMESPACE delete pod AGENT-POD-ON-"
        // Of two nobody can say which of them it takes.
        let pod = pods.count == 1 ? "-n \(pods[0].namespace) delete pod \(pods[0].name)" : unknown + node
        return "kubectl \(pod)" + (effect.isEmpty ? "" : "   # \(effect)")
    }
}
