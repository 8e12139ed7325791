import CLinux
import Diagnosis
import LinuxHost
import SystemCalls

extension MachineReading {
    /// Hours of the journal that are read, and lines at most.
    private static var hours: Int { 2 }
    private static var lines: Int { 4000 }
    /// A journal of many gigabytes may take longer; then what the files say must do.
    private static var journalLimit: Duration { .milliseconds(400) }
    /// Containers whose logs are read, and bytes of each, its end.
    private static var containers: Int { 48 }
    private static var containerBytes: Int { 128 << 10 }

    /// What the kernel, kubelet and the runtime wrote, and the network's own containers: from files, the kernel's ring,
    /// the journal.
    mutating func readLogs() {
        readLogFiles()
        let wanted = LogLines.parts.filter { tree[folder + $0.path] == nil }
        if wanted.contains(.kernelLog) { readKernelRing() }
        if wanted.contains(where: { tree[folder + $0.path] == nil }) { readSystemLogs() }
        if wanted.contains(where: { $0 != .kernelLog && tree[folder + $0.path] == nil }) { readJournal() }
        readContainerLogs()
        for path in ["/var/log/aws-routed-eni/ipamd.log", "/var/log/azure-vnet.log", "/var/log/calico/cni/cni.log"] {
            copy(path, limit: options.logBytes)
        }
    }

    /// Ends of the logs that are files of their own.
    private mutating func readLogFiles() {
        for (part, paths) in [
            (
                NodeEvidence.Part.kubeletLog,
                [
                    "/var/log/kubelet.log", "/var/log/kubernetes/kubelet.log",
                    "/var/lib/rancher/rke2/agent/logs/kubelet.log",
                ]
            ),
            (
                .runtimeLog,
                [
                    "/var/log/containerd.log", "/var/log/crio.log", "/var/log/crio/crio.log",
                    "/var/lib/rancher/k3s/agent/containerd/containerd.log",
                    "/var/lib/rancher/rke2/agent/containerd/containerd.log",
                ]
            ),
        ] {
            for path in paths where tree[folder + part.path] == nil {
                do throws(SystemCallError) {
                    guard let (bytes, cut) = try bytes(path, limit: options.logBytes) else { continue }
                    add(bytes, part.path, command: "tail -c \(options.logBytes) \(path)", cut: cut)
                } catch {
                    miss(part.path, because: "\(path): \(error.errno)")
                }
            }
        }
    }

    /// The kernel's own ring (`dmesg --time-format=iso`): one record is one read(2), and EAGAIN is the end.
    private mutating func readKernelRing() {
        let part = NodeEvidence.Part.kernelLog.path
        let boot = Clock.bootTime()
        do throws(SystemCallError) {
            let ring = try FileDescriptor.open("/dev/kmsg", O_RDONLY | O_NONBLOCK)
            var lines: [String] = []
            var buffer = [UInt8](repeating: 0, count: 8192)
            var reads = 0
            while reads < 100_000 {
                reads += 1
                let count: Int
                do throws(SystemCallError) {
                    count = try Self.read(ring, &buffer)
                } catch {
                    // The record was overwritten while we were on the way to it: the next read has the oldest left.
                    if error.errno == .EPIPE { continue }
                    if error.errno == .EAGAIN { break }
                    throw error
                }
                if count == 0 { break }
                if let line = LogLines.kernelRecord(buffer[..<count], boot: boot) { lines.append(line) }
                if lines.count > 2 * Self.lines { lines.removeFirst(Self.lines) }
            }
            let text = lines.suffix(Self.lines).map { $0 + "\n" }.joined()
            if !text.isEmpty { add(text, part, command: "dmesg --time-format=iso") }
        } catch {
            let reason = error.errno == .EPERM ? "only root may read the kernel's log" : "/dev/kmsg: \(error.errno)"
            miss(part, because: reason)
        }
    }

