import Testing

@testable import CNI

@Suite struct CNIArgumentsTests {
    @Test func whatAContainerRuntimeSends() throws {
        let text =
            "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=abc;IP=10.0.0.9;MAC="
        let arguments = try CNIArguments(text, known: ["IP", "MAC"])
        #expect(arguments.ignoresUnknown)
        #expect(arguments["IP"] == "10.0.0.9")
        #expect(arguments["MAC"] == nil)
        #expect(arguments["K8S_POD_NAME"] == nil)
    }

    @Test func theLastOfTwoCounts() throws {
        #expect(try CNIArguments("IP=a;IP=b", known: ["IP"])["IP"] == "b")
    }

    @Test func keysAreMatchedExactly() throws {
        #expect(try CNIArguments("ip=a;IgnoreUnknown=true", known: ["IP"])["IP"] == nil)
    }

    @Test func nothing() throws { #expect(try CNIArguments("", known: []).pairs.isEmpty) }

    @Test(arguments: [
        ("K8S_POD_NAME=web", #"CNI_ARGS: unknown args "K8S_POD_NAME=web""#),
        ("A=1;B=2;IgnoreUnknown=0", #"CNI_ARGS: unknown args "A=1" "B=2""#),
        ("ignoreunknown=1", #"CNI_ARGS: unknown args "ignoreunknown=1""#),
        ("IP", #"CNI_ARGS: invalid pair "IP""#),
        ("IP=1=2", #"CNI_ARGS: invalid pair "IP=1=2""#),
        ("IP=1;", #"CNI_ARGS: invalid pair """#),
        (";IP=1", #"CNI_ARGS: invalid pair """#),
        ("IgnoreUnknown=yes", #"CNI_ARGS: IgnoreUnknown must be 1, 0, true or false, not "yes""#),
    ]) func refused(_ text: String, _ message: String) {
        let error = #expect(throws: CNIError.self) { try CNIArguments(text, known: ["IP"]) }
        #expect(error?.code == .invalidEnvironment)
        #expect(error?.message == message)
    }
}
