import Testing

@testable import CNI

/// The environment, with the texts of the reference library (pkg/skel, pkg/utils).
@Suite struct CNIRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let command: CNIRequest.Command
        var container: String? = "c1"
        var namespace: String? = "/run/netns/a"
        var interface: String? = "eth0"
        var path: String? = "/opt/cni/bin"
        /// Nil: accepted.
        var code: CNIError.Code?
        var message = ""
        var details = ""

        var testDescription: String { "\(command): \(rule)" }

        var environment: CNIEnvironment {
            var environment = CNIEnvironment()
            environment.command = command.rawValue
            environment.containerID = container
            environment.networkNamespace = namespace
            environment.interfaceName = interface
            environment.path = path
            return environment
        }
    }

    static let cases: [Case] = [
        Case(rule: "all there", command: .add),
        Case(rule: "all there", command: .check),
        Case(rule: "without namespace", command: .delete, namespace: nil),
        Case(rule: "with an empty namespace", command: .delete, namespace: ""),
        Case(rule: "only CNI_PATH", command: .collectGarbage, container: nil, namespace: nil, interface: nil),
        Case(rule: "only CNI_PATH", command: .status, container: nil, namespace: nil, interface: nil),
        Case(rule: "nothing", command: .version, container: nil, namespace: nil, interface: nil, path: nil),
        Case(rule: "names are not looked at", command: .status, container: "..", interface: "a/b"),
        Case(
            rule: "all that is missing, in one message", command: .add, container: nil, namespace: "", interface: nil,
            path: nil, code: .invalidEnvironment,
            message: "required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH] missing"),
        Case(
            rule: "no namespace", command: .check, namespace: nil, code: .invalidEnvironment,
            message: "required env variables [CNI_NETNS] missing"),
        Case(
            rule: "no container, no interface", command: .delete, container: nil, interface: "",
            code: .invalidEnvironment, message: "required env variables [CNI_CONTAINERID,CNI_IFNAME] missing"),
        Case(
            rule: "no path", command: .collectGarbage, path: nil, code: .invalidEnvironment,
            message: "required env variables [CNI_PATH] missing"),
        Case(
            rule: "no path", command: .status, path: "", code: .invalidEnvironment,
            message: "required env variables [CNI_PATH] missing"),
        Case(
            rule: "container begins with a dot", command: .add, container: ".c", code: .invalidEnvironment,
            message: "invalid characters in containerID", details: ".c"),
        Case(
            rule: "container with a slash", command: .delete, container: "a/../b", code: .invalidEnvironment,
            message: "invalid characters in containerID", details: "a/../b"),
        Case(
            rule: "interface of 16 bytes", command: .add, interface: "abcdefghijklmnop", code: .invalidEnvironment,
            message: "interface name is too long", details: "interface name should be less than 16 characters"),
        Case(rule: "interface of 15 bytes", command: .add, interface: "abcdefghijklmno"),
        Case(
            rule: "interface ..", command: .add, interface: "..", code: .invalidEnvironment,
            message: "interface name is . or .."),
        Case(
            rule: "interface .", command: .check, interface: ".", code: .invalidEnvironment,
            message: "interface name is . or .."),
        Case(
            rule: "interface with /", command: .delete, interface: "a/b", code: .invalidEnvironment,
            message: "interface name contains / or : or whitespace characters"),
        Case(
            rule: "interface with :", command: .add, interface: "eth0:1", code: .invalidEnvironment,
            message: "interface name contains / or : or whitespace characters"),
        Case(
            rule: "interface with a tab", command: .add, interface: "a\tb", code: .invalidEnvironment,
            message: "interface name contains / or : or whitespace characters"),
        Case(
            rule: "interface with a no-break space", command: .add, interface: "a\u{A0}b", code: .invalidEnvironment,
            message: "interface name contains / or : or whitespace characters"),
    ]

    @Test(arguments: cases) func environment(_ testCase: Case) throws {
        guard let code = testCase.code else {
            let request = try CNIRequest(testCase.command, from: testCase.environment)
            #expect(request.containerID == testCase.container ?? "")
            #expect(request.networkNamespace == testCase.namespace ?? "")
            return
        }
        let error = #expect(throws: CNIError.self) {
            try CNIRequest(testCase.command, from: testCase.environment)
        }
        #expect(error == CNIError(code, testCase.message, details: testCase.details))
    }

    @Test(arguments: ["a", "A1", "0", "a_b.c-d", "abc..d", "9-"]) func identifiers(_ text: String) {
        #expect(CNINames.isIdentifier(text))
    }

    @Test(arguments: ["", ".", "-a", "_a", "a b", "a/b", "ä", "a\n", "a:b", "a%"]) func notIdentifiers(_ text: String) {
        #expect(!CNINames.isIdentifier(text))
    }

    @Test(arguments: [("1", true), ("true", true), ("TRUE", true), ("0", false), ("yes", false), ("", false)])
    func namespaceOverride(_ text: String, _ permitted: Bool) {
        var environment = CNIEnvironment()
        #expect(!environment.permitsOwnNamespace)
        environment.networkNamespaceOverride = text
        #expect(environment.permitsOwnNamespace == permitted)
    }
}
