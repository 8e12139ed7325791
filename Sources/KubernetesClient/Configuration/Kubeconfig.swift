import Findings
import JSONTree
import LinuxHost

/// What the command line says over the files.
public struct ConnectionOverrides: Sendable, Hashable {
    public var kubeconfig: String?
    public var context: String?
    public var cluster: String?
    public var user: String?
    public var namespace: String?
    public var server: String?
    public var token: String?
    public var impersonation: Impersonation?
    public var requestTimeout: Duration?

    public init() {}
}

/// The kubeconfig files put together as kubectl does it: `--kubeconfig` alone, else the list in `KUBECONFIG`, else
/// `~/.kube/config`. Of entries with the same name the first file's counts, whole.
public struct Kubeconfig: Sendable {
    let files: [KubeconfigFile]
    /// All paths that were looked at, for messages.
    let paths: [String]

    /// - Parameters:
    ///   - explicit: `--kubeconfig`; must exist.
    ///   - environment: `KUBECONFIG` and `HOME`.
    /// - Returns: nil when nothing is configured.
    public static func load(
        explicit: String? = nil, environment: Environment = .current()
    ) throws(KubeconfigError) -> Kubeconfig? {
        if let explicit {
            guard let file = try KubeconfigFile.read(explicit) else {
                throw KubeconfigError(
                    "there is no file \(explicit)", at: Finding.Place(file: explicit),
                    because: ["it was named with --kubeconfig"], next: "check the path")
            }
            return Kubeconfig(files: [file], paths: [explicit])
        }
        let paths = standardPaths(in: environment)
        var files: [KubeconfigFile] = []
        for path in paths {
            if let file = try KubeconfigFile.read(path) { files.append(file) }
        }
        return files.isEmpty ? nil : Kubeconfig(files: files, paths: paths)
    }

    static func standardPaths(in environment: Environment) -> [String] {
        if let list = environment["KUBECONFIG"], !list.isEmpty {
            var seen: Set<String> = []
            return list.split(separator: ":").map(String.init).filter { seen.insert($0).inserted }
        }
        return environment["HOME"].map { ["\($0)/.kube/config"] } ?? []
    }

    /// From bytes instead of a file (for tests and fuzzing).
    public init(parsing bytes: [UInt8], path: String) throws(KubeconfigError) {
        files = [try KubeconfigFile(path, bytes)]
        paths = [path]
    }

    init(files: [KubeconfigFile], paths: [String]) {
        self.files = files
        self.paths = paths
    }

    /// The context that counts when nobody names one.
    public var currentContext: String? {
        for file in files {
            if let name = file.root.member("current-context")?.string, !name.isEmpty { return name }
        }
        return nil
    }

    public var contextNames: [String] { Array(Set(files.flatMap(\.contexts.keys))).sorted() }

    /// The files that are there, for messages.
    var fileList: String { files.map(\.path).joined(separator: ":") }

    private func find(_ name: String, _ entries: KeyPath<KubeconfigFile, [String: KubeconfigFile.Entry]>)
        -> KubeconfigFile.Entry?
    {
        for file in files {
            if let entry = file[keyPath: entries][name] { return entry }
        }
        return nil
    }

    /// The connection of a context.
    public func connection(
        _ overrides: ConnectionOverrides = ConnectionOverrides(), environment: Environment = .current()
    ) throws(KubeconfigError) -> ClusterConnection {
        let contextName = overrides.context ?? currentContext
        let context = try contextName.map { name throws(KubeconfigError) in try entry(ofContext: name) }
        let itsCluster = try context?.string("cluster")
        let itsUser = try context?.string("user")
        let itsNamespace = try context?.string("namespace")
        let clusterName = overrides.cluster ?? itsCluster
        let userName = overrides.user ?? itsUser
        if context == nil, clusterName == nil, overrides.server == nil {
            throw KubeconfigError(
                "no context is chosen: current-context is empty in \(fileList)", at: Finding.Place(file: files[0].path),
                because: contextNames.isEmpty ? [] : ["contexts there: \(contextNames.joined(separator: ", "))"],
                next: contextNames.isEmpty
                    ? "ask whoever runs the cluster for a kubeconfig"
                    : "choose one: kubectl config use-context \(contextNames[0]), or --context \(contextNames[0])")
        }
        var origin = KubernetesFailure.Origin(
            file: context?.file ?? fileList, context: contextName, cluster: clusterName, user: userName)

        let cluster = try clusterName.map { name throws(KubeconfigError) in
            guard let entry = find(name, \.clusters) else {
                throw missing(
                    "cluster", name, in: context, overridden: overrides.cluster != nil,
                    known: files.flatMap(\.clusters.keys))
            }
            return entry
        }
        let user = try userName.map { name throws(KubeconfigError) in
            guard let entry = find(name, \.users) else {
                throw missing(
                    "user", name, in: context, overridden: overrides.user != nil, known: files.flatMap(\.users.keys))
            }
            return entry
        }

        var connection = try KubeconfigCluster.connection(of: cluster, overrides, origin: origin, in: environment)
        if let user { try KubeconfigUser.add(user, of: cluster, to: &connection) }
        if let token = overrides.token { connection.credentials = .token(token) }
        if let impersonation = overrides.impersonation { connection.impersonation = impersonation }
        connection.namespace = overrides.namespace ?? itsNamespace ?? "default"
        if let timeout = overrides.requestTimeout { connection.requestTimeout = timeout }
        origin.server = connection.server.description
        connection.origin = origin
        return connection
    }

    private func entry(ofContext name: String) throws(KubeconfigError) -> KubeconfigFile.Entry {
        if let entry = find(name, \.contexts) { return entry }
        let meant = EditDistance.nearest(to: name, in: contextNames)
        let place = files.lazy.compactMap { file -> Finding.Place? in
            guard let node = file.root.member("current-context"), node.string == name else { return nil }
            return Finding.Place(file: file.path, node: node)
        }.first
        throw KubeconfigError(
            "there is no context \"\(name)\" in \(fileList)", at: place ?? Finding.Place(file: files[0].path),
            because: contextNames.isEmpty
                ? ["no contexts there"] : ["contexts there: \(contextNames.joined(separator: ", "))"],
            next: meant.map { "did you mean \"\($0)\"?" } ?? "name one that is there with --context")
    }

    private func missing(
        _ what: String, _ name: String, in context: KubeconfigFile.Entry?, overridden: Bool, known: [String]
    ) -> KubeconfigError {
        let known = Array(Set(known)).sorted()
        let meant = EditDistance.nearest(to: name, in: known)
        let subject =
            overridden
            ? "there is no \(what) \"\(name)\" in \(fileList)"
            : "\(context?.title ?? "the context") names the \(what) \"\(name)\", which is not there"
        return KubeconfigError(
            subject, at: overridden ? nil : context?.place(context?.node.member(what)),
            because: known.isEmpty ? ["no \(what)s there"] : ["\(what)s there: \(known.joined(separator: ", "))"],
            next: meant.map { "did you mean \"\($0)\"?" } ?? "correct the name, or add the \(what)")
    }
}
