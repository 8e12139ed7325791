import Diagnosis
import Findings
import Foundation
import Testing

@testable import Bundles

/// Bundles on a disk, with tar(1) and gzip(1) as witnesses in both directions, and those that mean harm.
@Suite final class BundleTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "poplin-bundles-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func shell(_ script: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "cd '\(directory)' && \(script)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(script)")
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let longName = "logs/" + String(repeating: "a-very-long-name/", count: 12) + "x.log"

    private static var sample: EvidenceTree {
        var tree = EvidenceTree(collectedAt: 1_795_230_000)
        tree.add(
            EvidenceTree.Document(
                Array("{\"items\":[]}".utf8),
                from: FactSource("pods", command: "kubectl get pods -A -o json", age: 9)),
            at: "cluster/resources/pods.json")
        tree.add("one\ntwo\n", at: longName, from: FactSource("somebody's text"))
        tree.add("", at: "nodes/node-1/proc/modules", from: EvidencePath.source(of: "nodes/node-1/proc/modules"))
        tree.addMissing("cloud/", because: "no credentials")
        return tree
    }

    private static func expectSame(_ left: EvidenceTree, _ right: EvidenceTree) {
        #expect(left.collectedAt == right.collectedAt)
        #expect(left.missing == right.missing)
        #expect(Set(left.documents.keys) == Set(right.documents.keys))
        for (path, document) in left.documents {
            #expect(document.bytes == right[path]?.bytes, "\(path)")
            #expect(document.source == right[path]?.source, "\(path)")
        }
    }

    @Test(arguments: ["x.tar.gz", "x.tar", "folder"])
    func whatIsWrittenIsRead(_ name: String) throws {
        try Bundle.write(Self.sample, to: "\(directory)/\(name)")
        let reading = try Bundle.read("\(directory)/\(name)")
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        Self.expectSame(Self.sample, reading.evidence)
    }

    @Test func tarReadsOurs() throws {
        try Bundle.write(Self.sample, to: "\(directory)/x.tar.gz")
        let listed = try shell("tar -tzf x.tar.gz").split(separator: "\n").map(String.init)
        #expect(listed.sorted() == (Self.sample.documents.keys + ["evidence.json"]).sorted())
        let text = try shell("mkdir out && tar -C out -xzf x.tar.gz && cat out/\(Self.longName)")
        #expect(text == "one\ntwo\n")
    }

    @Test(arguments: ["--format=ustar", "--format=gnu", "--format=posix", "--format=v7"])
    func oursReadsTar(_ format: String) throws {
        var tree = Self.sample
        if format == "--format=v7" {
            tree = EvidenceTree(collectedAt: 1_795_230_000)
            tree.add("a", at: "logs/a.log", from: EvidencePath.source(of: "logs/a.log"))
        }
        try Bundle.write(tree, to: "\(directory)/in/bundle")
        _ = try shell("cd in && tar \(format) -czf ../x.tar.gz bundle && cat ../x.tar.gz > ../y.tar.gz")
        let reading = try Bundle.read("\(directory)/x.tar.gz")
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        Self.expectSame(tree, reading.evidence)
    }

    /// A file cut anywhere gives what stands before the cut, or says that there is nothing.
    @Test func aCutOffArchiveGivesItsBeginning() throws {
        try Bundle.write(Self.sample, to: "\(directory)/x.tar.gz")
        try Bundle.write(Self.sample, to: "\(directory)/x.tar")
        for name in ["x.tar", "x.tar.gz"] {
            let whole = [UInt8](try Data(contentsOf: URL(filePath: "\(directory)/\(name)")))
            var partial = 0
            for length in stride(from: 0, to: whole.count - 1024, by: name == "x.tar" ? 211 : 7) {
                guard let reading = try? Bundle.read(bytes: Array(whole.prefix(length)), named: "cut") else { continue }
                #expect(reading.evidence.documents.count <= Self.sample.documents.count)
                if reading.evidence.collectedAt != nil { partial += 1 }
            }
            if name == "x.tar" { #expect(partial > 0) }
        }
    }

    @Test func entriesThatLeadOut() throws {
        _ = try shell(
            """
            mkdir -p b/logs && echo fine > b/logs/a.log && echo bad > evil && cd b && \
            tar -cf ../x.tar logs/a.log && tar -P --transform 's,^,../../,' -rf ../x.tar ../evil && \
            tar -P -rf ../x.tar /etc/hostname && ln -s /etc/passwd logs/link && tar -rf ../x.tar logs/link
            """)
        let reading = try Bundle.read("\(directory)/x.tar")
        #expect(reading.evidence.documents.keys.sorted() == ["logs/a.log"])
        #expect(reading.problems.count { $0.message.contains("leads out of the bundle") } == 2, "\(reading.problems)")
        #expect(reading.problems.contains { $0.message.contains("links") })
        // The same link in a folder is not followed either.
        let folder = try Bundle.read("\(directory)/b")
        #expect(folder.evidence.documents.keys.sorted() == ["logs/a.log"])
    }

    /// 64 MiB of zeros in 64 KiB, and one line of it.
    @Test func bombsAndEndlessLines() throws {
        _ = try shell(
            """
            mkdir -p b/logs b/cluster/resources && head -c 67108864 /dev/zero | tr '\\0' x > b/logs/a.log && \
            cp b/logs/a.log b/cluster/resources/pods.json && echo later > b/logs/z.log && tar -C b -czf x.tar.gz .
            """)
        var limits = BundleLimits(
            entries: 10, documentBytes: 8 << 20, logBytes: 1 << 20, totalBytes: 32 << 20, lineBytes: 1000)
        // What packs so well is a bomb, which ends the reading; here it is told from what is merely too long.
        limits.expansionAllowance = 1 << 30
        for path in ["x.tar.gz", "b"] {
            let reading = try Bundle.read("\(directory)/\(path)", limits: limits)
            let log = try #require(reading.evidence["logs/a.log"])
            #expect(log.isTruncated)
            #expect(log.bytes.count == 1004)
            #expect(reading.evidence["logs/z.log"]?.text == "later\n")
            #expect(reading.evidence["cluster/resources/pods.json"] == nil)
            #expect(reading.evidence.reasonMissing("cluster/resources/pods.json") == "it is larger than 8 MiB")
        }
    }

    /// A line of just the limit stays, one more byte does not; wherever it stands.
    @Test(arguments: [0, 1, 9, 10, 11, 500])
    func linesAreCutAtTheLimit(_ before: Int) {
        let lines = String(repeating: "x\n", count: before)
        for (length, end, isCut) in [(10, "\n", false), (10, "", false), (11, "\n", true), (11, "", true)] {
            for after in ["", "y\n", String(repeating: "yy\n", count: 40)] where !end.isEmpty || after.isEmpty {
                let line = String(repeating: "z", count: length)
                var bytes = Array((lines + line + end + after).utf8)
                BundleFiles.cutLines(&bytes, to: 10)
                let kept = isCut ? String(line.prefix(10)) + " ..." : line
                #expect(String(decoding: bytes, as: UTF8.self) == lines + kept + end + after)
            }
        }
    }

    @Test func objectsAreSortedIntoLists() throws {
        _ = try shell(
            """
            mkdir -p b/cluster/shop && cat > b/cluster/shop/all.yaml <<'END'
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: shop}}
            - {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}}
            ---
            {apiVersion: crd.projectcalico.org/v1, kind: BlockAffinity, metadata: {name: a}}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e, namespace: shop}}
            ---
            {apiVersion: k8s.cni.cncf.io/v1, kind: NetworkAttachmentDefinition, metadata: {name: storage, namespace: shop}}
            END
            """)
        let facts = FactBase(reading: try Bundle.read("\(directory)/b").evidence)
        #expect(facts.objects("pods").map(\.place) == ["Pod/shop/web-0"])
        for resource in [
            "networkpolicies.networking.k8s.io", "blockaffinities.crd.projectcalico.org",
            "endpointslices.discovery.k8s.io", "network-attachment-definitions.k8s.cni.cncf.io",
        ] {
            #expect(facts.objects(resource).count == 1, "\(resource)")
        }
    }

    @Test(
        arguments: [
            ("nowhere", "", "there is no such file or folder"), ("empty", ": > empty", "it is empty"),
            ("noise", "head -c 4096 /dev/urandom > noise", "it is neither a folder"),
            ("bare", "mkdir bare && echo > bare/readme", "there is nothing of a cluster in it"),
        ])
    func whatIsNoBundle(_ name: String, _ script: String, _ words: String) throws {
        if !script.isEmpty { _ = try shell(script) }
        let path = "\(directory)/\(name)"
        let error = #expect(throws: BundleError.self) { try Bundle.read(path) }
        #expect(error?.reason.contains(words) ?? false, "\(String(describing: error))")
    }
}
