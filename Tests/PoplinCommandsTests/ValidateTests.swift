import LinuxHost
import Testing

@testable import PoplinCommands

@Suite struct ValidateTests {
    @Test func everyProblemOfAFileIsFound() throws {
        let recorder = try Recorder()
        try recorder.write(
            "net.d/10-pods.conflist",
            """
            {
              "cniVersion": "1.0.0",
              "name": "pods",
              "disableCheck": 1,
              "plugins": [
                {
                  "type": "bridge",
                  "isGatway": true,
                  "IpMasq": true,
            \t"mtu": "1500",
                  "vlan": 5000, "vlan": 7,
                  "ipam": {
                    "type": "host-local",
                    "ranges": [
                      [{"subnet": "10.1.2.3/24"}],
                      [{"subnet": "10.2.0.0/24", "rangeStart": "10.2.0.50", "rangeEnd": "10.2.0.20"}],
                      [{"subnet": "10.3.0.0/24", "gateway": "10.4.0.1"}, {"subnet": "10.3.0.128/25"}]
                    ],
                    "routes": [{"dst": "0.0.0.0"}, {"gw": "10.3.0.1"}]
                  }
                },
                {"type": "firewall", "ingressPolicy": "closed", "capabilities": []},
                {"mac": "02:00"}
              ]
            }
            """)
        #expect(recorder.run("cni", "validate") == .findings)
        try expectSnapshot(recorder.text(.output), "validate-many-problems")
        #expect(recorder.run("cni", "validate", "-o", "json") == .findings)
        try expectSnapshot(recorder.text(.output), "validate-many-problems-json")
    }

    @Test(arguments: [
        ("{\"name\": \"pods\",}", "error[CNI-6]: not valid JSON: trailing comma: no member follows it before }"),
        ("", "error[CNI-6]: not valid JSON: the document is empty"),
        ("\u{FEFF}{}", "error[CNI-6]: not valid JSON: the document begins with a byte order mark"),
        ("[]", "error[CNI-7]: a network configuration is an object, not an array"),
        (
            #"{"cniVersion":"1.1.0","name":"a","plugins":[{"type":"portmap"}]}"#,
            "error[CNI-7]: plugins[0].type: portmap works on an interface"
        ),
        (
            #"{"cniVersion":"1.1.0","name":"a","plugins":[{"type":"missing"}]}"#,
            "error[CNI-106]: failed to find plugin \"missing\""
        ),
        (
            #"{"cniVersion":"1.1.0","name":"a","plugins":[{"type":"old"}]}"#,
            "error[CNI-1]: network a speaks CNI 1.1.0, and plugin old does not"
        ),
        (
            #"{"cniVersion":"0.4.0","name":"a","plugins":[{"type":"old","dns":{"nameserver":[]}}]}"#,
            "did you mean \"nameservers\"?"
        ),
    ]) func eachMistakeHasItsSentence(text: String, message: String) throws {
        let recorder = try Recorder()
        try recorder.writePlugin("old", versions: ["0.4.0"])
        try recorder.write("net.d/1.conflist", text)
        recorder.run("cni", "validate", "\(recorder.directory)/net.d/1.conflist")
        #expect(recorder.output.contains(message), "\(recorder.output)")
        #expect(recorder.output.contains("1.conflist:1:"))
    }

    @Test func aGoodFileIsSilentAndOnlyVersionIsExecuted() throws {
        let recorder = try Recorder()
        try recorder.writePlugin("bridge")
        try recorder.writePlugin("host-local")
        try recorder.write(
            "net.d/1.conflist",
            """
            {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1500, "ipam": {"type": "host-local",
             "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}], [{"subnet": "fd00::/64"}]]}}]}
            """)
        #expect(recorder.run("cni", "validate") == .healthy)
        #expect(recorder.output == "1 file, no problem\n")
        #expect(try recorder.calls().map { $0.prefix(7) } == ["VERSION", "VERSION"])
        #expect(recorder.run("cni", "validate", "--no-exec") == .healthy)
        #expect(try recorder.calls() == [])
    }

    @Test func warningsAreErrorsOnlyWhenAsked() throws {
        let recorder = try Recorder()
        try recorder.write("a.conflist", #"{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"bridge","mtuu":1}]}"#)
        let file = "\(recorder.directory)/a.conflist"
        #expect(recorder.run("cni", "validate", "--no-exec", file) == .healthy)
        #expect(recorder.output.contains("did you mean \"mtu\"?"))
        #expect(recorder.run("cni", "validate", "--no-exec", "--strict", file) == .findings)
    }
}
