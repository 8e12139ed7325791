import CNI
import CNIRuntime
import JSONTree

/// The address manager a plugin's `ipam` object names. One that is in this program runs in this process; any other is
/// looked up in CNI_PATH and executed with the same environment and the complete configuration.
public struct IPAMDelegate: Sendable {
    public let type: String
    private let call: PluginCall

    /// Nil when the configuration has no `ipam.type`: a layer 2 network.
    public init?(_ call: PluginCall) throws(CNIError) {
        guard let ipam = try call.configuration.ipam, let type = try ipam.string("type") else { return nil }
        guard !type.utf8.contains(UInt8(ascii: "/")) else {
            throw ipam.invalid("type", "must be a plugin's file name, without directories")
        }
        self.type = type
        self.call = call
    }

    /// Reserves addresses. At least one comes back, or nothing stays reserved.
    ///
    /// The caller pushes ``delete()`` on its ``Undo`` right after this.
    public func add() throws(CNIError) -> CNIResult {
        let result: CNIResult
        if let plugin {
            // Leaves nothing behind when it fails. Its DEL is *not* called then: after "this container already has an
            // address" it would release the address of a container that runs.
            result = try plugin.add(call.with(.add))
        } else {
            do throws(CNIError) {
                result = try executor.add(type, call.request.with(.add), configuration: source, version: version)
            } catch {
                // The specification: if the delegate's ADD fails, execute it again with DEL before returning.
                if error.code != .pluginNotFound { try? delete() }
                throw error
            }
        }
        if result.ips.isEmpty {
            try? delete()
            throw CNIError(.pluginFailed, "IPAM plugin \(type) returned missing IP config")
        }
        return result
    }

    public func check() throws(CNIError) {
        if let plugin { return try plugin.check(call.with(.check)) }
        try executor.execute(type, call.request.with(.check), configuration: source)
    }

    public func delete() throws(CNIError) {
        if let plugin { return try plugin.delete(call.with(.delete)) }
        try executor.execute(type, call.request.with(.delete), configuration: source)
    }

    public func collectGarbage(validAttachments: [CNIAttachment]) throws(CNIError) {
        if let plugin {
            return try plugin.collectGarbage(call.with(.collectGarbage), validAttachments: validAttachments)
        }
        try executor.execute(type, call.request.with(.collectGarbage), configuration: source)
    }

    public func status() throws(CNIError) {
        if let plugin { return try plugin.status(call.with(.status)) }
        try executor.execute(type, call.request.with(.status), configuration: source)
    }

    private var plugin: (any Plugin.Type)? { PluginRegistry.addressManager(named: type) }
    private var executor: PluginExecutor { PluginExecutor(directories: call.request.directories) }
    private var source: [UInt8] { call.configuration.tree.source }
    private var version: CNIVersion { call.configuration.cniVersion }
}
