import Addressing
import CNI
import Foundation
import Testing

@testable import CNIPlugins

/// A foreign address manager, executed.
@Suite struct IPAMDelegateTests {
    /// A directory with one plugin made of `script`, which finds its verb in `$CNI_COMMAND` and its log in `$LOG`.
    struct Foreign {
        let directory: String
        var log: String { directory + "/log" }

        init(_ script: String) throws {
            directory = NSTemporaryDirectory() + "pt-ipam-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let path = directory + "/pt-foreign"
            try Data(
                "#!/bin/sh\nLOG='\(directory)/log'\ncat > \"$LOG.stdin\"\necho \"$CNI_COMMAND\" >> \"$LOG\"\n\(script)\n"
                    .utf8
            )
            .write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }

        func call(_ command: CNIRequest.Command, _ source: String = Foreign.source) throws -> PluginCall {
            PluginCall(
                request: CNIRequest(
                    command, containerID: "c1", networkNamespace: "/run/netns/a", interfaceName: "eth0",
                    arguments: "IgnoreUnknown=1", path: "/nonexistent:\(directory)"),
                configuration: try PluginConfiguration(
                    parsing: Array(source.utf8), for: command, supporting: CNIVersion.allCases))
        }

        var verbs: [String] {
            ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }

        var input: String { (try? String(contentsOfFile: log + ".stdin", encoding: .utf8)) ?? "" }

        func remove() { try? FileManager.default.removeItem(atPath: directory) }

        static let source =
            #"{"cniVersion":"1.1.0","name":"n","type":"bridge","huge":12345678901234567890123,"ipam":{"type":"pt-foreign"}}"#
    }

    @Test func addGetsTheCompleteConfiguration() throws {
        let foreign = try Foreign(#"echo '{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.2/24"}]}'"#)
        defer { foreign.remove() }
        let delegate = try #require(try IPAMDelegate(foreign.call(.add)))
        #expect(try delegate.add().ips.first?.address.description == "10.0.0.2/24")
        #expect(foreign.verbs == ["ADD"])
        #expect(foreign.input == Foreign.source)
    }

    @Test func everyVerbIsHandedOn() throws {
        let foreign = try Foreign("exit 0")
        defer { foreign.remove() }
        let delegate = try #require(try IPAMDelegate(foreign.call(.add)))
        try delegate.check()
        try delegate.delete()
        try delegate.collectGarbage(validAttachments: [])
        try delegate.status()
        #expect(foreign.verbs == ["CHECK", "DEL", "GC", "STATUS"])
    }

    @Test func afterAFailedAddComesDel() throws {
        let foreign = try Foreign(
            #"[ "$CNI_COMMAND" = DEL ] && exit 0; echo '{"code":11,"msg":"later"}'; exit 1"#)
        defer { foreign.remove() }
        let delegate = try #require(try IPAMDelegate(foreign.call(.add)))
        let error = #expect(throws: CNIError.self) { try delegate.add() }
        #expect(error?.code == .tryAgainLater)
        #expect(foreign.verbs == ["ADD", "DEL"])
    }

    @Test func anAnswerWithoutAddressIsAFailure() throws {
        let foreign = try Foreign(#"echo '{"cniVersion":"1.0.0"}'"#)
        defer { foreign.remove() }
        let delegate = try #require(try IPAMDelegate(foreign.call(.add)))
        let error = #expect(throws: CNIError.self) { try delegate.add() }
        #expect(error?.message == "IPAM plugin pt-foreign returned missing IP config")
        #expect(foreign.verbs == ["ADD", "DEL"])
    }

    @Test func aMissingOneIsToldWithTheDirectories() throws {
        let foreign = try Foreign("exit 0")
        defer { foreign.remove() }
        let source = #"{"cniVersion":"1.1.0","name":"n","ipam":{"type":"pt-missing"}}"#
        let delegate = try #require(try IPAMDelegate(foreign.call(.add, source)))
        let error = #expect(throws: CNIError.self) { try delegate.add() }
        #expect(error?.code == .pluginNotFound)
        #expect(error?.details.contains("/nonexistent") == true)
        #expect(error?.details.contains(foreign.directory) == true)
    }

    @Test func withoutTypeThereIsNone() throws {
        let foreign = try Foreign("exit 0")
        defer { foreign.remove() }
        let delegate = try IPAMDelegate(foreign.call(.add, #"{"cniVersion":"1.1.0","name":"n","ipam":{}}"#))
        #expect(delegate?.type == nil)
    }
}
