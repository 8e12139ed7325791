import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging
import Synchronization
import SystemCalls

/// The sandbox: a namespace with its network, and the files beside it.
extension PodWorker {
    func makeSandbox() async -> Bool {
        if !pod.hostNetwork, let objection = context.networkObjection.withLock({ $0 }) {
            context.report(
                pod, .warning, "NetworkNotReady",
                "network is not ready: container runtime network not ready: NetworkReady=false "
                    + "reason:NetworkPluginNotReady message:Network plugin returns error: \(objection)")
            delaySandbox()
            return false
        }
        do throws(PodVolumes.Failure) {
            try await volumes(addresses: []).prepare()
        } catch {
            context.report(pod, .warning, "FailedMount", "\(error)")
            delaySandbox()
            return false
        }
        var made = Sandbox(id: KubeletContext.identifier(), for: pod, startedAt: startedAt)
        if !pod.hostNetwork {
            // Kept before the first plugin runs: a kubelet that dies now knows at its next start what to undo.
            keep(made)
            let wanted = made
            let network = context.network
            do throws(PodNetwork.Failure) {
                made = try await context.blocking { () throws(PodNetwork.Failure) in try network.add(wanted) }
            } catch {
                let (message, type) = ("\(error)", "Failed to create pod sandbox")
                context.report(
                    pod, .warning, "FailedCreatePodSandBox",
                    "\(type): rpc error: code = Unknown desc = \(message)")
                context.logger.warning(
                    "sandbox failed", metadata: ["pod": "\(pod.key)", "error": "\(message)"])
                _ = try? AtomicFile.remove("\(context.directory(ofPod: pod.uid))/sandbox.json")
                delaySandbox()
                return false
            }
            applySysctls(made)
        }
        keep(made)
        sandbox = made
        sandboxAttempts = 0
        sandboxDeadline = nil
        writeFiles(made)
        tellOfIgnoredFields()
        return true
    }

    private func delaySandbox() {
        sandboxAttempts += 1
        let seconds = min(PodPlan.sandboxWait, 1 << UInt64(min(4, sandboxAttempts - 1)))
        sandboxDeadline = Clock.now() + seconds * 1_000_000_000
    }

    private func keep(_ sandbox: Sandbox) {
        let directory = context.directory(ofPod: pod.uid)
        try? Directories.make("\(directory)/containers")
        do throws(SystemCallError) {
            try AtomicFile.write("\(directory)/sandbox.json", sandbox.value.serialized())
        } catch {
            context.logger.error("a sandbox could not be written down: \(error)")
        }
    }

    private func applySysctls(_ sandbox: Sandbox) {
        let wanted = pod.security.sysctls.filter { $0.key.hasPrefix("net.") }
        guard !wanted.isEmpty, let namespace = try? NetworkNamespace.open(sandbox.namespacePath) else { return }
        _ = try? namespace.run { () throws(SystemCallError) in
            for (name, value) in wanted {
                let path = "/proc/sys/\(name.replacing(".", with: "/"))"
                try FileDescriptor.open(path, 1).writeAll(Array(value.utf8))
            }
        }
    }

    private func tellOfIgnoredFields() {
        guard !pod.ignored.isEmpty else { return }
        context.report(
            pod, .warning, "IgnoredFields",
            "without effect on a node of a lab: \(pod.ignored.joined(separator: ", "))")
    }

    func fields(addresses: [String]) -> DownwardFields {
        DownwardFields(
            pod: pod, nodeName: context.configuration.nodeName, podIPs: addresses, hostIPs: context.hostIPs,
            capacity: NodeCapacity.allocatable)
    }

    func volumes(addresses: [String]) -> PodVolumes {
        PodVolumes(
            pod: pod, directory: context.directory(ofPod: pod.uid), content: context.content,
            fields: fields(addresses: addresses))
    }

    /// /etc/hosts, /etc/resolv.conf and /etc/hostname of the pod.
    private func writeFiles(_ sandbox: Sandbox) {
        func node(_ path: String) -> String {
            String(decoding: ((try? AtomicFile.read(path)) ?? nil) ?? [], as: UTF8.self)
        }
        let configuration = context.configuration
        let resolver = ResolverFile(
            for: pod, node: ResolverFile(parsing: node("/etc/resolv.conf")),
            servers: configuration.clusterDNS.map { "\($0)" }, domain: configuration.clusterDomain)
        let hosts = HostsFile.text(
            for: pod, addresses: sandbox.addresses, domain: configuration.clusterDomain, node: node("/etc/hosts"))
        let name = pod.hostNetwork ? configuration.nodeName : pod.hostName
        let directory = context.directory(ofPod: pod.uid)
        for (file, text) in [("resolv.conf", resolver.text), ("etc-hosts", hosts), ("hostname", "\(name)\n")] {
            do throws(SystemCallError) {
                try AtomicFile.write("\(directory)/\(file)", Array(text.utf8))
            } catch {
                context.logger.error("a pod's file could not be written: \(error)")
            }
        }
    }

    func removeSandbox() async -> Bool {
        guard let sandbox else { return false }
        let network = context.network
        do throws(PodNetwork.Failure) {
            try await context.blocking { () throws(PodNetwork.Failure) in try network.delete(sandbox) }
        } catch {
            context.report(
                pod, .warning, "FailedKillPod",
                "error killing pod: failed to \"KillPodSandbox\" for \"\(pod.uid)\" with KillPodSandboxError: "
                    + "\"rpc error: code = Unknown desc = \(error)\"")
            context.logger.warning("DEL failed", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
            delaySandbox()
            wake(at: Clock.now() + 2_000_000_000)
            return false
        }
        // What is over keeps the addresses it had in its status; what goes on will get others.
        lastAddresses = phase.isFinal || pod.isTerminating ? sandbox.addresses : []
        self.sandbox = nil
        _ = try? AtomicFile.remove("\(context.directory(ofPod: pod.uid))/sandbox.json")
        return true
    }
}
