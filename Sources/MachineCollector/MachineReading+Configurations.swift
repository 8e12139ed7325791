import Diagnosis
import JSONTree
import LinuxHost
import SystemCalls

extension MachineReading {
    /// What the runtime reads: its own configuration, network configurations, plugins and what they keep.
    mutating func readConfigurations() {
        var texts: [String: String] = [:]
        for (path, _) in RuntimeDirectories.files {
            copy(path)
            if let text = text(path) { texts[path] = text }
        }
        for (folder, _) in RuntimeDirectories.folders {
            for name in names(in: folder) where name.hasSuffix(".toml") || name.hasSuffix(".conf") {
                copy("\(folder)/\(name)")
                if let text = text("\(folder)/\(name)") { texts["\(folder)/\(name)"] = text }
            }
        }
        let directories = RuntimeDirectories(runtime: nil, files: texts)
        var configurations = [RuntimeDirectories.standard.configuration]
        var programs = RuntimeDirectories.standard.programs
        if !configurations.contains(directories.configuration) { configurations.append(directories.configuration) }
        for folder in directories.programs + [
            "/usr/libexec/cni", "/usr/lib/cni", "/var/lib/rancher/k3s/data/current/bin",
        ]
        where !programs.contains(folder) { programs.append(folder) }
        for folder in configurations { readConfigurationFolder(folder) }
        for folder in programs { list(folder, programs: true) }
        for folder in directories.programs where !isMachines(folder) {
            miss("files\(folder)/", because: "\(folder) of the machine is not mounted")
        }
        askVersions(directories)
        readStores()
    }

    private mutating func readConfigurationFolder(_ folder: String) {
        list(folder, depth: 3, most: 512)
        for path in listing.keys.sorted() where path.hasPrefix(folder + "/") {
            guard let line = listing[path], line.status.isRegularFile else { continue }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if name.contains("kubeconfig") || name.hasSuffix(".config") {
                copy(path) { KubeconfigRedaction.redacted($0) }
            } else if [".conf", ".conflist", ".json", ".cilium_bak", ".bak", ".old"].contains(where: name.hasSuffix)
                || name == "ca.crt"
            {
                copy(path) { KubeconfigRedaction.redactedConfiguration($0) }
            }
        }
    }

    /// VERSION of each plugin: the one program that is executed, and it changes nothing.
    private mutating func askVersions(_ directories: RuntimeDirectories) {
        // In a container's view of a host the host's programs cannot be run with the host's libraries.
        guard options.root == "/", options.mounted == nil else {
            return miss(NodeEvidence.Part.pluginVersions.path, because: "the machine is seen from a container")
        }
        var wanted: Set<String> = []
        for (path, document) in tree.documents(under: folder + "files") {
            guard path.hasPrefix(directories.configuration + "/") else { continue }
            wanted.formUnion(CNIConfigurationFile(path: path, bytes: document.bytes).programs)
        }
        var answers: [JSONMember] = []
        for folder in directories.programs {
            for name in names(in: folder) where wanted.contains(name) {
                let path = "\(folder)/\(name)"
                guard let line = listing[path], line.status.isRegularFile, line.status.isExecutable, line.machine != nil
                else { continue }
                answers.append(JSONMember(path, Self.askVersion(path, folder)))
            }
        }
        add(
            JSONValue.object(answers).serialized(), NodeEvidence.Part.pluginVersions.path,
            command: "CNI_COMMAND=VERSION PLUGIN")
    }

    private static func askVersion(_ path: String, _ folder: String) -> JSONValue {
        let command = ChildProcess.Command(
            path,
            environment: Environment([
                "CNI_COMMAND": "VERSION", "CNI_PATH": folder, "CNI_CONTAINERID": "dummy", "CNI_NETNS": "dummy",
                "CNI_IFNAME": "dummy", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            ]), input: Array("{\"cniVersion\":\"1.0.0\"}".utf8), limit: .milliseconds(400), grace: .milliseconds(50),
            outputLimit: 64 << 10)
        do throws(SystemCallError) {
            let outcome = try ChildProcess.run(command)
            if outcome.ranOutOfTime { return ["error": "it did not answer VERSION within 400 ms"] }
            guard let answer = try? JSONTree(parsing: outcome.output).root, answer.member("supportedVersions") != nil
            else {
                let text = String(decoding: (outcome.output + outcome.errors).prefix(300), as: UTF8.self)
                return ["error": .string("\(outcome.termination): \(text)")]
            }
            return JSONValue(answer)
        } catch {
            return ["error": .string("it cannot be run: \(error.errno)")]
        }
    }

    /// Reservations, result caches, and the files that providers leave for their plugins.
    private mutating func readStores() {
        list("/var/lib/cni/results", most: 8192)
        for name in names(in: "/var/lib/cni/results").prefix(2048) {
            copy("/var/lib/cni/results/\(name)", limit: 64 << 10)
        }
        list("/var/lib/cni/networks", depth: 2, most: 8192)
        for network in names(in: "/var/lib/cni/networks").prefix(32) {
            for name in names(in: "/var/lib/cni/networks/\(network)").prefix(2048) where name != "lock" {
                copy("/var/lib/cni/networks/\(network)/\(name)", limit: 4096)
            }
        }
        for path in [
            "/run/flannel/subnet.env", "/var/lib/calico/nodename", "/var/lib/calico/mtu", "/run/cilium/cilium.pid",
            "/var/run/aws-node/ipam.json", "/run/poplin/agent.json",
        ] {
            note(path)
            copy(path)
        }
        list("/var/run/azure-vnet-ipam.json", depth: 1)
    }
}
