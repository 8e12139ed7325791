import KubernetesModel
import LinuxHost
import SystemCalls

/// A container's specification put together from the pod's, for the daemon.
struct ContainerAssembly: Sendable {
    var pod: PodSpec
    var part: ContainerPart
    var sandbox: Sandbox
    var volumes: PodVolumes
    var context: KubeletContext

    /// Why it cannot be started now, as the state's reason says it.
    struct Refusal: Error, Hashable, Sendable {
        var reason: String
        var message: String
        /// The image is the reason: kubelet speaks of pulling.
        var isImage = false
    }

    func specification(
        id: String, attempt: Int, environment entries: [(name: String, value: String)]
    ) throws(Refusal) -> ContainerSpec {
        var values: [String: String] = [:]
        for entry in entries { values[entry.name] = entry.value }
        let expand = { (text: String) in ContainerEnvironment.expand(text, values) }
        let path = values["PATH"] ?? ImageCatalogue.standardPath
        let command: ImageCatalogue.Command
        do throws(ImageCatalogue.Refusal) {
            command = try context.catalogue.command(
                image: part.image, command: part.command.map(expand), arguments: part.arguments.map(expand), path: path)
        } catch {
            throw Refusal(reason: error.reason, message: error.message, isImage: error.reason == "ErrImagePull")
        }
        var spec = ContainerSpec()
        spec.id = id
        spec.podUID = pod.uid
        spec.podNamespace = pod.metadata.namespace
        spec.podName = pod.metadata.name
        spec.name = part.name
        spec.attempt = attempt
        spec.executable = command.executable
        spec.arguments = command.arguments
        spec.workingDirectory = part.workingDirectory.isEmpty ? "/" : part.workingDirectory
        spec.hostName = pod.hostNetwork ? "" : pod.hostName
        spec.networkNamespace = sandbox.namespacePath
        spec.hasOwnProcesses = !pod.hostPID
        spec.logPath = "\(context.logDirectory(of: pod.metadata))/\(part.name)/\(attempt).log"
        spec.hasInput = part.hasInput
        spec.endsInputOnce = part.endsInputOnce
        spec.isTerminal = part.isTerminal
        if let root = context.configuration.cgroupRoot {
            spec.controlGroups = ["/sys/fs/cgroup/\(root)/pod\(pod.uid)/\(id)"]
        }
        addRights(to: &spec)
        addEnvironment(entries, command, path, to: &spec)
        try addMounts(expand, to: &spec)
        return spec
    }

    private func addRights(to spec: inout ContainerSpec) {
        let own = part.security
        spec.isPrivileged = own.isPrivileged
        spec.capabilities =
            own.isPrivileged ? nil : CapabilitySet.effective(adding: own.added, dropping: own.dropped)
        spec.hasReadOnlyRoot = own.hasReadOnlyRoot
        spec.hasNoNewPrivileges = !own.allowsEscalation && !own.isPrivileged
        spec.user = own.user ?? pod.security.user
        spec.group = own.group ?? pod.security.group
        spec.groups = pod.security.groups + [pod.security.fileGroup].compactMap { $0 }
    }

    private func addEnvironment(
        _ entries: [(name: String, value: String)], _ command: ImageCatalogue.Command, _ path: String,
        to spec: inout ContainerSpec
    ) {
        let names = Set(entries.map(\.name))
        func add(_ name: String, _ value: String) {
            if !names.contains(name) { spec.environment.append("\(name)=\(value)") }
        }
        let searched = (command.searched + [path]).joined(separator: ":")
        spec.environment.append("PATH=\(searched)")
        add("HOSTNAME", pod.hostNetwork ? context.configuration.nodeName : pod.hostName)
        add("HOME", "/root")
        if part.isTerminal { add("TERM", "xterm") }
        // What marks every process of a lab, and leads the agent's installer to the static plugins.
        for name in ["POPLIN_CNI", "POPLIN_LAB_MEMBER", "POPLIN_LAB_NODE"] {
            if let value = Environment.value(of: name) { add(name, value) }
        }
        spec.environment += entries.filter { $0.name != "PATH" }.map { "\($0.name)=\($0.value)" }
    }

    private func addMounts(_ expand: (String) -> String, to spec: inout ContainerSpec) throws(Refusal) {
        let own = volumes.directory
        var mounts: [ContainerSpec.Mount] = []
        // The program is seen where it is on the node, whatever file system it lies on.
        for file in [context.configuration.program, Environment.value(of: "POPLIN_CNI") ?? ""] where !file.isEmpty {
            let directory = RootTree.parent(of: file)
            if directory.isEmpty || mounts.contains(where: { $0.target == directory }) { continue }
            mounts.append(.init(directory, at: directory, isReadOnly: true))
        }
        mounts += [
            .init("\(own)/etc-hosts", at: "/etc/hosts", isFile: true),
            .init("\(own)/resolv.conf", at: "/etc/resolv.conf", isFile: true),
            .init("\(own)/hostname", at: "/etc/hostname", isFile: true),
        ]
        // Shorter paths first: a volume may lie inside another one's place.
        for mount in part.mounts.sorted(by: { $0.path.utf8.count < $1.path.utf8.count }) {
            guard let volume = pod.volumes.first(where: { $0.name == mount.name }) else {
                throw Refusal(
                    reason: "CreateContainerConfigError",
                    message: "cannot find volume \"\(mount.name)\" to mount into container \"\(part.name)\"")
            }
            let base = volumes.path(of: volume)
            let sub = mount.subPathExpression.isEmpty ? mount.subPath : expand(mount.subPathExpression)
            guard !sub.split(separator: "/").contains("..") else {
                throw Refusal(
                    reason: "CreateContainerConfigError", message: "subPath \"\(sub)\" must not contain \"..\"")
            }
            let source = sub.isEmpty ? base : "\(base)/\(sub)"
            if !sub.isEmpty, (try? FileSystem.status(source)) == nil { try? Directories.make(source) }
            guard let status = try? FileSystem.status(source) else {
                throw Refusal(
                    reason: "CreateContainerConfigError",
                    message: "failed to stat \"\(source)\", the source of volume \"\(mount.name)\"")
            }
            var isReadOnly = mount.isReadOnly
            // Kubernetes has made these read-only since 1.9.6.
            if case .projected = volume.source { isReadOnly = true }
            mounts.append(.init(source, at: mount.path, isReadOnly: isReadOnly, isFile: !status.isDirectory))
        }
        let message = "\(own)/containers/\(part.name)-\(spec.attempt)-termination"
        if (try? AtomicFile.write(message, [], mode: 0o666)) != nil {
            try? FileSystem.setMode(message, 0o666)
            mounts.append(.init(message, at: part.terminationMessagePath, isFile: true))
        }
        spec.mounts = mounts
    }
}
