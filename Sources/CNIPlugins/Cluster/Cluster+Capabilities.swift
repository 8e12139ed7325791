import CNI
import JSONTree

/// Host ports and bandwidth, for runtimes that give the cluster plugin `runtimeConfig` of these capabilities: the same
/// that `portmap` and `bandwidth` do behind it in a chain, without another two processes for every pod.
extension Cluster {
    /// Does what the runtime asked for beyond the link. What is made is taken back by `undo`.
    static func addCapabilities(
        _ call: PluginCall, _ result: CNIResult, _ undo: inout Undo
    ) throws(CNIError) -> CNIResult {
        var result = result
        if try !call.configuration.capabilities.portMappings().isEmpty {
            let ports = try call.following(result)
            result = try PortMappingPlugin.add(ports)
            undo.push("remove the port mappings") { () throws(CNIError) in
                try PortMappingPlugin.delete(ports.with(.delete))
            }
        }
        if try !TrafficLimits(call.configuration).isEmpty {
            let limited = try call.following(result)
            result = try Bandwidth.add(limited)
            undo.push("remove the limits") { () throws(CNIError) in try Bandwidth.delete(limited.with(.delete)) }
        }
        return result
    }

    /// As in a chain that is taken apart: the last first. Both find what is theirs by the attachment alone.
    static func deleteCapabilities(
        _ call: PluginCall, _ attempt: (() throws(CNIError) -> Void) -> Void
    ) {
        if declares("bandwidth", call) { attempt { () throws(CNIError) in try Bandwidth.delete(call) } }
        if declares("portMappings", call) { attempt { () throws(CNIError) in try PortMappingPlugin.delete(call) } }
    }

    static func collectGarbageOfCapabilities(
        _ call: PluginCall, _ valid: [CNIAttachment], _ attempt: (() throws(CNIError) -> Void) -> Void
    ) {
        if declares("bandwidth", call) {
            attempt { () throws(CNIError) in try Bandwidth.collectGarbage(call, validAttachments: valid) }
        }
        if declares("portMappings", call) {
            attempt { () throws(CNIError) in try PortMappingPlugin.collectGarbage(call, validAttachments: valid) }
        }
    }

    static func checkCapabilities(_ call: PluginCall) throws(CNIError) {
        try PortMappingPlugin.check(call)
        try Bandwidth.check(call)
    }

    static func statusOfCapabilities(_ call: PluginCall) throws(CNIError) {
        if declares("portMappings", call) { try PortMappingPlugin.status(call) }
    }

    /// Whether the configuration has `"capabilities": {"NAME": true}`: then a runtime leaves it to this plugin.
    private static func declares(_ capability: String, _ call: PluginCall) -> Bool {
        call.configuration.root.at("capabilities", capability)?.bool == true
    }
}

extension PluginCall {
    /// The call as the next plugin of a chain would get it.
    fileprivate func following(_ result: CNIResult) throws(CNIError) -> PluginCall {
        let root = JSONValue(configuration.root)
            .setting("prevResult", to: try result.value(as: configuration.cniVersion))
        let next = try PluginConfiguration(
            parsing: root.serialized(), for: request.command, supporting: Cluster.supportedVersions)
        return PluginCall(request: request, configuration: next, host: host)
    }
}
