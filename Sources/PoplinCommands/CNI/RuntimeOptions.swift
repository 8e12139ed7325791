import ArgumentParser
import CNI
import CNIRuntime
import Findings
import LinuxHost
import SystemCalls

/// Where networks and plugins are: options of every `poplin cni` command.
struct RuntimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of network configurations (env: NETCONFPATH; else \(ConfigurationDirectory.standardPath)).",
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
            "Directory of kept results (else \(ResultCache.standardDirectory)).", valueName: "directory"),
        completion: .directory)
    var cacheDir: String?

    @Option(help: ArgumentHelp("How long one plugin may take; 0 waits for ever.", valueName: "seconds"))
    var timeout: Int = 120

    static let standardPlugins = "/opt/cni/bin:/usr/lib/cni"

    func validate() throws {
        if timeout < 0 || timeout > 86_400 { throw ValidationError("--timeout is 0 to 86400 seconds.") }
    }

    func runtime(_ console: Console) -> NetworkRuntime {
        let path = pluginDirectories ?? console.setting("CNI_PATH") ?? Self.standardPlugins
        let executor = PluginExecutor(
            directories: path.split(separator: ":").map(String.init), limit: timeout == 0 ? nil : .seconds(timeout),
            environment: console.environment)
        var runtime = NetworkRuntime(
            executor: executor, cache: ResultCache(cacheDir ?? ResultCache.standardDirectory))
        runtime.willRun = { command, type in console.progress("\(command) \(type)") }
        runtime.isInterrupted = { HeldSignals.pending != nil }
        return runtime
    }

    /// Every file of the configuration directory, at least one.
    func contents(_ console: Console) throws(CommandFailure) -> ConfigurationDirectory.Contents {
        let directory = directory(console)
        do throws(CNIError) {
            let contents = try directory.load()
            if !contents.files.isEmpty { return contents }
            throw CNIError(.inputOutput, "no network configuration in \(directory.path)")
        } catch {
            var finding = Finding(error)
            finding.next = "put a .conflist file there, or name another directory: --conf-dir (env: NETCONFPATH)"
            throw CommandFailure(error, finding)
        }
    }

    private func directory(_ console: Console) -> ConfigurationDirectory {
        ConfigurationDirectory(confDir ?? console.setting("NETCONFPATH") ?? ConfigurationDirectory.standardPath)
    }

    /// The network, which is a name in the configuration directory, or a file when there is a `/` in it.
    func network(_ name: String, _ console: Console) throws(CommandFailure) -> NetworkConfigurationList {
        if name.contains("/") {
            do throws(ConfigurationDirectory.Problem) {
                return try ConfigurationDirectory.load(file: name)
            } catch {
                throw CommandFailure(error.error, Finding(error))
            }
        }
        _ = try contents(console)
        do throws(CNIError) {
            return try directory(console).network(named: name)
        } catch {
            var finding = Finding(error)
            finding.next = "poplin cni list"
            throw CommandFailure(error, finding)
        }
    }

    /// The network named, or every usable one of the directory, and what is wrong with the other files.
    func networks(
        _ name: String?, _ console: Console
    ) throws(CommandFailure) -> (networks: [NetworkConfigurationList], problems: [Finding]) {
        if let name { return ([try network(name, console)], []) }
        let contents = try contents(console)
        return (contents.networks, contents.problems.map { Finding($0) })
    }
}

extension Console {
    /// A variable of the environment that is set and not empty.
    func setting(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
