import Foundation
import Glibc
import Testing

/// The pages about plugins agree with the code: every key that a plugin reads is on its page, and every key on a page
/// is read.
struct PluginReferenceTests {
    /// A plugin's page and where its keys are read. Keys of files that several plugins share are listed by hand in
    /// `shared`, and must be read there.
    struct Page: Sendable, CustomTestStringConvertible {
        let plugin: String
        let folders: [String]
        /// Read for this plugin in other places.
        var shared: Set<String> = []
        var testDescription: String { plugin }
    }

    static let pages = [
        Page(plugin: "bridge", folders: ["Bridge"]),
        Page(plugin: "ptp", folders: ["PointToPoint"], shared: ["ipMasq", "ipMasqBackend", "mtu", "ipam"]),
        Page(plugin: "host-local", folders: ["HostLocal"]),
        Page(plugin: "static", folders: ["Static"]),
        Page(
            plugin: "portmap", folders: ["PortMapping"],
            shared: [
                "portMappings", "hostPort", "containerPort", "protocol", "hostIP", "conditionsV4", "conditionsV6",
            ]),
        Page(plugin: "firewall", folders: ["Firewall"]),
        Page(
            plugin: "bandwidth", folders: ["Bandwidth"],
            shared: ["bandwidth", "ingressRate", "ingressBurst", "egressRate", "egressBurst"]),
        Page(plugin: "tuning", folders: ["Tuning"]),
        Page(plugin: "loopback", folders: ["Loopback"]),
        Page(
            plugin: "poplin", folders: ["Cluster"],
            shared: ["ipam", "ipMasqBackend", "mtu", "mac", "MAC", "IP", "GATEWAY"]),
    ]

    @Test(arguments: pages)
    func everyKeyIsOnThePage(_ page: Page) throws {
        let text = try Repository.text("docs/reference/plugins/\(page.plugin).md")
        var read = page.shared
        for folder in page.folders {
            // TuningBackup reads a file of tuning's own, which is no configuration.
            for (path, source) in try Repository.sources(under: "Sources/CNIPlugins/\(folder)")
            where !path.hasSuffix("Backup.swift") {
                read.formUnion(Self.keysRead(in: source))
            }
        }
        // Objects whose content is somebody else's, and keys that every plugin has.
        let everybody: Set<String> = ["runtimeConfig", "args", "cniVersion", "name", "type", "prevResult"]
        let documented = Self.keysDocumented(in: text)
        let words = Self.quoted(in: text)
        let missing = read.subtracting(everybody).filter { !words.contains($0) }
        #expect(missing.isEmpty, "read by \(page.plugin) and not on its page: \(missing.sorted())")
        let invented = documented.subtracting(read).subtracting(["ipam", "dns", "mac", "routes"])
        #expect(invented.isEmpty, "on the page and not read by \(page.plugin): \(invented.sorted())")
    }

    @Test func sharedKeysAreReadSomewhere() throws {
        var read: Set<String> = []
        var code = ""
        for folder in ["Sources/CNI", "Sources/CNIPlugins"] {
            for (_, source) in try Repository.sources(under: folder) {
                read.formUnion(Self.keysRead(in: source))
                code += source
            }
        }
        for page in Self.pages {
            let unread = page.shared.filter { !code.contains("\"\($0)\"") }
            #expect(unread.isEmpty, "\(page.plugin): \(unread.sorted())")
        }
        let common = try Repository.text("docs/reference/plugins/README.md")
        let invented = Self.keysDocumented(in: common).subtracting(read)
        #expect(invented.isEmpty, "on README.md and read nowhere: \(invented.sorted())")
        // Capability arguments belong to one of the pages.
        let capabilities = try Repository.text("Sources/CNI/CapabilityArguments.swift")
        let pages = try Self.pages.map { try Repository.text("docs/reference/plugins/\($0.plugin).md") }.joined()
        let ofNoPlugin: Set<String> = ["dns", "servers", "searches", "options"]
        let missing = Self.keysRead(in: capabilities).subtracting(ofNoPlugin)
            .filter { !Self.quoted(in: pages).contains($0) }
        #expect(missing.isEmpty, "capability arguments on no page: \(missing.sorted())")
    }

    @Test func everyPluginHasAPage() throws {
        for name in PluginSet.names {
            let index = try Repository.text("docs/reference/plugins/README.md")
            #expect(index.contains("[\(name)](\(name).md)"))
            #expect(Self.pages.contains { $0.plugin == name })
        }
    }

