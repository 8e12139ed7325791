import ArgumentParser
import KubernetesClient
import LinuxHost
import Testing

@testable import PoplinCommands

@Suite struct ClusterOptionsTests {
    @Test(arguments: [
        ("5s", Duration.seconds(5)), ("1m30s", .seconds(90)), ("300ms", .milliseconds(300)), ("2h", .seconds(7200)),
        ("30", .seconds(30)), ("0", TimeText.forever), ("", nil), ("s", nil), ("5x", nil), ("-5s", nil), ("5s5", nil),
        ("99999999999999999999s", nil),
    ])
    func durationsOfGo(_ text: String, _ expected: Duration?) { #expect(TimeText.duration(text) == expected) }

    @Test func theyBecomeOverrides() throws {
        let options = try ClusterOptions.parse([
            "--kubeconfig", "/k", "--context", "c", "-n", "web", "--as", "ann", "--as-group", "a", "--as-group", "b",
            "--server", "https://s", "--token", "t", "--request-timeout", "5s", "--cluster", "x", "--user", "y",
        ])
        let overrides = options.overrides
        #expect(overrides.kubeconfig == "/k")
        #expect(overrides.context == "c")
        #expect(overrides.cluster == "x")
        #expect(overrides.user == "y")
        #expect(overrides.namespace == "web")
        #expect(overrides.impersonation?.user == "ann")
        #expect(overrides.impersonation?.groups == ["a", "b"])
        #expect(overrides.server == "https://s")
        #expect(overrides.token == "t")
        #expect(overrides.requestTimeout == .seconds(5))
    }

    @Test func whatMakesNoSenseIsAUsageError() throws {
        let recorder = try Recorder()
        #expect(recorder.run("version", "--as-group", "a") == .usage)
        #expect(recorder.errors.contains("--as-group needs --as"))
        #expect(recorder.run("version", "--request-timeout", "soon") == .usage)
    }

    @Test func aServerThatIsNotThere() async throws {
        let recorder = try Recorder()
        let status = await onOwnThread { recorder.run("version", "--server", "http://127.0.0.1:1") }
        #expect(status == .undetermined)
        #expect(recorder.output.contains("poplin "), "our own version is said all the same")
        #expect(
            recorder.errors.contains(
                "error[connection]: cannot reach the server: 127.0.0.1:1: Connection refused (ECONNREFUSED)"))
        #expect(recorder.run("version", "--client", "--server", "http://127.0.0.1:1") == .healthy)
        #expect(recorder.run("version", "--kubeconfig", "/nonexistent") == .undetermined)
        #expect(recorder.errors.contains("error[kubeconfig]: there is no file /nonexistent"))
    }
}
