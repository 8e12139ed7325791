import Addressing
import JSONTree
import LinuxHost

/// What is known about a lab, in one file that is replaced as a whole: a supervisor that was killed is followed by one
/// that finds the same machines.
public struct LabState: Hashable, Sendable {
    /// Of the file's format. A file of a higher version is refused, because this program would lose what it does not know.
    public static let version = 1

    public var specification: LabSpecification
    /// The program that runs everything.
    public var program: String
    /// Of the API server on the host's loopback; 0 before it has one.
    public var port: Int
    /// Machines and programs that were started, by name (`fabric`, `control`, `apiserver`, `controllers`, `node/NODE`).
    public var processes: [String: BackgroundProcess]

    public init(
        specification: LabSpecification, program: String, port: Int = 0, processes: [String: BackgroundProcess] = [:]
    ) {
        self.specification = specification
        self.program = program
        self.port = port
        self.processes = processes
    }

    public static func read(_ directory: LabDirectory) throws(LabFailure) -> LabState? {
        let bytes: [UInt8]?
        do {
            bytes = try AtomicFile.read(directory.stateFile)
        } catch {
            throw LabFailure("cannot read \(directory.stateFile): \(error)")
        }
        guard let bytes else { return nil }
        do throws(Unreadable) {
            return try LabState(bytes)
        } catch {
            throw LabFailure(
                "\(directory.stateFile): \(error.reason)",
                next: "poplin lab down --name \(directory.name) removes the lab also without it")
        }
    }

    public func write(_ directory: LabDirectory) throws(LabFailure) {
        do {
            try AtomicFile.write(directory.stateFile, value.serialized(indent: 2) + [0x0A], mode: 0o600)
        } catch {
            throw LabFailure("cannot write \(directory.stateFile): \(error)")
        }
    }
}

extension LabState {
    /// What is wrong with a file.
    public struct Unreadable: Error, Hashable, Sendable {
        public var reason: String
    }

    var value: JSONValue {
        let spec = specification
        let nodes = spec.nodes.map { node -> JSONValue in
            [
                "name": .string(node.name), "number": .int(Int64(node.number)), "rack": .int(Int64(node.rack)),
                "partitioned": .bool(node.isPartitioned),
            ]
        }
        let processes = self.processes.sorted { $0.key < $1.key }.map { name, process in
            JSONMember(
                name, ["pid": .int(Int64(process.identifier)), "startTime": .uint(process.startTime)])
        }
        return [
            "version": .int(Int64(Self.version)), "name": .string(spec.name), "program": .string(program),
            "port": .int(Int64(port)), "racks": .int(Int64(spec.racks)), "backend": .string(spec.backend.rawValue),
            "ipam": .string(spec.addressMode.rawValue),
            "dualStack": .bool(spec.isDualStack), "mtu": .int(Int64(spec.mtu)),
            "podNetworks": .array(spec.podNetworks.map { .string("\($0)") }),
            "nextNumber": .int(Int64(spec.nextNumber)), "nodes": .array(nodes), "processes": .object(processes),
        ]
    }

    init(_ bytes: [UInt8]) throws(Unreadable) {
        let root: JSONNode
        do throws(JSONSyntaxError) {
            root = try JSONTree(parsing: bytes).root
        } catch {
            throw Unreadable(reason: "\(error)")
        }
        func need<Value>(_ key: String, _ value: Value?) throws(Unreadable) -> Value {
            guard let value else { throw Unreadable(reason: "\(key) is missing or of another type") }
            return value
        }
        func number(_ key: String, in node: JSONNode) throws(Unreadable) -> Int {
            Int(try need(key, node.member(key)?.int))
        }
        let version = try number("version", in: root)
        guard version == Self.version else {
            throw Unreadable(reason: "it has version \(version); this program writes version \(Self.version)")
        }
        var spec = LabSpecification(name: try need("name", root.member("name")?.string), nodeCount: 0)
        spec.racks = try number("racks", in: root)
        let backend = try need("backend", root.member("backend")?.string)
        spec.backend = try need("backend", LabSpecification.Backend(rawValue: backend))
        // Labs made before there was a choice have none.
        if let mode = root.member("ipam")?.string {
            spec.addressMode = try need("ipam", LabSpecification.AddressMode(rawValue: mode))
        }
        spec.isDualStack = try need("dualStack", root.member("dualStack")?.bool)
        spec.mtu = try number("mtu", in: root)
        spec.nextNumber = try number("nextNumber", in: root)
        spec.podNetworks = []
        for element in try need("podNetworks", root.member("podNetworks")).elements {
            spec.podNetworks.append(try need("podNetworks", element.string.flatMap { IPPrefix($0) }))
        }
        for element in try need("nodes", root.member("nodes")).elements {
            var node = LabNode(
                name: try need("nodes.name", element.member("name")?.string), number: try number("number", in: element),
                rack: try number("rack", in: element))
            node.isPartitioned = element.member("partitioned")?.bool ?? false
            spec.nodes.append(node)
        }
        var processes: [String: BackgroundProcess] = [:]
        for (name, node) in try need("processes", root.member("processes")).members {
            processes[name] = BackgroundProcess(
                identifier: Int32(clamping: try number("pid", in: node)),
                startTime: try need("startTime", node.member("startTime")?.uint))
        }
        self.init(
            specification: spec, program: try need("program", root.member("program")?.string),
            port: try number("port", in: root), processes: processes)
    }
}
