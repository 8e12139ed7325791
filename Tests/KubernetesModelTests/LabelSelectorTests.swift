import JSONTree
import KubernetesModel
import Testing

@Suite("Label selectors")
struct LabelSelectorTests {
    @Test(
        "what kubectl sends, and what it selects",
        arguments: [
            ("", ["a": "b"], true), ("a=b", ["a": "b"], true), ("a==b", ["a": "b"], true), ("a=b", [:], false),
            ("a!=b", [:], true), ("a!=b", ["a": "b"], false), ("a notin (b, c)", [:], true),
            ("a notin (b,c)", ["a": "c"], false), ("a in (b, c)", ["a": "c"], true), ("a in (b)", [:], false),
            ("a", ["a": ""], true), ("!a", ["a": ""], false), ("!a", [:], true), ("a=", ["a": ""], true),
            ("a=", [:], false), ("a in (,b)", ["a": ""], true), ("a in ()", ["a": ""], true), ("a>5", ["a": "6"], true),
            ("a>5", ["a": "x"], false), ("a<5", ["a": "4"], true), ("a < 5", [:], false),
            ("a=b,c!=d,e in (x,y),!f,g notin (z)", ["a": "b", "e": "y"], true),
            ("a=b,c!=d,e in (x,y),!f,g notin (z)", ["a": "b", "e": "y", "f": ""], false),
            (" app.kubernetes.io/name = web ", ["app.kubernetes.io/name": "web"], true),
            ("in in (in)", ["in": "in"], true),
        ] as [(String, [String: String], Bool)])
    func matching(query: String, labels: [String: String], isSelected: Bool) throws {
        let selector = try LabelSelector(query: query)
        #expect(selector.matches(labels) == isSelected)
        let again = try LabelSelector(query: selector.description)
        #expect(again.matches(labels) == isSelected, "printed and read again it means the same")
    }

    @Test(
        "what cannot be read is refused in a server's words",
        arguments: [
            ("a=b,", "found '', expected: identifier after ','"),
            (",", "found ',', expected: !, identifier, or 'end of string'"),
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ])
    func refused(query: String, message: String) {
        let error = #expect(throws: SelectorSyntaxError.self) { try LabelSelector(query: query) }
        #expect(error?.reason == message)
    }

    @Test(
        "a selector of an object",
        arguments: [
            ("{}", [:], true),
            (#"{"matchLabels":{"a":"b"}}"#, ["a": "b"], true),
            (#"{"matchLabels":{"a":""}}"#, [:], false),
            (#"{"matchLabels":null,"matchExpressions":null}"#, [:], true),
            (#"{"matchExpressions":[{"key":"a","operator":"NotIn","values":["b"]}]}"#, [:], true),
            (#"{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]}"#, [:], false),
            (
                #"{"matchExpressions":[{"key":"a","operator":"Exists"},{"key":"b","operator":"DoesNotExist"}]}"#,
                ["a": ""], true
            ),
        ] as [(String, [String: String], Bool)])
    func objects(json: String, labels: [String: String], isSelected: Bool) throws {
        let selector = try LabelSelector(try JSONTree(parsing: json).root)
        #expect(selector.matches(labels) == isSelected)
    }

    @Test("every mistake of an object is named with its field")
    func problems() throws {
        let json = #"""
            {"spec":{"podSelector":{"matchLabels":{"a b":"-"},"matchExpressions":[
              {"key":"k","operator":"In"},{"key":"k","operator":"Exists","values":["x"]},{"key":"k","operator":"Gt"}]}}}
            """#
        let node = try #require(try JSONTree(parsing: json).root.at("spec", "podSelector"))
        let errors = LabelSelector.problems(in: node)
        let texts = errors.map(\.description)
        #expect(texts.count == 5)
        #expect(texts[0].hasPrefix(#"spec.podSelector.matchLabels: Invalid value: "a b": name part must consist of"#))
        #expect(texts[1].hasPrefix(#"spec.podSelector.matchLabels: Invalid value: "-": a valid label must be"#))
        #expect(
            texts[2] == "spec.podSelector.matchExpressions[0].values: Required value: must be specified when "
                + "`operator` is 'In' or 'NotIn'")
        #expect(
            texts[3] == "spec.podSelector.matchExpressions[1].values: Forbidden: may not be specified when `operator` "
                + "is 'Exists' or 'DoesNotExist'")
        #expect(
            texts[4]
                == #"spec.podSelector.matchExpressions[2].operator: Invalid value: "Gt": not a valid selector operator"#
        )
        #expect(errors.allSatisfy { $0.node != nil })
        #expect(throws: FieldError.self) { try LabelSelector(node) }
    }
}

@Suite("Field selectors")
struct FieldSelectorTests {
    @Test(
        "terms, signs and escapes",
        arguments: [
            ("metadata.name=x", ["metadata.name": "x"], true),
            ("metadata.name==x,status.phase!=Running", ["metadata.name": "x"], true),
            ("status.phase!=Running", ["status.phase": "Running"], false),
            ("spec.nodeName=", [:], true),
            (#"a=x\,y\=z\\"#, ["a": #"x,y=z\"#], true),
            ("", [:], true),
        ] as [(String, [String: String], Bool)])
    func matching(query: String, fields: [String: String], isSelected: Bool) throws {
        let selector = try FieldSelector(query: query)
        #expect(selector.matches { fields[$0] } == isSelected)
        #expect(try FieldSelector(query: selector.description) == selector)
    }

    @Test("a term without a sign", arguments: ["spec", "a=b=c", #"a=b\x"#, #"a=b\"#])
    func refused(query: String) {
        #expect(throws: SelectorSyntaxError.self) { try FieldSelector(query: query) }
    }
}
