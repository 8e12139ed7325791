import CNI
import Synchronization

@testable import CNIPlugins

/// A plugin that writes down how it is called.
enum Recording: Plugin {
    static let name = "recording"
    static let supportedVersions: [CNIVersion] = [.v040, .v100, .v110]

    /// What one test has recorded, and what the plugin is to fail with.
    final class Journal: Sendable {
        private let entries = Mutex<[String]>([])
        let failure: CNIError?

        init(failure: CNIError? = nil) { self.failure = failure }

        var verbs: [String] { entries.withLock { $0 } }

        func note(_ verb: String) throws(CNIError) {
            entries.withLock { $0.append(verb) }
            if let failure { throw failure }
        }
    }

    @TaskLocal static var journal = Journal()

    static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        try journal.note("ADD")
        return CNIResult(interfaces: [CNIResult.Interface(name: "eth0", mtu: 1400, sandbox: "/x")])
    }

    static func check(_ call: PluginCall) throws(CNIError) { try journal.note("CHECK") }

    static func delete(_ call: PluginCall) throws(CNIError) {
        try journal.note(call.request.networkNamespace.isEmpty ? "DEL without namespace" : "DEL")
    }

    static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {
        try journal.note("GC \(validAttachments)")
    }

    static func status(_ call: PluginCall) throws(CNIError) { try journal.note("STATUS") }
}

/// A plugin that speaks 0.2.0 and makes a link without address, which 0.2.0 cannot say.
enum Layer2: Plugin {
    static let name = "layer2"

    static func add(_ call: PluginCall) throws(CNIError) -> CNIResult { try Recording.add(call) }
    static func check(_ call: PluginCall) throws(CNIError) { try Recording.check(call) }
    static func delete(_ call: PluginCall) throws(CNIError) { try Recording.delete(call) }
    static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {}
    static func status(_ call: PluginCall) throws(CNIError) {}
}

extension CNIEnvironment {
    static func complete(_ command: CNIRequest.Command, namespace: String = "/run/netns/nowhere") -> CNIEnvironment {
        complete(command.rawValue, namespace: namespace)
    }

    static func complete(_ command: String, namespace: String = "/run/netns/nowhere") -> CNIEnvironment {
        var environment = CNIEnvironment()
        environment.command = command
        environment.containerID = "c1"
        environment.networkNamespace = namespace
        environment.interfaceName = "eth0"
        environment.path = "/opt/cni/bin"
        return environment
    }
}
