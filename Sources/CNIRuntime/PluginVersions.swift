import CNI
import JSONTree

extension PluginExecutor {
    /// Asks a plugin for the versions it speaks, as texts: it may know some that we do not.
    public func versions(_ type: String) throws(CNIError) -> [String] {
        let (_, versions) = askVersions(type)
        return try versions.get()
    }

    func askVersions(_ type: String) -> (invocation: PluginInvocation, versions: Result<[String], CNIError>) {
        // Plugins of 0.1.0 do not know VERSION: they read everything as for ADD and refuse the verb. The dummies are
        // what libcni sends them.
        let request = CNIRequest(
            .version, containerID: "dummy", networkNamespace: "dummy", interfaceName: "dummy")
        let configuration = Array("{\"cniVersion\":\"\(CNIVersion.newest)\"}".utf8)
        let invocation = run(type, request, configuration: configuration)
        do throws(CNIError) {
            return (invocation, .success(try Self.versions(in: invocation)))
        } catch {
            return (invocation, .failure(error))
        }
    }

    private static func versions(in invocation: PluginInvocation) throws(CNIError) -> [String] {
        switch invocation.answer {
        case .failure(let error) where error.message == "unknown CNI_COMMAND: VERSION":
            return [CNIVersion.v010.description]
        case .failure(let error):
            throw error
        case .done:
            throw CNIError(.pluginFailed, "plugin \(invocation.type) answered nothing to VERSION")
        case .result(let tree):
            if let list = tree.root["supportedVersions"], list.kind == .array {
                let texts = list.elements.compactMap(\.string)
                if !texts.isEmpty { return texts }
            }
            // The answer of 0.2.0 had no list.
            if tree.root["cniVersion"]?.string == CNIVersion.v020.description {
                return [CNIVersion.v010.description, CNIVersion.v020.description]
            }
            throw CNIError(
                .pluginFailed, "plugin \(invocation.type) answered VERSION without supportedVersions",
                details: JSONValue(tree.root).text)
        }
    }
}
