import KubernetesClient
import LinuxHost

// Asking containers how they are, and their life cycle's hooks.

extension PodWorker {
    enum ProbeKind: String, Sendable {
        case startup = "Startup"
        case liveness = "Liveness"
        case readiness = "Readiness"
    }

    private func runner(_ part: ContainerPart) -> ProbeRunner? {
        guard let record = records[part.name], record.isRunning, record.process != 0, let sandbox else { return nil }
        let address = (pod.hostNetwork ? context.hostIPs.first : sandbox.addresses.first) ?? "127.0.0.1"
        return ProbeRunner(context: context, part: part, address: address, process: record.process)
    }

    func startProbes(of name: String) {
        guard let part = pod.container(named: name), let record = records[name], record.isRunning else { return }
        for probe in probes.removeValue(forKey: name) ?? [] { probe.cancel() }
        let id = record.id
        if let startup = part.startup, !record.isStarted {
            probes[name] = [Task { await probe(.startup, startup, part, id) }]
            return
        }
        var tasks: [Task<Void, Never>] = []
        if let liveness = part.liveness { tasks.append(Task { await probe(.liveness, liveness, part, id) }) }
        if let readiness = part.readiness { tasks.append(Task { await probe(.readiness, readiness, part, id) }) }
        probes[name] = tasks
    }

    private func probe(_ kind: ProbeKind, _ probe: ProbeSpec, _ part: ContainerPart, _ id: String) async {
        var counter = ProbeCounter(probe)
        try? await Task.sleep(for: .seconds(probe.initialDelay))
        while !Task.isCancelled, records[part.name]?.id == id, let runner = runner(part) {
            let answer = await runner.run(probe.action, timeout: probe.timeout)
            guard !Task.isCancelled, records[part.name]?.id == id, records[part.name]?.isRunning == true else { return }
            switch answer {
            case .good:
                if counter.add(true) == true, settle(kind, isGood: true, part) { return }
            case .bad(let message):
                context.report(pod, .warning, "Unhealthy", "\(kind.rawValue) probe failed: \(message)")
                if counter.add(false) == false, settle(kind, isGood: false, part) { return }
            case .unknown(let message):
                context.report(pod, .warning, "ProbeError", "\(kind.rawValue) probe errored: \(message)")
                if case .grpc = probe.action { return }
            }
            try? await Task.sleep(for: .seconds(probe.period))
        }
    }

    /// Takes a verdict in; answers whether the probe has done its work.
    private func settle(_ kind: ProbeKind, isGood: Bool, _ part: ContainerPart) -> Bool {
        guard var record = records[part.name] else { return true }
        let before = record
        var isDone = false
        switch (kind, isGood) {
        case (.startup, true):
            record.isStarted = true
            if part.readiness == nil { record.isReady = true }
            isDone = true
        case (.liveness, true): break
        case (.readiness, _): record.isReady = isGood
        case (.startup, false), (.liveness, false):
            record.complaint =
                "Container \(part.name) failed \(kind.rawValue.lowercased()) probe, will be restarted"
            record.isReady = false
            isDone = true
        }
        records[part.name] = record
        if record != before { wake() }
        if kind == .startup, isGood {
            // This task ends; the others take over.
            probes[part.name] = nil
            startProbes(of: part.name)
        }
        return isDone
    }

    /// A postStart or preStop handler; its failure is told and, after a start, ends the container.
    func runHook(_ action: ProbeSpec.Action, _ part: ContainerPart, _ kind: String) async {
        guard let runner = runner(part) else { return }
        let answer = await runner.run(action, timeout: max(2, pod.gracePeriod))
        guard case .good = answer else {
            var message = ""
            switch answer {
            case .bad(let text), .unknown(let text): message = text
            case .good: break
            }
            context.report(pod, .warning, "Failed\(kind)Hook", "\(kind)Hook failed: \(message)")
            if kind == "PostStart" { records[part.name]?.complaint = "FailedPostStartHook" }
            return
        }
    }
}
