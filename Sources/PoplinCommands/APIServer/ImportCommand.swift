import ArgumentParser
import Findings
import Foundation
import JSONTree
import KubernetesModel
import KubernetesServer
import Manifests

/// `poplin apiserver import`: objects of files into the directory of a server that does not run.
struct ImportCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Load manifests or a cluster's export.",
        usage: "poplin apiserver import <file> ... --dir <directory> [<options>]",
        discussion: """
            Reads YAML, JSON, directories of them, `kubectl get -o yaml` and `kubectl cluster-info dump`, and puts the \
            objects into the state of an embedded server that is not running, as they are: uids, times, statuses and \
            managed fields stay. Kinds that nobody defines are kept without a schema. A second import updates.

            Examples:
              kubectl get all,networkpolicies,crds -A -o yaml > cluster.yaml
              poplin apiserver import cluster.yaml --dir ./cluster
              poplin apiserver import ./manifests --dir ./cluster -o json

            \(CommandStatus.help)
            """)

    @Argument(help: "Files and directories; - is standard input.", completion: .file())
    var files: [String]

    @Option(help: ArgumentHelp("The server's directory, as of `poplin apiserver --dir`.", valueName: "directory"))
    var dir: String

    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let reading = ManifestReading(paths: files)
        let outcome = try imported(reading.manifests)
        let findings = reading.findings + outcome.remarks.map(Self.finding)
        report(outcome, findings, console)
        if findings.contains(where: { $0.severity == .error }) { throw CommandFailure(.findings, []) }
    }

    private func imported(_ manifests: [Manifest]) throws(CommandFailure) -> ObjectImport {
        let directory = dir
        let outcome = Waiting<Result<ObjectImport, StoreFailure>>()
        // The directory is free again before anybody is told.
        Task { outcome.set(await Self.result(of: manifests, into: directory)) }
        do throws(StoreFailure) {
            return try outcome.wait().get()
        } catch {
            throw CommandFailure(.undetermined, Finding(code: "apiserver", error.description))
        }
    }

    private static func result(
        of manifests: [Manifest], into directory: String
    ) async -> Result<ObjectImport, StoreFailure> {
        do throws(StoreFailure) {
            let store = try ObjectStore(directory: directory)
            defer { store.close() }
            var run = ObjectImport(into: store, now: Int64(Date().timeIntervalSince1970))
            try await run.run(manifests)
            return .success(run)
        } catch {
            return .failure(error)
        }
    }

    private static func finding(_ remark: ObjectImport.Remark) -> Finding {
        let place = remark.manifest.flatMap { manifest in
            manifest.file.map { Finding.Place(file: $0, node: manifest.node) }
        }
        return Finding(remark.isError ? .error : .warning, code: "import", remark.message, at: place)
    }

    private func report(_ outcome: ObjectImport, _ findings: [Finding], _ console: Console) {
        let rows = outcome.counts.sorted { $0.key < $1.key }
        if output.format != .table {
            let items = rows.map { kind, count -> JSONValue in
                [
                    "kind": .string(kind), "created": .int(Int64(count.created)), "updated": .int(Int64(count.updated)),
                    "unchanged": .int(Int64(count.unchanged)), "refused": .int(Int64(count.refused)),
                ]
            }
            let value: JSONValue = ["items": .array(items), "findings": .array(findings.map(\.value))]
            if let text = try? output.format.text(value) { console.print(text) }
            return
        }
        console.printError(findings)
        var total = ObjectImport.Count()
        for (kind, count) in rows {
            console.print("\(kind): \(Self.words(count))")
            total.created += count.created
            total.updated += count.updated
            total.unchanged += count.unchanged
            total.refused += count.refused
        }
        console.print("\(rows.count) kind\(rows.count == 1 ? "" : "s") into \(dir): \(Self.words(total))")
    }

    private static func words(_ count: ObjectImport.Count) -> String {
        let parts = [
            (count.created, "created"), (count.updated, "updated"), (count.unchanged, "unchanged"),
            (count.refused, "refused"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }
}
