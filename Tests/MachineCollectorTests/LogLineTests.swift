import Diagnosis
import Testing

@testable import MachineCollector

@Suite("Logs of a machine") struct LogLineTests {
    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func containersLogsAreWhatTheyWrote() {
        let lines = """
            2026-03-06T02:50:01.123456789Z stderr F level=fatal msg="no IP"
            2026-03-06T02:50:02.1Z stdout P half of a
            2026-03-06T02:50:02.2Z stdout F  long line
            2026-03-06T02:50:03.1Z stdout F
            {"log":"docker's line\\n","stream":"stderr","time":"2026-03-06T02:50:04Z"}
            {"msg":"a line of JSON that was cut off in front"}

            """
        let expected =
            "level=fatal msg=\"no IP\"\nhalf of a long line\n\ndocker's line\n"
            + "{\"msg\":\"a line of JSON that was cut off in front\"}\n"
        // The empty message has no fourth word only where the blank is missing.
        let own = Self.text(
            LogLines.messages(ofContainer: Array(lines.replacing("stdout F\n", with: "stdout F \n").utf8)))
        #expect(own == expected)
    }

    @Test func linesGoToWhoWroteThem() {
        let lines = """
            2026-03-06T02:50:01+0000 node-7 kubelet[812]: E0306 02:50:01.1 812 kubelet.go:1] one
            Mar  6 02:50:02 node-7 containerd[600]: level=error two
            2026-03-06T02:50:03+0000 node-7 kernel: nf_conntrack: table full, dropping packet
            2026-03-06T02:50:04+0000 node-7 sshd[1]: kubelet[1]: not kubelet's
            -- Boot 5a --
            2026-03-06T02:50:05+0000 node-7 k3s[9]: three
            """
        let sorted = LogLines.sorted(Array(lines.utf8))
        #expect(sorted[.kubeletLog]?.count == 2)
        #expect(sorted[.runtimeLog]?.count == 1)
        #expect(sorted[.kernelLog]?.first?.hasSuffix("table full, dropping packet") == true)
    }

    @Test func aRecordOfTheKernelHasItsTime() {
        let record = Array("6,339,5140900,-;NET: Registered PF_INET6\n SUBSYSTEM=net\n".utf8)
        let line = LogLines.kernelRecord(record[...], boot: 1_772_765_000_000_000_000)
        #expect(line == "2026-03-06T02:43:25Z kernel: NET: Registered PF_INET6")
        #expect(LogLines.kernelRecord(Array("no record".utf8)[...], boot: 0) == nil)
    }

    @Test func podsOfControlGroups() {
        let uid = "0b7b0b6c-1a4f-4a51-9f4a-6a2d3c4b5e6f"
        for folder in [
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b7b0b6c_1a4f_4a51_9f4a_6a2d3c4b5e6f.slice/cri-containerd-1.scope",
            "/kubepods.slice/kubepods-pod0b7b0b6c_1a4f_4a51_9f4a_6a2d3c4b5e6f.slice",
            "/kubepods/besteffort/pod0b7b0b6c-1a4f-4a51-9f4a-6a2d3c4b5e6f/abc",
        ] { #expect(MachineReading.pod(of: folder) == uid, "\(folder)") }
        #expect(MachineReading.pod(of: "/kubepods.slice/kubepods-burstable.slice") == nil)
        #expect(MachineReading.pod(of: "/system.slice/podman.service") == nil)
    }

    @Test func processorsThatMayBe() {
        #expect(BPFMapFill.possibleProcessors(Array("0-3\n".utf8)) == 4)
        #expect(BPFMapFill.possibleProcessors(Array("0,2-7\n".utf8)) == 8)
        #expect(BPFMapFill.possibleProcessors([]) == 1)
    }
}
