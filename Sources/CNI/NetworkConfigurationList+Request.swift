import JSONTree

extension NetworkConfigurationList {
    /// What a plugin of the list gets on standard input: its own object verbatim, with `name`, `cniVersion`, and what
    /// this call adds. Nothing passes through a number type, so integers of any size arrive as they were written.
    ///
    /// - Parameters:
    ///   - previousResult: what the chain has made so far, in the list's version.
    ///   - capabilityArguments: all the runtime has; the plugin gets those it declares.
    ///   - validAttachments: for GC. Nil adds no key, which plugins take as "unknown, remove nothing".
    public func request(
        for entry: Entry, previousResult: CNIResult? = nil, capabilityArguments: [JSONMember] = [],
        validAttachments: [CNIAttachment]? = nil
    ) throws(CNIError) -> [UInt8] {
        var value = JSONValue(entry.node)
            .setting("name", to: .string(name))
            .setting("cniVersion", to: .string(cniVersion.description))
        if let previousResult { value = value.setting("prevResult", to: try previousResult.value(as: cniVersion)) }
        let wanted = capabilityArguments.filter { entry.capabilities.contains($0.key) }
        if !wanted.isEmpty { value = value.setting("runtimeConfig", to: .object(wanted)) }
        if let validAttachments {
            let list = JSONValue.array(
                validAttachments.map { attachment in
                    .object([
                        JSONMember("containerID", .string(attachment.containerID)),
                        JSONMember("ifname", .string(attachment.interfaceName)),
                    ])
                })
            // The first is the specification's, the second what libcni sent before and still sends.
            value = value.setting("cni.dev/valid-attachments", to: list).setting("cni.dev/attachments", to: list)
        }
        return value.serialized()
    }
}
