import CNI
import JSONTree

/// What a plugin answers to VERSION.
public struct PluginVersions: Sendable {
    public let type: String
    public let path: String
    /// As the plugin spells them: it may know some that we do not.
    public let supported: [String]
    public let duration: Duration

    public func supports(_ version: CNIVersion) -> Bool { supported.contains(version.description) }
}

extension PluginExecutor {
    /// Asks a plugin for its versions.
    public func versions(_ type: String) throws(CNIError) -> PluginVersions {
        // Plugins of 0.1.0 do not know VERSION: they read everything as for ADD and refuse the verb. The dummies are
        // what libcni sends them.
        let request = CNIRequest(
            .version, containerID: "dummy", networkNamespace: "dummy", interfaceName: "dummy", arguments: "")
        let configuration = Array("{\"cniVersion\":\"\(CNIVersion.newest)\"}".utf8)
        let invocation = run(type, request, configuration: configuration)
        let supported: [String]
        switch invocation.answer {
        case .failure(let error) where error.message == "unknown CNI_COMMAND: VERSION":
            supported = [CNIVersion.v010.description]
        case .failure(let error):
            throw error
        case .done:
            throw CNIError(.pluginFailed, "plugin \(type) answered nothing to VERSION")
        case .result(let tree):
            supported = try Self.versions(in: tree.root, of: type)
        }
        return PluginVersions(
            type: type, path: invocation.path ?? type, supported: supported, duration: invocation.duration)
    }

    private static func versions(in root: JSONNode, of type: String) throws(CNIError) -> [String] {
        if let list = root["supportedVersions"], list.kind == .array {
            let texts = list.elements.compactMap(\.string)
            if !texts.isEmpty { return texts }
        }
        // The answer of 0.2.0 had no list.
        if root["cniVersion"]?.string == CNIVersion.v020.description {
            return [CNIVersion.v010.description, CNIVersion.v020.description]
        }
        throw CNIError(
            .pluginFailed, "plugin \(type) answered VERSION without supportedVersions",
            details: JSONValue(root).text)
    }
}
