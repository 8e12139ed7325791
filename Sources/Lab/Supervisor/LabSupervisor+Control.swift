import Addressing
import LinuxHost
import SystemCalls

/// The control plane: the API server and the controllers.
extension LabSupervisor {
    func keepAPIServer() throws(LabFailure) {
        guard isDue(Self.apiServer) else { return }
        if listener == nil {
            let port = state.port
            let (socket, found) = try doing("listen on the host's loopback") { () throws(SystemCallError) in
                let listener = try LoopbackListener.listen(port: port)
                let found = listener.port
                return (listener.release(), found)
            }
            listener = socket
            state.port = found
        }
        // The port is written before anybody is told of it.
        try state.write(directory)
        try credentials.writePersonal(port: state.port)
        let addresses = AddressPlan(state.specification).controlAddresses.map(\.address)
        var arguments = ["apiserver", "serve", "--dir", directory.apiServer]
        for address in addresses {
            arguments += ["--listen", address.family == .v6 ? "[\(address)]:6443" : "\(address):6443"]
        }
        arguments += [
            "--listen-fd", "3", "--kubeconfig-out", "\(directory.apiServer)/kubeconfig", "--log-level", "notice",
        ]
        for address in addresses { arguments += ["--tls-san", "\(address)"] }
        if let service = AddressPlan(state.specification).serviceAddress {
            arguments += ["--listen", "\(service):443"]
        }
        try keep(Self.apiServer, arguments: arguments, passing: listener.map { [$0] } ?? [])
    }

    var controllerArguments: [String] {
        let spec = state.specification
        var arguments = [
            "lab", "controllers", "--kubeconfig", directory.controlKubeconfig,
            "--service-cidr", AddressPlan(spec).serviceNetworks.map(\.description).joined(separator: ","),
        ]
        // With pools nodes get no ranges of their own.
        if spec.addressMode == .kubernetes {
            arguments += ["--cluster-cidr", spec.podNetworks.map(\.description).joined(separator: ",")]
        }
        return arguments
    }

    /// Runs a program of the control plane, in its network namespace, when it does not run and is due.
    func keep(_ name: String, arguments: [String], passing: [Int32]) throws(LabFailure) {
        guard isDue(name), let control = state.processes[Self.control] else { return }
        let namespace = try openNamespace(control)
        let log = try openLog(name)
        let launch = BackgroundProcess.Launch(
            state.program, arguments, environment: environment, output: log.rawValue, errors: log.rawValue,
            passed: passing)
        restarts[name, default: RestartPolicy()].started(Clock.monotonic())
        do {
            state.processes[name] = try namespace.run { () throws(SystemCallError) in
                try BackgroundProcess.start(launch)
            }
        } catch {
            restarts[name, default: RestartPolicy()].ended(Clock.monotonic())
            throw LabFailure("cannot start \(name): \(error)")
        }
    }
}
