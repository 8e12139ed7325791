import Findings
import LinuxHost
import SystemCalls

/// The connection of a program in a pod: its service account and the `kubernetes` service.
public enum InClusterConfiguration {
    public static let directory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Nil outside of a pod.
    public static func connection(
        environment: Environment = .current(), directory: String = directory
    ) throws(KubeconfigError) -> ClusterConnection? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else { return nil }
        let port = environment["KUBERNETES_SERVICE_PORT"] ?? ""
        guard let number = Int(port), (1...65535).contains(number) else {
            throw KubeconfigError(
                "KUBERNETES_SERVICE_HOST is \(host), and KUBERNETES_SERVICE_PORT is \"\(port)\"",
                next: "this looks like a pod whose environment was changed; set KUBECONFIG to use a file instead")
        }
        let token = "\(directory)/token"
        guard (try? FileSystem.exists(token)) == true else {
            throw KubeconfigError(
                "this is a pod, and it has no service account token: \(token) does not exist",
                at: Finding.Place(file: token),
                because: ["KUBERNETES_SERVICE_HOST is \(host)"],
                next: "set automountServiceAccountToken: true for the pod or its service account")
        }
        let namespace = (try? AtomicFile.read("\(directory)/namespace", limit: 4096))
            .flatMap { $0 }.map { String(decoding: $0, as: UTF8.self).trimmed }
        return ClusterConnection(
            server: ServerAddress(scheme: .https, host: host, port: number),
            origin: KubernetesFailure.Origin(file: "in-cluster", user: token),
            authority: .file("\(directory)/ca.crt"), credentials: .tokenFile(token),
            namespace: namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default")
    }
}

extension ClusterConnection {
    /// The connection that the command line, the environment and the files come down to: kubeconfig first, the pod's
    /// service account when there is none.
    public static func resolve(
        _ overrides: ConnectionOverrides = ConnectionOverrides(), environment: Environment = .current(),
        serviceAccountDirectory: String = InClusterConfiguration.directory
    ) throws(KubeconfigError) -> ClusterConnection {
        if let kubeconfig = try Kubeconfig.load(explicit: overrides.kubeconfig, environment: environment) {
            return try kubeconfig.connection(overrides, environment: environment)
        }
        if var connection = try InClusterConfiguration.connection(
            environment: environment, directory: serviceAccountDirectory)
        {
            if let namespace = overrides.namespace { connection.namespace = namespace }
            if let token = overrides.token { connection.credentials = .token(token) }
            if let impersonation = overrides.impersonation { connection.impersonation = impersonation }
            if let timeout = overrides.requestTimeout { connection.requestTimeout = timeout }
            return connection
        }
        if overrides.server != nil {
            return try Kubeconfig(files: [], paths: []).connection(overrides, environment: environment)
        }
        let paths = Kubeconfig.standardPaths(in: environment)
        // Whoever set the variable and mistyped a path looks there.
        let named = environment["KUBECONFIG"].map { $0.isEmpty ? "" : ", which KUBECONFIG names" } ?? ""
        throw .absence(
            "no cluster is configured",
            because: [
                paths.isEmpty
                    ? "neither KUBECONFIG nor HOME is set" : "there is no \(paths.joined(separator: ", no "))\(named)",
                "this is no pod either: KUBERNETES_SERVICE_HOST is not set",
            ],
            next: "name a kubeconfig with --kubeconfig or KUBECONFIG, or a server with --server")
    }
}
