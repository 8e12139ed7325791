import ArgumentParser
import CNI
import Findings
import JSONTree
import KubernetesClient

struct VersionCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show which Poplin this is, which CNI versions it speaks, and the API server's.",
        discussion: """
            Where a cluster is configured its API server is asked for its version; --client leaves that out.

            Examples:
              poplin version
              poplin version --client -o json
              poplin version --context prod

            \(CommandStatus.help)
            """)

    @OptionGroup var output: OutputOptions

    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    @Flag(help: "Ask no API server.")
    var client = false

    func run(on console: Console) throws {
        let versions = CNIVersion.allCases.map(\.description)
        var members = [
            JSONMember("version", .string(Release.version)),
            JSONMember("cniVersions", .array(versions.map { .string($0) })),
        ]
        var lines = ["poplin \(Release.version)", "CNI    \(versions.joined(separator: ", "))"]
        var failure: CommandFailure?
        do throws(CommandFailure) {
            if let server = try server(on: console) {
                lines.append("server \(server.gitVersion) (\(server.platform))")
                members.append(
                    JSONMember(
                        "server",
                        [
                            "gitVersion": .string(server.gitVersion), "major": .string(server.major),
                            "minor": .string(server.minor), "platform": .string(server.platform),
                        ]))
            }
        } catch {
            failure = error
        }
        console.print(
            output.format == .table
                ? lines.joined(separator: "\n") : try output.format.text(.object(members)))
        if let failure { throw failure }
    }

    /// Nil when nobody asked for a cluster and none is configured.
    private func server(on console: Console) throws(CommandFailure) -> ServerVersion? {
        if client { return nil }
        do {
            _ = try ClusterConnection.resolve(cluster.overrides, environment: console.environment)
        } catch {
            if error.isAbsence { return nil }
            throw CommandFailure(.undetermined, error.finding)
        }
        return try cluster.run(on: console, component: "version") { client throws(KubernetesFailure) in
            try await client.serverVersion()
        }
    }
}
