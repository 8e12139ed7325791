import ArgumentParser
import CNI
import CNIRuntime
import LinuxHost

/// Where networks and plugins are: options of every `poplin cni` command.
struct RuntimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of network configurations (env: NETCONFPATH; else \(Self.standardDirectory)).",
            valueName: "directory"), completion: .directory)
    var confDir: String?

    @Option(
        name: .customLong("plugin-dir"),
        help: ArgumentHelp(
            "Directories of plugins, separated by colons (env: CNI_PATH; else \(Self.standardPlugins)).",
            valueName: "directories"), completion: .directory)
    var pluginDirectories: String?

    @Option(
        help: ArgumentHelp(
            "Directory of kept results (else \(ResultCache.defaultDirectory)).", valueName: "directory"),
        completion: .directory)
    var cacheDir: String?

    @Option(help: ArgumentHelp("How long one plugin may take; 0 waits for ever.", valueName: "seconds"))
    var timeout: Int = 120

    static let standardDirectory = "/etc/cni/net.d"
    static let standardPlugins = "/opt/cni/bin:/usr/lib/cni"

    func validate() throws {
        if timeout < 0 || timeout > 86_400 { throw ValidationError("--timeout is 0 to 86400 seconds.") }
    }

    func directoryPath(_ console: Console) -> String {
        confDir ?? console.setting("NETCONFPATH") ?? Self.standardDirectory
    }

    func directory(_ console: Console) throws(CommandFailure) -> ConfigurationDirectory {
        do throws(ConfigurationProblem) {
            return try ConfigurationDirectory(loading: directoryPath(console))
        } catch {
            throw CommandFailure(error)
        }
    }

    func runtime(_ console: Console) -> NetworkRuntime {
        let path = pluginDirectories ?? console.setting("CNI_PATH") ?? Self.standardPlugins
        let executor = PluginExecutor(
            directories: path.split(separator: ":").map(String.init), limit: timeout == 0 ? nil : .seconds(timeout),
            environment: console.environment)
        var runtime = NetworkRuntime(
            executor: executor, cache: ResultCache(directory: cacheDir ?? ResultCache.defaultDirectory))
        runtime.willRun = { command, type in console.progress("\(command) \(type)") }
        return runtime
    }

    /// The network, which is a name in the configuration directory, or a file when there is a `/` in it.
    func network(_ name: String, _ console: Console) throws(CommandFailure) -> NetworkList {
        guard name.contains("/") else {
            let directory = try directory(console)
            do throws(ConfigurationProblem) {
                return try directory.network(named: name)
            } catch {
                throw CommandFailure(error)
            }
        }
        let files = ConfigurationDirectory(file: name).files
        for file in files {
            if let list = file.list { return list }
        }
        let problems = files.flatMap(\.problems)
        let isUnknown = problems.allSatisfy { $0.code == ConfigurationProblem.Code.unreadable }
        throw CommandFailure(isUnknown ? .undetermined : .findings, problems.map { Finding($0) })
    }

    /// The network named, or every usable one of the directory, and what is wrong with the other files.
    func networks(
        _ name: String?, _ console: Console
    ) throws(CommandFailure) -> (networks: [NetworkList], problems: [Finding]) {
        if let name { return ([try network(name, console)], []) }
        let directory = try directory(console)
        if directory.files.isEmpty {
            throw CommandFailure(
                .undetermined,
                Finding(
                    code: ConfigurationProblem.Code.none, "no network configuration in \(directory.path)",
                    next: "put a .conflist file there, or name another directory: --conf-dir (env: NETCONFPATH)"))
        }
        let problems = directory.files.flatMap(\.problems).filter(\.isError)
        return (directory.files.compactMap(\.list), problems.map { Finding($0) })
    }
}

extension Console {
    /// A variable of the environment that is set and not empty.
    func setting(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
