import Findings
import JSONTree
import LinuxHost
import SystemCalls

/// What is said over a supervisor's socket: one line with a request, one line with the answer.
///
///     {"v":1,"op":"status"}
///     {"v":1,"op":"node-add","node":"node-4","rack":0}
///     {"v":1,"op":"node-remove|node-reboot|node-partition|node-heal","node":"node-2"}
///     {"v":1,"op":"stop"}
///     → {"v":1,...} or {"v":1,"error":{"message":"...","next":"...","usage":true}}
public enum LabRequest {
    /// Asks the supervisor of a lab. Nil when none is running.
    public static func ask(
        _ directory: LabDirectory, _ operation: String, _ members: [JSONMember] = [], limit: Duration = .seconds(60)
    ) throws(LabFailure) -> JSONNode? {
        let request = JSONValue.object([JSONMember("v", 1), JSONMember("op", .string(operation))] + members)
        let line: [UInt8]
        do throws(SystemCallError) {
            let socket = try UnixSocket.connect(directory.socket)
            try socket.writeAll(request.serialized() + [0x0A])
            line = try UnixSocket.readLine(socket, limit: limit)
        } catch {
            if error.errno == .ENOENT || error.errno == .ECONNREFUSED { return nil }
            throw LabFailure("cannot ask the supervisor of lab \(directory.name): \(error)")
        }
        guard let answer = try? JSONTree(parsing: line).root else {
            throw LabFailure("the supervisor of lab \(directory.name) ended without an answer")
        }
        if let error = answer.member("error") {
            throw failure(error)
        }
        return answer
    }

    static func reply(to line: [UInt8], by supervisor: LabSupervisor) -> JSONValue {
        guard let request = try? JSONTree(parsing: line).root, request.member("v")?.int == 1,
            let operation = request.member("op")?.string
        else { return error(LabFailure("a request is one line: {\"v\":1,\"op\":...}")) }
        do throws(LabFailure) {
            return try answer(operation, request, by: supervisor)
        } catch let failure {
            return error(failure)
        }
    }

    private static func answer(
        _ operation: String, _ request: JSONNode, by supervisor: LabSupervisor
    ) throws(LabFailure) -> JSONValue {
        let node = request.member("node")?.string
        func named() throws(LabFailure) -> String {
            guard let node else { throw LabFailure("\(operation) needs a node") }
            return node
        }
        switch operation {
        case "status":
            return status(of: supervisor)
        case "node-add":
            let rack = request.member("rack")?.int.flatMap { Int(exactly: $0) }
            return ["v": 1, "node": .string(try supervisor.addNode(named: node, rack: rack).name)]
        case "node-remove": try supervisor.removeNode(named())
        case "node-reboot": try supervisor.rebootNode(named())
        case "node-partition": try supervisor.setPartition(named(), true)
        case "node-heal": try supervisor.setPartition(named(), false)
        case "stop": supervisor.stop()
        default: throw LabFailure("unknown request \(operation)")
        }
        return ["v": 1]
    }

    private static func status(of supervisor: LabSupervisor) -> JSONValue {
        let processes = supervisor.state.processes.sorted { $0.key < $1.key }.map { name, process -> JSONValue in
            [
                "name": .string(name), "pid": .int(Int64(process.identifier)), "running": .bool(process.isAlive),
                "restarts": .int(Int64(supervisor.restartCount(name))),
            ]
        }
        return ["v": 1, "port": .int(Int64(supervisor.state.port)), "processes": .array(processes)]
    }

    private static func error(_ failure: LabFailure) -> JSONValue {
        let first = failure.findings.first
        var members = [JSONMember("message", .string(first?.message ?? "\(failure)"))]
        if let next = first?.next { members.append(JSONMember("next", .string(next))) }
        if failure.isUsage { members.append(JSONMember("usage", true)) }
        return ["v": 1, "error": .object(members)]
    }

    private static func failure(_ error: JSONNode) -> LabFailure {
        let message = error.member("message")?.string ?? "the supervisor refused"
        let next = error.member("next")?.string
        return error.member("usage")?.bool == true ? .usage(message, next: next) : LabFailure(message, next: next)
    }
}
