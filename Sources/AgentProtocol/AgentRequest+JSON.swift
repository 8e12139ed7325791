import Addressing
import JSONTree

extension AgentRequest {
    /// Reads a request, with or without its newline.
    public init(line: [UInt8]) throws(AgentMessageError) {
        let reader = try AgentMessageReader(line: line)
        let name = try reader.requiredString("op")
        guard let operation = Operation(rawValue: name) else {
            let known = Operation.allCases.map(\.rawValue).joined(separator: ", ")
            throw reader.error("op", "\"\(name)\" is no operation; known are \(known)")
        }
        self.init(operation, network: try reader.requiredString("network"))
        if operation.concernsAttachment { attachment = try AgentAttachment(reader) }
        networkNamespace = try reader.string("netns")
        hostInterface = try reader.string("hostInterface")
        if let pod = try reader.object("pod") {
            self.pod = AgentPod(
                namespace: try pod.requiredString("namespace"), name: try pod.requiredString("name"),
                uid: try pod.string("uid"))
        }
        requestedAddresses = try reader.list("ips", "an IP address") { IPAddress($0) }
        addresses = try reader.list("addresses", "an address with a prefix length") { InterfaceAddress($0) }
        for entry in try reader.objects("attachments") { attachments.append(try AgentAttachment(entry)) }
        deadlineMilliseconds = try reader.integer("deadlineMilliseconds", in: 1...600_000, default: 10_000)
    }

    /// The request as a line, newline included. What is empty is left out.
    public var line: [UInt8] {
        var members = [
            JSONMember("v", .int(Int64(Self.version))), JSONMember("op", .string(operation.rawValue)),
            JSONMember("network", .string(network)),
        ]
        if let attachment { members += attachment.members }
        if !networkNamespace.isEmpty { members.append(JSONMember("netns", .string(networkNamespace))) }
        if !hostInterface.isEmpty { members.append(JSONMember("hostInterface", .string(hostInterface))) }
        if let pod {
            var inner = [JSONMember("namespace", .string(pod.namespace)), JSONMember("name", .string(pod.name))]
            if !pod.uid.isEmpty { inner.append(JSONMember("uid", .string(pod.uid))) }
            members.append(JSONMember("pod", .object(inner)))
        }
        if !requestedAddresses.isEmpty {
            members.append(JSONMember("ips", .array(requestedAddresses.map { .string($0.description) })))
        }
        if !addresses.isEmpty {
            members.append(JSONMember("addresses", .array(addresses.map { .string($0.description) })))
        }
        // An empty list means that nothing is valid; left out, it would mean nothing at all.
        if operation == .collectGarbage || !attachments.isEmpty {
            members.append(JSONMember("attachments", .array(attachments.map { .object($0.members) })))
        }
        members.append(JSONMember("deadlineMilliseconds", .int(Int64(deadlineMilliseconds))))
        return JSONValue.object(members).line
    }
}

extension AgentRequest.Operation {
    /// Whether it is about one attachment.
    public var concernsAttachment: Bool {
        switch self {
        case .add, .delete, .check: true
        case .collectGarbage, .status: false
        }
    }
}

extension AgentAttachment {
    init(_ reader: AgentMessageReader) throws(AgentMessageError) {
        self.init(
            containerID: try reader.requiredString("containerID"), interfaceName: try reader.requiredString("ifname"))
    }

    var members: [JSONMember] {
        [JSONMember("containerID", .string(containerID)), JSONMember("ifname", .string(interfaceName))]
    }
}
