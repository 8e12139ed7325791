import LinuxHost
import Testing

@testable import PoplinCommands

/// `poplin explain`, whole screens.
@Suite struct ExplainTests {
    @Test(
        arguments: [
            ("explain-certain", ["failed to find plugin \"loopback\" in path [/opt/cni/bin]"], .findings),
            ("explain-several", ["add cmd: failed to assign an IP address to container"], .findings),
            ("explain-nothing", ["Started container web"], .healthy),
            ("explain-code", ["RTE-02"], .healthy), ("explain-policy-code", ["pol-06"], .healthy),
            ("explain-json", ["arp_cache: neighbor table overflow!", "-o", "json"], .findings),
        ] as [(String, [String], CommandStatus)])
    func screen(_ name: String, _ arguments: [String], _ status: CommandStatus) throws {
        let recorder = try Recorder()
        let answer = PoplinCommand.invoke(["explain"] + arguments, on: recorder.console())
        #expect(answer == status, "\(recorder.errors)")
        try expectSnapshot(recorder.text(.output), name)
    }

    @Test(arguments: [
        (["RTE-99"], "there is no code RTE-99"), (["a", "--each"], "--each is for lines"),
        (["RTE-02", "rte-03"], "one code at a time"), ([""], "the message is empty"),
        ([" ", "\t"], "the message is empty"),
    ])
    func mistakes(_ arguments: [String], _ words: String) throws {
        let recorder = try Recorder()
        let answer = PoplinCommand.invoke(["explain"] + arguments, on: recorder.console())
        #expect(answer == .usage)
        #expect(recorder.errors.contains(words), "\(recorder.errors)")
    }
}
