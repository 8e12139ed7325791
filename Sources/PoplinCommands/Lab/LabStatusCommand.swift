import Addressing
import ArgumentParser
import CNI
import Findings
import JSONTree
import Lab
import LinuxHost

struct LabStatusCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What of a lab runs, and what its nodes say.",
        discussion: """
            Examples:
              poplin lab status
              poplin lab status --name wide -o json

            \(CommandStatus.help)
            """)

    @OptionGroup var lab: LabNameOption

    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let (directory, state) = try lab.existing(console)
        var wrong: [Finding] = []
        let supervisor: JSONNode?
        do throws(LabFailure) {
            supervisor = try LabRequest.ask(directory, "status")
        } catch {
            throw CommandFailure(error)
        }
        if supervisor == nil {
            wrong.append(
                Finding(
                    code: "lab", "the supervisor of lab \(directory.name) does not run",
                    next: "poplin lab up --name \(directory.name) starts it, and what ended with it"))
        }
        var restarts: [String: Int64] = [:]
        for process in supervisor?.member("processes")?.elements.map({ $0 }) ?? [] {
            if let name = process.member("name")?.string { restarts[name] = process.member("restarts")?.int }
        }
        var programs: [Row] = [Row("supervisor", state.processes["supervisor"], restarts)]
        for name in ["fabric", "control", "apiserver", "controllers"] {
            programs.append(Row(name, state.processes[name], restarts))
        }
        for node in state.specification.nodes {
            programs.append(Row("node/\(node.name)", state.processes["node/\(node.name)"], restarts))
        }
        for program in programs where !program.isRunning && program.name != "supervisor" {
            wrong.append(Finding(code: "lab", "\(program.name) does not run", next: "its log is in \(directory.logs)"))
        }
        let reports = nodeReports(directory, console)
        switch reports {
        case .success(let reports):
            for report in reports where !report.isReady {
                wrong.append(Finding(code: "lab", "node \(report.name) is not ready: \(report.message)"))
            }
        case .failure(let failure): wrong += failure.findings
        }
        try show(programs, state, (try? reports.get()) ?? [], wrong, console)
        if !wrong.isEmpty { throw CommandFailure(.findings, []) }
    }

    private struct Row {
        var name: String
        var process: BackgroundProcess?
        var isRunning: Bool
        var restarts: Int64

        init(_ name: String, _ process: BackgroundProcess?, _ restarts: [String: Int64]) {
            self.name = name
            self.process = process
            isRunning = process?.isAlive ?? false
            self.restarts = restarts[name] ?? 0
        }
    }

    private func nodeReports(
        _ directory: LabDirectory, _ console: Console
    ) -> Result<[LabCluster.NodeReport], LabFailure> {
        let environment = console.environment
        let outcome = Waiting<Result<[LabCluster.NodeReport], LabFailure>>()
        Task {
            do throws(LabFailure) {
                let cluster = try LabCluster(directory, environment: environment, version: Release.version)
                let reports: Result<[LabCluster.NodeReport], LabFailure>
                do throws(LabFailure) { reports = .success(try await cluster.nodes()) } catch {
                    reports = .failure(error)
                }
                await cluster.close()
                outcome.set(reports)
            } catch {
                outcome.set(.failure(error))
            }
        }
        return outcome.wait()
    }

    private func show(
        _ programs: [Row], _ state: LabState, _ reports: [LabCluster.NodeReport], _ wrong: [Finding], _ console: Console
    ) throws {
        let spec = state.specification
        let plan = AddressPlan(spec)
        if output.format != .table {
            let value: JSONValue = [
                "name": .string(spec.name), "backend": .string(spec.backend.rawValue),
                "server": .string("https://127.0.0.1:\(state.port)"),
                "programs": .array(
                    programs.map {
                        [
                            "name": .string($0.name), "running": .bool($0.isRunning),
                            "pid": .int(Int64($0.process?.identifier ?? 0)), "restarts": .int($0.restarts),
                        ]
                    }),
                "nodes": .array(
                    spec.nodes.map { node in
                        let report = reports.first { $0.name == node.name }
                        return [
                            "name": .string(node.name), "ready": .bool(report?.isReady ?? false),
                            "partitioned": .bool(node.isPartitioned), "rack": .int(Int64(node.rack + 1)),
                            "addresses": .array(plan.addresses(of: node).map { .string("\($0.address)") }),
                        ]
                    }), "findings": .array(wrong.map(\.value)),
            ]
            return console.print(try output.format.text(value))
        }
        console.print("lab \(spec.name): \(spec.backend.rawValue), https://127.0.0.1:\(state.port)\n\n")
        var table = TextTable(["PROGRAM", "STATE", "PID", "RESTARTS"])
        for row in programs {
            table.add(
                "\(row.name)", TextTable.Cell(row.isRunning ? "running" : "ended", row.isRunning ? .good : .bad),
                "\(row.process.map { String($0.identifier) } ?? "")", "\(row.restarts)")
        }
        console.print(table.rendered(console.paint) + "\n\n")
        var nodes = TextTable(["NODE", "STATE", "CABLE", "RACK", "ADDRESSES"])
        for node in spec.nodes {
            let isReady = reports.first { $0.name == node.name }?.isReady ?? false
            nodes.add(
                "\(node.name)", TextTable.Cell(isReady ? "ready" : "not ready", isReady ? .good : .bad),
                TextTable.Cell(node.isPartitioned ? "pulled" : "plugged", node.isPartitioned ? .bad : .plain),
                "\(node.rack + 1)", "\(plan.addresses(of: node).map { "\($0.address)" }.joined(separator: " "))")
        }
        console.print(nodes.rendered(console.paint))
        console.printError(wrong)
    }
}
