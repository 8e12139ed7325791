import JSONTree
import Testing

@testable import Findings

@Suite struct FindingTests {
    @Test func findingsHaveOneLayout() throws {
        let root = try JSONTree(parsing: "{\n\t\"mtu\": \"big\"\n}").root
        let node = try #require(root["mtu"])
        let finding = Finding(
            code: "CNI-7", "mtu: must be a number", at: .init(file: "a.conf", node: node), because: ["one", "two"],
            next: "remove the quotes")
        #expect(
            finding.rendered() == """
                error[CNI-7]: mtu: must be a number
                   --> a.conf:2:9
                    |
                  2 | \t"mtu": "big"
                    | \t       ^^^^^
                  |  one
                  |  two
                  next: remove the quotes
                """)
        #expect(Finding(.warning, "odd").rendered() == "warning: odd")
        #expect(Finding("wrong").rendered(Paint(isOn: true)) == "\u{1B}[1;31merror\u{1B}[0m: \u{1B}[1mwrong\u{1B}[0m")
        #expect(
            finding.value.text
                == #"{"severity":"error","code":"CNI-7","message":"mtu: must be a number","file":"a.conf","line":2,"#
                + #""column":9,"details":["one","two"],"next":"remove the quotes"}"#)
    }

    @Test(
        arguments: [("isGatway", "isGateway"), ("IPMASQ", "ipMasq"), ("mtuu", "mtu"), ("color", nil), ("x", nil)]
            as [(String, String?)])
    func namesNearbyAreSuggested(text: String, name: String?) {
        #expect(EditDistance.nearest(to: text, in: ["isGateway", "ipMasq", "mtu", "vlan"]) == name)
    }
}
