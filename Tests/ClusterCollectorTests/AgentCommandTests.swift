import Testing

@testable import ClusterCollector

@Suite("What is run in agents' pods") struct AgentCommandTests {
    /// Words that change something in one of the programs of the list.
    private static let changing: Set<String> = [
        "add", "del", "delete", "set", "flush", "replace", "change", "append", "restore", "write", "tee", "sh", "bash",
        "-w", "rm", "mv", "cp", "insert", "down", "up", "enable", "disable", "configure", "config", "cleanup", "reset",
    ]

    @Test func nothingInTheListChangesAnything() {
        for command in AgentCommand.all {
            let found = command.words.filter { Self.changing.contains($0) }
            #expect(found.isEmpty, "\(command.words)")
        }
    }

    @Test func settingsAreKeptAsSysctlPrintsThem() {
        let text = AgentCommand.settings(
            "/proc/sys/net/ipv4/ip_forward:1\n/proc/sys/net/ipv4/conf/eth0.100/rp_filter:2\ngrep: noise\n")
        #expect(text == "net.ipv4.ip_forward = 1\nnet.ipv4.conf.eth0/100.rp_filter = 2\n")
    }

    @Test func ofALongLogTheEndIsKeptInWholeLines() async {
        let tail = LogTail(limit: 20)
        for number in 0..<100 { await tail.add(Array("line \(number)\n".utf8)) }
        let text = String(decoding: await tail.bytes, as: UTF8.self)
        let isCut = await tail.isCut
        #expect(text == "line 98\nline 99\n")
        #expect(isCut)
    }
}
