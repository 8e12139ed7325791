import LinuxHost
import Testing

@testable import PoplinCommands

/// Mistakes on the command line are status 2, whoever finds them.
@Suite struct UsageTests {
    @Test(arguments: [
        (["cni", "ad"], "next: did you mean \"poplin cni add\"?"),
        (["cnii"], "next: did you mean \"poplin cni\"?"),
        (["cni", "add"], "Missing expected argument '<network>'"),
        (["cni", "add", "pods"], "ADD needs a network namespace"),
        (["cni", "add", "pods", "a/b", "--make-netns"], "--make-netns makes a namespace with a name, not a path"),
        (["cni", "del", "pods"], "which attachment?"),
        (["cni", "check", "pods"], "which attachment?"),
        (["cni", "gc", "pods"], "say what is valid"),
        (["cni", "gc", "pods", "--none-valid", "--valid", "a/eth0"], "--none-valid contradicts"),
        (["cni", "gc", "pods", "--valid", "a"], "write container/ifname"),
        (["cni", "add", "pods", "x", "--args", "novalue"], "--args: \"novalue\""),
        (["cni", "add", "pods", "x", "--cap-args", "[1]"], "--cap-args must be a JSON object, not an array"),
        (["cni", "add", "pods", "x", "--cap-args", "{\"a\":}"], "--cap-args is not valid JSON"),
        (["cni", "list", "-o", "xml"], "xml"),
        (["cni", "list", "--timeout", "-1"], "--timeout"),
    ]) func areStatusTwo(arguments: [String], message: String) throws {
        let recorder = try Recorder()
        try recorder.write("net.d/1.conflist", #"{"cniVersion":"1.1.0","name":"pods","plugins":[{"type":"demo"}]}"#)
        let console = recorder.console(.init(entries: ["NETCONFPATH=\(recorder.directory)/net.d"]))
        #expect(PoplinCommand.invoke(arguments, on: console) == .usage)
        #expect(recorder.errors.contains(message), "\(recorder.errors)")
        #expect(recorder.errors.hasPrefix("error[usage]: "))
        #expect(recorder.output.isEmpty)
    }

    @Test(arguments: [
        ["cni", "list"], ["cni", "validate"], ["cni", "status"], ["cni", "try", "pods"],
        ["cni", "validate", "./none.conflist"],
    ])
    func whatCannotBeReadIsStatusThree(arguments: [String]) throws {
        let recorder = try Recorder()
        let console = recorder.console(.init(entries: ["NETCONFPATH=\(recorder.directory)/nowhere"]))
        #expect(PoplinCommand.invoke(arguments, on: console) == .undetermined)
        #expect(recorder.errors.hasPrefix("error[CNI-5]: "), "\(recorder.errors)")
    }
}
