import CLinux
import KubernetesClient
import KubernetesModel
import LinuxHost
import SystemCalls

// Starting and ending containers.

extension PodWorker {
    /// Answers whether something changed.
    func start(_ name: String) async -> Bool {
        guard let part = pod.container(named: name), let sandbox, !pod.isTerminating else { return false }
        var record = records[name] ?? ContainerRecord()
        let now = Clock.now()
        if let ending = record.ending {
            record.backOff.restarted(endedAt: ending.finishedAt, now: now)
            record.last = ending
        }
        let attempt = record.attempt + 1
        let id = KubeletContext.identifier()
        let spec: ContainerSpec
        do throws(ContainerAssembly.Refusal) {
            spec = try await specification(part, sandbox, id: id, attempt: attempt)
        } catch {
            refuse(name, error, &record)
            records[name] = record
            return false
        }
        context.report(
            pod, .normal, "Pulled", "Container image \"\(part.image)\" already present on machine")
        let containers = context.containers
        record.attempt = attempt
        record.isOfEarlierSandbox = false
        record.id = id
        record.complaint = nil
        record.isStarted = part.startup == nil
        record.isReady = false
        // Noted first: an end may be told before the start has been answered.
        record.state = .running(since: now)
        record.process = 0
        records[name] = record
        starting.insert(id)
        defer { starting.remove(id) }
        do throws(ContainerClient.Failure) {
            let state = try await context.blocking { () throws(ContainerClient.Failure) in
                try containers.start(spec)
            }
            records[name]?.process = state.process
            if records[name]?.isRunning == true { records[name]?.state = .running(since: state.startedAt) }
        } catch {
            let message = "failed to start container \"\(id)\": \(error)"
            record.state = .ended(
                .init(
                    id: id, exitCode: 128, reason: "StartError", message: message, startedAt: now, finishedAt: now))
            records[name] = record
            context.report(pod, .warning, "Failed", "Error: \(message)")
            return true
        }
        context.report(pod, .normal, "Created", "Created container: \(name)")
        context.report(pod, .normal, "Started", "Started container \(name)")
        if let handler = part.postStart { await runHook(handler, part, "PostStart") }
        if records[name]?.id == id, records[name]?.isRunning == true {
            if part.startup == nil, part.readiness == nil { records[name]?.isReady = true }
            startProbes(of: name)
        }
        await forgetOld(name, before: attempt - 1)
        return true
    }

    private func specification(
        _ part: ContainerPart, _ sandbox: Sandbox, id: String, attempt: Int
    ) async throws(ContainerAssembly.Refusal) -> ContainerSpec {
        let addresses = pod.hostNetwork ? context.hostIPs : sandbox.addresses
        let volumes = volumes(addresses: addresses)
        let entries: [(name: String, value: String)]
        do throws(ContainerEnvironment.Missing) {
            let (maps, secrets) = try await sources(of: part)
            entries = try ContainerEnvironment(
                configMap: { maps[$0] }, secret: { secrets[$0] },
                services: context.serviceVariables(for: pod), fields: fields(addresses: addresses)
            ).entries(for: part)
        } catch {
            throw ContainerAssembly.Refusal(reason: "CreateContainerConfigError", message: "\(error)")
        }
        return try ContainerAssembly(
            pod: pod, part: part, sandbox: sandbox, volumes: volumes, context: context
        ).specification(id: id, attempt: attempt, environment: entries)
    }

    /// The ConfigMaps and Secrets that a container's environment names.
    private func sources(
        of part: ContainerPart
    ) async throws(ContainerEnvironment.Missing) -> (
        maps: [String: [String: String]], secrets: [String: [String: String]]
    ) {
        var maps: Set<String> = []
        var secrets: Set<String> = []
        for source in part.environmentSources {
            if source.isSecret { secrets.insert(source.name) } else { maps.insert(source.name) }
        }
        for entry in part.environment {
            switch entry.value {
            case .configMap(let name, _, _): maps.insert(name)
            case .secret(let name, _, _): secrets.insert(name)
            default: continue
            }
        }
        func texts(_ data: [String: [UInt8]]) -> [String: String] {
            data.mapValues { String(decoding: $0, as: UTF8.self) }
        }
        var found: (maps: [String: [String: String]], secrets: [String: [String: String]]) = ([:], [:])
        do throws(PodVolumes.Failure) {
            for name in maps {
                if let data = try await context.content.configMap(pod.metadata.namespace, name) {
                    found.maps[name] = texts(data)
                }
            }
            for name in secrets {
                if let data = try await context.content.secret(pod.metadata.namespace, name) {
                    found.secrets[name] = texts(data)
                }
            }
        } catch {
            throw ContainerEnvironment.Missing(description: "\(error)")
        }
        return found
    }

