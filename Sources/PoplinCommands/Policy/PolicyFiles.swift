import ArgumentParser
import Findings
import JSONTree
import KubernetesModel
import LinuxHost
import Manifests
import Policy
import SystemCalls

/// `-f`: where policies, pods and namespaces come from.
struct PolicyFiles: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "A file, a directory with everything below it, or - for standard input; may be given again.",
        completion: .file())
    var files: [String] = []
    @Flag(help: "Read the cluster too: policies of every kind, pods, namespaces, services.")
    var live = false
    @OptionGroup(title: "The cluster of --live") var cluster: ClusterOptions

    /// What was read. Everything valid is used; everything else is in the findings.
    struct Reading {
        var cluster: Cluster
        var policies: PolicySet
        var findings: [Finding]

        var hasErrors: Bool { findings.contains { $0.severity == .error } }
    }

    func reading(_ console: Console) throws(CommandFailure) -> Reading {
        let reading = try silentReading(console)
        console.printError(reading.findings)
        return reading
    }

    /// Without printing what is wrong with the input.
    func silentReading(_ console: Console) throws(CommandFailure) -> Reading {
        if files.isEmpty, !live { throw .usage("nothing to read", next: "give manifests with -f, or --live") }
        let manifests = ManifestReading(paths: files)
        // A path that is not there makes every answer a guess.
        for file in files where file != "-" {
            do throws(SystemCallError) {
                _ = try FileSystem.status(file)
            } catch {
                throw CommandFailure(.undetermined, manifests.findings)
            }
        }
        return Self.read(manifests, live ? try cluster.livePolicies(console) : nil)
    }

    /// Files count after the cluster: of an object in both, the file's is taken.
    static func read(_ manifests: ManifestReading, _ live: LivePolicies? = nil) -> Reading {
        var input = PolicyInput()
        for document in live?.documents ?? [] { input.read(document) }
        for manifest in manifests.manifests { input.read(manifest) }
        let (cluster, policies, findings) = input.finish()
        return Reading(
            cluster: cluster, policies: policies, findings: (live?.findings ?? []) + manifests.findings + findings)
    }
}

/// Flows, one JSON object on each line, as every command writes them.
struct FlowFile {
    var flows: [Flow] = []
    /// RFC 3339, where flows carry a `time`.
    var times: [String] = []
    var findings: [Finding] = []

    init(path: String) throws(CommandFailure) {
        var bytes: [UInt8] = []
        do throws(SystemCallError) {
            bytes = path == "-" ? try StandardStreams.readInput() : try AtomicFile.read(path) ?? []
        } catch {
            throw CommandFailure(
                .undetermined, Finding("cannot read the flows of \(path): \(error.errno)", next: "check the path"))
        }
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
            let place = Finding.Place(file: "\(path):\(number + 1)")
            do {
                let node = try JSONTree(parsing: Array(line)).root
                flows.append(try Flow(decoding: node))
                if let time = node.member("time")?.string { times.append(time) }
            } catch let error as JSONSyntaxError {
                findings.append(Finding(.error, "this line is no JSON: \(error.reason)", at: place))
            } catch {
                findings.append(Finding(.error, "this line is no flow: \(error)", at: place))
            }
        }
    }
}
