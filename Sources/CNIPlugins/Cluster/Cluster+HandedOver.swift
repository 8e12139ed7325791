import AgentProtocol
import CNI

/// DEL as the agent gets it from a plugin that did not start for it.
extension Cluster {
    /// What this plugin would ask the agent in the call's place. Nil when it would do anything else or anything more: then
    /// the plugin must start.
    public static func request(handedOver call: AgentCall) -> AgentRequest? {
        let environment = CNIEnvironment { call.environment[$0] }
        guard environment.command == CNIRequest.Command.delete.rawValue else { return nil }
        do throws(CNIError) {
            let here = PluginCall(
                request: try CNIRequest(.delete, from: environment),
                configuration: try PluginConfiguration(
                    parsing: call.configuration, for: .delete, supporting: supportedVersions))
            let configuration = try ClusterConfiguration(forRemoval: here)
            guard case .agent(let path) = configuration.supply, path == call.socketPath else { return nil }
            var request = AgentLink(here, configuration, path: path)
                .removal(hostInterface: OwnershipMark(here).linkName(linkPrefix))
            request.deadlineMilliseconds = AgentCall.patienceMilliseconds
            return request
        } catch {
            // What is wrong with it the plugin says, to whom called it.
            return nil
        }
    }
}
