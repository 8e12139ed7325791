import Findings
import JSONTree
import Testing

@testable import Diagnosis

/// What people paste: answers in the forms of the three tools, and everything that is no answer.
@Suite struct CloudAnswerTests {
    private static func answer(_ provider: String, _ texts: String...) -> CloudAnswer {
        var answer = CloudAnswer(provider)
        for text in texts { answer.add(Array(text.utf8), from: "standard input") }
        return answer
    }

    @Test func answersAreRecognised() {
        let aws = Self.answer("aws", #"{"Subnets": []} "# + "\n" + #"{"NetworkInterfaces": [{"a": "}"}]}"#)
        #expect(aws.documents.keys.sorted() == ["describe-network-interfaces", "describe-subnets"])
        #expect(aws.problems.isEmpty, "\(aws.problems)")
        let azure = Self.answer("azure", #"[{"type":"Microsoft.Network/virtualNetworks"}]"#, "[]")
        #expect(azure.documents.keys.sorted() == ["network-vnet-list"])
        let google = Self.answer("gcp", #"{"items":[{"kind":"compute#firewall"}]}"#)
        #expect(google.documents.keys.sorted() == ["compute-firewall-rules-list"])
        // What `--query Subnets` prints.
        let bare = Self.answer("aws", #"[{"SubnetId":"subnet-1","AvailableIpAddressCount":3}]"#)
        #expect(
            bare.documents["describe-subnets"].map { String(decoding: $0, as: UTF8.self) }?.contains("\"Subnets\"")
                == true)
    }

    /// Of two regions, or of two files: none of them replaces the other, and what is pasted twice counts once.
    @Test func answersAreAdded() throws {
        let one = #"{"Subnets":[{"SubnetId":"subnet-1"}]}"#
        let two = #"{"Subnets":[{"SubnetId":"subnet-2"},{"SubnetId":"subnet-1"}]}"#
        let document = try #require(Self.answer("aws", one + two, one).documents["describe-subnets"])
        let items = try JSONTree(parsing: document).root.member("Subnets")?.elements.compactMap {
            $0.member("SubnetId")?.string
        }
        #expect(items == ["subnet-1", "subnet-2"])
    }

    /// PowerShell's `>` writes UTF-16.
    @Test func anyEncoding() {
        var answer = CloudAnswer("azure")
        let text = #"[{"type":"Microsoft.Network/networkSecurityGroups","name":"nsg"}]"#
        answer.add([0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, from: "nsg.json")
        #expect(answer.documents.keys.sorted() == ["network-nsg-list"])
    }

    @Test(
        arguments: [
            ("aws", "", "is empty"), ("aws", "  \n", "is empty"),
            (
                "aws",
                "\nAn error occurred (UnauthorizedOperation) when calling the DescribeSubnets operation: You are not authorized.",
                "a refusal and no answer: An error occurred (UnauthorizedOperation)"
            ),
            (
                "aws", "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
                "a refusal"
            ),
            ("azure", "ERROR: Please run 'az login' to setup account.", "a refusal"),
            (
                "azure", #"{"error":{"code":"AuthorizationFailed","message":"The client has no right"}}"#,
                "(AuthorizationFailed) The client has no right"
            ),
            (
                "gcp",
                "ERROR: (gcloud.compute.routes.list) Could not fetch resource:\n - Required 'compute.routes.list' permission for 'projects/shop'",
                "a refusal"
            ),
            ("aws", "-----------\n|  DescribeSubnets  |\n+---------+\n", "is a table: only JSON"),
            ("gcp", "NAME     NETWORK  DIRECTION\nallow    default  INGRESS\n", "is a table: only JSON"),
            ("azure", "Name    ResourceGroup\n------  -------------\nvnet    shop\n", "is a table: only JSON"),
            ("aws", "SUBNETS\tFalse\teu-west-1a\t251\t10.0.0.0/24\n", "is the tool's text form"),
            ("aws", "Subnets:\n- AvailabilityZone: eu-west-1a\n  AvailableIpAddressCount: 3\n", "is YAML"),
            ("gcp", "<!DOCTYPE html>\n<p>Sign in</p>\n", "is XML or HTML"),
            ("aws", #"{"Subnets":[{"SubnetId":"subnet-1""#, "ends in the middle"),
            ("aws", #"{"Subnets":[{"SubnetId":"a"}],"NextToken":"x"}"#, "only the first page of describe-subnets"),
            ("azure", "[]", "nothing but empty lists"), ("aws", #"{"Vaults":[]}"#, "what no check uses: Vaults"),
            ("azure", #"[{"type":"Microsoft.Sql/servers"}]"#, "what no check uses: Microsoft.Sql/servers"),
            ("aws", "no json at all", "no answer that is understood: no json at all"),
        ])
    func whatIsNoAnswerIsNamed(_ provider: String, _ text: String, _ words: String) {
        let problems = Self.answer(provider, text).problems
        #expect(problems.contains { $0.message.contains(words) && $0.next?.isEmpty == false }, "\(problems)")
    }

    @Test func aRefusalIsOfAnOperation() {
        let aws = "An error occurred (UnauthorizedOperation) when calling the DescribeRouteTables operation: no"
        #expect(Self.answer("aws", aws).refused.keys.sorted() == ["describe-route-tables"])
        let azure =
            "ERROR: (AuthorizationFailed) The client 'x' does not have authorization to perform action 'Microsoft.Network/routeTables/read' over scope '/subscriptions/0'"
        #expect(Self.answer("azure", azure).refused.keys.sorted() == ["network-route-table-list"])
        let google = " - Required 'compute.firewalls.list' permission for 'projects/shop'"
        #expect(Self.answer("gcp", google).refused.keys.sorted() == ["compute-firewall-rules-list"])
    }
}