    /// Links between documents lead to files that exist.
    @Test func linksLeadSomewhere() throws {
        let root = Repository.root.appendingPathComponent("docs")
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        for name in names where name.hasSuffix(".md") {
            let text = try Repository.text("docs/\(name)")
            let folder = root.appendingPathComponent(name).deletingLastPathComponent()
            for match in text.matches(of: /\]\(([^)#]+)(#[^)]*)?\)/) where !match.1.contains("://") {
                let target = folder.appendingPathComponent(String(match.1)).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: target), "\(name) links to \(match.1)")
            }
        }
    }

    /// The keys a source asks a reader for: `reader.bool("isGateway"`, `ipam["subnet"]`, `known: ["MAC"]`.
    static func keysRead(in source: String) -> Set<String> {
        let code = source.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            .joined(separator: "\n")
        var keys: Set<String> = []
        let calls =
            /\.(?:string|bool|integer|unsigned|address|prefix|interfaceAddress|mac|text|object|array|objects|strings|choice|list)\(\s*"([A-Za-z0-9]+)"/
        for match in code.matches(of: calls) { keys.insert(String(match.1)) }
        for match in code.matches(of: /(?:reader|ipam|runtime)\["([A-Za-z0-9]+)"\]/) { keys.insert(String(match.1)) }
        for match in code.matches(of: /known: \[([^\]]*)\]/) {
            for word in match.1.matches(of: /"([A-Za-z0-9]+)"/) { keys.insert(String(word.1)) }
        }
        return keys
    }

    /// The keys in the first column of tables, without where they stand: `vlanTrunk[].minID` is `minID`.
    static func keysDocumented(in text: String) -> Set<String> {
        var keys: Set<String> = []
        var isKeyTable = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("| key |") { isKeyTable = true }
            if !line.hasPrefix("|") { isKeyTable = false }
            guard isKeyTable, line.hasPrefix("| `"), let cell = line.split(separator: "|").first else { continue }
            for match in cell.matches(of: /`([^`]+)`/) {
                let last = match.1.split(separator: ".").last.map(String.init) ?? ""
                keys.insert(last.replacingOccurrences(of: "[]", with: ""))
            }
        }
        return keys
    }

    /// Every identifier inside back quotes.
    static func quoted(in text: String) -> Set<String> {
        // Blocks of code have back quotes of their own, three by three.
        let text = text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 0 }
            .map(\.element).joined()
        var words: Set<String> = []
        for match in text.matches(of: /`([^`]+)`/) {
            for word in match.1.matches(of: /[A-Za-z][A-Za-z0-9]*/) { words.insert(String(word.0)) }
        }
        return words
    }
}

/// The rule set shown in docs/explanation/packet-filter.md is what the plugins make.
@Suite(.enabled(if: getuid() == 0, "needs root"))
struct PacketFilterDocumentTests {
    @Test func theRuleSetInTheDocumentIsReal() throws {
        let document = try Repository.text("docs/explanation/packet-filter.md")
        let parts = document.components(separatedBy: "```nft\n")
        let shown = try #require(parts.count == 2 ? parts[1].components(separatedBy: "\n```").first : nil)
        let real = try TestNode.with { node in
            try node.namespace.check(["iptables", "-P", "FORWARD", "DROP"])
            let list = Scenario.list(
                name: "podnet",
                Scenario.bridge(["isDefaultGateway": true, "ipMasq": true, "macspoofchk": true]),
                ["type": "portmap", "capabilities": ["portMappings": true]],
                ["type": "firewall", "ingressPolicy": "same-bridge"]
            ).mappingStrings { $0.replacingOccurrences(of: "@DATA@", with: node.dataDirectory) }
            let attachment = Attachment(
                node: node, plugins: try .poplin(), list: list, containerID: "3f2a", interface: "eth0",
                pod: try node.makeNamespace(),
                capabilities: ["portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp"]]])
            let answer = try attachment.add()
            #expect(answer.succeeded, "\(answer)")
            return try node.namespace.check(["nft", "list", "ruleset"]).stdout
        }
        #expect(comparable(real) == comparable(shown))
    }

    /// Without what is drawn at random, and in any order of the sets of a table.
    private func comparable(_ rules: String) -> [String] {
        rules.replacing(/"veth[0-9a-f]+"/, with: "\"veth\"")
            .replacing(/([0-9a-f]{2}:){5}[0-9a-f]{2}/, with: "MAC")
            .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