    private static func read(_ file: borrowing FileDescriptor, _ buffer: inout [UInt8]) throws(SystemCallError) -> Int {
        let result = buffer.withUnsafeMutableBytes { bytes -> Result<Int, SystemCallError> in
            do throws(SystemCallError) {
                return .success(try file.read(into: bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// /var/log/syslog or messages, where a daemon writes what others say.
    private mutating func readSystemLogs() {
        for path in ["/var/log/syslog", "/var/log/messages", "/var/log/daemon.log", "/var/log/kern.log"] {
            do throws(SystemCallError) {
                guard let (bytes, cut) = try bytes(path, limit: 4 * options.logBytes) else { continue }
                addSorted(bytes, command: "tail -c \(4 * options.logBytes) \(path)", cut: cut)
            } catch {
                for part in LogLines.parts { miss(part.path, because: "\(path): \(error.errno)") }
            }
        }
    }

    /// `journalctl` of the last hours: kubelet, runtimes and the kernel at once.
    private mutating func readJournal() {
        let missing = LogLines.parts.filter { tree[folder + $0.path] == nil }
        func missAll(_ reason: String) { for part in missing { miss(part.path, because: reason) } }
        let journals = ["/var/log/journal", "/run/log/journal"].filter {
            !(((try? Directories.sortedList(seen($0))) ?? []).isEmpty)
        }
        guard !journals.isEmpty else { return missAll("there is no log of it in files, and no journal") }
        guard
            let program = ["/usr/bin/journalctl", "/bin/journalctl"].first(where: {
                (try? FileSystem.exists($0)) == true
            })
        else { return missAll("it is in the journal, and there is no journalctl here to read it") }
        var arguments = [
            "--no-pager", "--quiet", "--output=short-iso", "--since=-\(Self.hours)h", "--lines=\(Self.lines)",
        ]
        arguments += options.root == "/" ? [] : journals.prefix(1).map { "--directory=\(seen($0))" }
        let matches = LogLines.units.flatMap { ["_SYSTEMD_UNIT=\($0).service", "+"] } + ["_TRANSPORT=kernel"]
        let command = ChildProcess.Command(
            program, arguments + matches, environment: Environment(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]),
            limit: Self.journalLimit, grace: .milliseconds(50), outputLimit: 16 << 20)
        do throws(SystemCallError) {
            let outcome = try ChildProcess.run(command)
            addSorted(
                outcome.output, command: "journalctl --since=-\(Self.hours)h -u kubelet -u containerd -k",
                cut: outcome.ranOutOfTime)
            let reason =
                outcome.ranOutOfTime
                ? "journalctl did not answer within \(Self.journalLimit)"
                : outcome.termination.isSuccess
                    ? "the journal of the last \(Self.hours) hours has no line of it"
                    : "journalctl: \(String(decoding: outcome.errors.prefix(200), as: UTF8.self))"
            for part in missing where tree[folder + part.path] == nil { miss(part.path, because: reason) }
        } catch {
            missAll("journalctl cannot be run: \(error.errno)")
        }
    }

    /// Lines of a log of many writers, to where each belongs. What was there before stays.
    private mutating func addSorted(_ bytes: [UInt8], command: String, cut: Bool) {
        for (part, lines) in LogLines.sorted(bytes) where tree[folder + part.path] == nil {
            let text = lines.suffix(Self.lines).map { $0 + "\n" }.joined()
            add(Array(text.utf8), part.path, command: command, cut: cut || lines.count > Self.lines)
        }
    }

    // MARK: Containers

    /// When each log of the network's own containers was written last.
    mutating func listContainerLogs() {
        let root = "/var/log/pods"
        for folder in names(in: root) {
            let parts = folder.split(separator: "_").map(String.init)
            guard parts.count == 3 else { continue }
            for container in names(in: "\(root)/\(folder)")
            where NetworkComponent.named(pod: parts[1], container: container) != nil {
                let logs = names(in: "\(root)/\(folder)/\(container)").compactMap { name -> Int? in
                    name.hasSuffix(".log") ? Int(name.dropLast(4)) : nil
                }
                if let last = logs.max() { note("\(root)/\(folder)/\(container)/\(last).log") }
            }
        }
    }

    /// Logs of the network's own containers, where the API would have them: what else runs here is nobody's business.
    private mutating func readContainerLogs() {
        let root = "/var/log/pods"
        var left = Self.containers
        for folder in names(in: root) {
            // NAMESPACE_POD_UID: neither of the first two may hold an underscore.
            let parts = folder.split(separator: "_").map(String.init)
            guard parts.count == 3, left > 0 else { continue }
            for container in names(in: "\(root)/\(folder)") {
                guard NetworkComponent.named(pod: parts[1], container: container) != nil, left > 0 else { continue }
                let logs = names(in: "\(root)/\(folder)/\(container)").compactMap { name -> Int? in
                    name.hasSuffix(".log") ? Int(name.dropLast(4)) : nil
                }.sorted()
                for (number, isPrevious) in zip(logs.suffix(2).reversed(), [false, true]) {
                    let path = "\(root)/\(folder)/\(container)/\(number).log"
                    guard let (bytes, cut) = try? bytes(path, limit: Self.containerBytes) else { continue }
                    left -= 1
                    add(
                        LogLines.messages(ofContainer: bytes),
                        EvidencePath.log(parts[0], parts[1], container, previous: isPrevious), at: "",
                        command: "tail \(path)", cut: cut)
                }
            }
        }
    }
}
