import CNI
import CNIRuntime
import JSONTree
import LinuxHost
import Testing

struct PluginExecutorTests {
    static let request = CNIRequest(
        .add, containerID: "pod-1", networkNamespace: "/run/netns/x", interfaceName: "eth0", arguments: "A=b")

    static func executor(_ plugins: FakePlugins, limit: Duration? = nil) -> PluginExecutor {
        PluginExecutor(
            directories: [plugins.directory], limit: limit,
            environment: Environment(["PATH": "/usr/bin:/bin", "CNI_ARGS": "STALE=1", "KEEP": "me"]),
            relaysErrors: false)
    }

    @Test func parametersGoIntoTheEnvironmentAndTheConfigurationToStandardInput() throws {
        let plugins = FakePlugins()
        let path = plugins.add("fake", #"echo '{"cniVersion":"1.0.0"}'; echo note >&2"#)
        let answer = Self.executor(plugins).run("fake", Self.request, configuration: Array(#"{"name":"n"}"#.utf8))
        #expect(answer.failure == nil)
        #expect(answer.path == path)
        #expect(answer.result?.root["cniVersion"]?.string == "1.0.0")
        #expect(String(decoding: answer.errorOutput, as: UTF8.self) == "note\n")
        #expect(plugins.configuration("fake", "ADD") == #"{"name":"n"}"#)
        #expect(
            plugins.variables("fake", "ADD") == [
                "CNI_ARGS=A=b", "CNI_COMMAND=ADD", "CNI_CONTAINERID=pod-1", "CNI_IFNAME=eth0", "CNI_NETNS=/run/netns/x",
                "CNI_PATH=\(plugins.directory)",
            ])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        var command = CNIRequest.Command.add
        let script: String
        /// Code, message (`$PLUGIN` for the name), details.
        let code: CNIError.Code
        let message: String
        var details = ""
        var testDescription: String { rule }
    }

    @Test(arguments: [
        Case(
            rule: "an error object is passed on",
            script: #"echo '{"code":11,"msg":"later","details":"busy"}'; exit 1"#,
            code: .tryAgainLater, message: "later", details: "busy"),
        Case(
            rule: "an error object counts even with exit status 0",
            script: #"echo '{"code":7,"msg":"bad"}'"#, code: .invalidConfiguration, message: "bad"),
        Case(
            rule: "a silent death quotes standard error",
            script: "echo one >&2; echo two >&2; exit 3", code: .pluginFailed,
            message: "netplugin failed with no error message: plugin fake, ADD, exit status 3",
            details: "its standard error:\n  one\n  two"),
        Case(
            rule: "a crash names the signal", script: "kill -SEGV $$", code: .pluginFailed,
            message: "plugin fake died during ADD: killed by SIGSEGV"),
        Case(
            rule: "garbage is shown with a caret", script: "echo 'panic: oops'", code: .pluginFailed,
            message:
                "plugin fake answered ADD with something that is not JSON: "
                + "panic is no JSON value: text belongs in double quotes",
            details: "line 1, column 1: panic is no JSON value: text belongs in double quotes\n    panic: oops\n    ^"),
        Case(
            rule: "garbage of a failed plugin is quoted", script: "echo 'panic: oops'; exit 2", code: .pluginFailed,
            message: "plugin fake failed (exit status 2) without an error object",
            details: "its standard output:\n  panic: oops"),
        Case(
            rule: "a valid result does not make a failure good",
            script: #"echo '{"cniVersion":"1.0.0","ips":[]}'; exit 1"#, code: .pluginFailed,
            message: "plugin fake failed (exit status 1) though it answered ADD with a result",
            details: "its standard output:\n  {\"cniVersion\":\"1.0.0\",\"ips\":[]}"),
        Case(
            rule: "a result followed by an error is that error",
            script: #"echo '{"cniVersion":"1.0.0","ips":[]}'; echo '{"code":8,"msg":"own netns"}'; exit 1"#,
            code: .ownNetworkNamespace, message: "own netns",
            details: "plugin fake printed a result and then this error: what it had made by then may still be there"),
        Case(
            rule: "two results are none", script: "echo '{}'; echo '{}'", code: .pluginFailed,
            message: "plugin fake answered ADD with more than one JSON document",
            details: "its standard output:\n  {}\n  {}"),
        Case(
            rule: "ADD must answer", script: "true", code: .pluginFailed,
            message: "plugin fake answered ADD with nothing"),
        Case(
            rule: "a result is an object", script: "echo '[]'", code: .pluginFailed,
            message: "plugin fake answered ADD with an array instead of an object"),
        Case(
            rule: "DEL that fails silently", command: .delete, script: "exit 1", code: .pluginFailed,
            message: "netplugin failed with no error message: plugin fake, DEL, exit status 1"),
    ])
    func failuresAreExplained(_ test: Case) {
        let plugins = FakePlugins()
        plugins.add("fake", test.script)
        let answer = Self.executor(plugins).run(
            "fake", Self.request.with(test.command), configuration: Array("{}".utf8))
        #expect(answer.failure == CNIError(test.code, test.message, details: test.details))
    }

    @Test func aHungPluginIsEnded() {
        let plugins = FakePlugins()
        plugins.add("fake", "exec sleep 100")
        let answer = Self.executor(plugins, limit: .milliseconds(300))
            .run("fake", Self.request, configuration: Array("{}".utf8))
        #expect(answer.failure == CNIError(.pluginFailed, "plugin fake did not answer ADD within 300 ms and was ended"))
        #expect(!answer.wasKilled)
    }

    @Test func verbsWithoutAResultMayPrintOne() {
        let plugins = FakePlugins()
        plugins.add("fake", #"echo '{"cniVersion":"1.0.0","ips":[]}'"#)
        let answer = Self.executor(plugins).run("fake", Self.request.with(.delete), configuration: Array("{}".utf8))
        #expect(answer.failure == nil)
        #expect(answer.remarks == ["fake printed something for DEL, which has no result"])
    }

    @Test func nullIsAnEmptyResult() throws {
        let plugins = FakePlugins()
        plugins.add("fake", "echo null")
        let result = try Self.executor(plugins).add(
            "fake", Self.request, configuration: Array("{}".utf8), version: .v110)
        #expect(result == CNIResult())
    }

    @Test func aMissingPluginNamesEveryDirectoryAndWhy() {
        let plugins = FakePlugins()
        plugins.addFile("flat", "data", mode: 0o644)
        var executor = Self.executor(plugins)
        executor.directories = ["/nonexistent/cni", plugins.directory]
        #expect(
            throws: CNIError(
                .pluginNotFound, "failed to find plugin \"bridge\" in path [/nonexistent/cni \(plugins.directory)]",
                details: "/nonexistent/cni: no such directory\n\(plugins.directory): not there")
        ) { try executor.find("bridge") }
        #expect(
            throws: CNIError(
                .pluginNotFound, "failed to find plugin \"flat\" in path [/nonexistent/cni \(plugins.directory)]",
                details: "/nonexistent/cni: no such directory\n"
                    + "\(plugins.directory): is there and not executable (mode 0644)")
        ) { try executor.find("flat") }
        executor.directories = []
        #expect(
            throws: CNIError(
                .pluginNotFound, "failed to find plugin \"bridge\" in path []",
                details: "CNI_PATH is empty: no directory was looked in")
        ) { try executor.find("bridge") }
    }

    @Test(arguments: ["", ".", "..", "../bin/sh", "a/b"])
    func aPluginNameIsAFileName(_ name: String) {
        let error = #expect(throws: CNIError.self) { try PluginExecutor(directories: ["/bin"]).find(name) }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func theFirstDirectoryThatCanExecuteItWins() throws {
        let first = FakePlugins()
        let second = FakePlugins()
        first.addFile("fake", "", mode: 0o600)
        let path = second.add("fake", "true")
        let executor = PluginExecutor(directories: [first.directory, second.directory])
        #expect(try executor.find("fake") == path)
    }

    @Test func aFileThatIsNoProgramIsNamed() {
        let plugins = FakePlugins()
        plugins.addFile("empty", "", mode: 0o755)
        plugins.addFile("lost", "#!/nonexistent/interpreter\n", mode: 0o755)
        let executor = Self.executor(plugins)
        let empty = executor.run("empty", Self.request, configuration: []).failure
        #expect(empty?.message == "cannot execute plugin \(plugins.directory)/empty: Exec format error (ENOEXEC)")
        let lost = executor.run("lost", Self.request, configuration: []).failure
        #expect(lost?.details.contains("its interpreter is not") == true)
    }
}