    private func refuse(_ name: String, _ refusal: ContainerAssembly.Refusal, _ record: inout ContainerRecord) {
        let image = pod.container(named: name)?.image ?? ""
        var isFirst = true
        if case .refused = record.state { isFirst = false }
        let now = Clock.now()
        if refusal.isImage {
            if isFirst {
                context.report(pod, .normal, "Pulling", "Pulling image \"\(image)\"")
                context.report(
                    pod, .warning, "Failed", "Failed to pull image \"\(image)\": \(refusal.message)")
                context.report(pod, .warning, "Failed", "Error: ErrImagePull")
            } else {
                context.report(pod, .normal, "BackOff", "Back-off pulling image \"\(image)\"")
                context.report(pod, .warning, "Failed", "Error: ImagePullBackOff")
            }
            record.state = .refused(
                reason: isFirst ? "ErrImagePull" : "ImagePullBackOff",
                message: isFirst
                    ? refusal.message : "Back-off pulling image \"\(image)\": ErrImagePull: \(refusal.message)")
        } else {
            context.report(pod, .warning, "Failed", "Error: \(refusal.message)")
            record.state = .refused(reason: refusal.reason, message: refusal.message)
        }
        record.backOff.refused(now: now)
    }

    /// Two of each name are kept, with their logs: the newest and the one before, for `kubectl logs --previous`.
    private func forgetOld(_ name: String, before attempt: Int) async {
        let uid = pod.uid
        let containers = context.containers
        await context.blocking {
            for state in (try? containers.list()) ?? []
            where state.podUID == uid && state.name == name && state.attempt < attempt && state.end != nil {
                try? containers.remove(state.id)
                for path in [state.logPath] + LogFile.rotated(state.logPath) { _ = try? FileSystem.unlink(path) }
            }
        }
    }

    // MARK: - Ending

    /// Begins to end a container; its end is told like every other.
    func beginKill(_ name: String, _ seconds: Int, _ reason: String) {
        guard let record = records[name], record.isRunning, killDeadlines[record.id] == nil else { return }
        let id = record.id
        // A container gets two seconds at least (kubelet's minimumGracePeriodInSeconds).
        killDeadlines[id] = Clock.monotonic() + UInt64(max(2, seconds)) * 1_000_000_000
        context.report(pod, .normal, "Killing", reason)
        let part = pod.container(named: name)
        Task { await kill(id, part) }
    }

    private func kill(_ id: String, _ part: ContainerPart?) async {
        if let part {
            if let seconds = part.preStopSleep {
                let end = Clock.monotonic() + UInt64(max(0, seconds)) * 1_000_000_000
                await wait(for: id) { min(end, $0) }
            } else if let handler = part.preStop {
                await runHook(handler, part, "PreStop")
            }
        }
        await signal(id, SIGTERM)
        await wait(for: id) { $0 }
        while killDeadlines[id] != nil, !Task.isCancelled {
            await signal(id, SIGKILL)
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func wait(for id: String, until deadline: (UInt64) -> UInt64) async {
        while let last = killDeadlines[id], Clock.monotonic() < deadline(last) {
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private func signal(_ id: String, _ number: Int32) async {
        let containers = context.containers
        await context.blocking { try? containers.signal(id, number) }
    }

    /// The daemon knows nothing of a container that should run: it died with an earlier daemon.
    func reconcile(with states: [ContainerState]) {
        let mine = states.filter { $0.podUID == pod.uid }
        for state in mine where state.end != nil { ended(state) }
        let known = Set(mine.map(\.id))
        for (name, record) in records {
            guard case .running(let since) = record.state, !known.contains(record.id), !starting.contains(record.id)
            else { continue }
            for probe in probes.removeValue(forKey: name) ?? [] { probe.cancel() }
            var lost = record
            lost.isReady = false
            lost.state = .ended(
                .init(
                    id: record.id, exitCode: 137, reason: "ContainerStatusUnknown",
                    message: "The container could not be located: the daemon that ran it has ended", startedAt: since,
                    finishedAt: Clock.now()))
            records[name] = lost
            killDeadlines[record.id] = nil
        }
        wake()
    }
}

extension PodWorker {
    func refreshVolumes() async {
        guard let sandbox, !pod.isTerminating, !phase.isFinal else { return }
        await volumes(addresses: pod.hostNetwork ? context.hostIPs : sandbox.addresses).refresh()
    }
}

extension PodWorker {
    /// Why a container does not run yet, as kubelets answer who asks for its log
    /// (kubernetes/pkg/kubelet/kubelet_pods.go, validateContainerLogStatus).
    func waitingReason(_ name: String) -> String {
        if case .refused(let reason, _)? = records[name]?.state {
            switch reason {
            case "ErrImagePull": return "image can't be pulled"
            case "ImagePullBackOff": return "trying and failing to pull image"
            default: return reason
            }
        }
        let isInit = pod.initContainers.contains { $0.name == name }
        return !isInit && !pod.initContainers.isEmpty ? "PodInitializing" : "ContainerCreating"
    }
}
