import JSONTree
import Testing

@testable import KubernetesSchema

/// Rules at their places in a schema, as the Kubernetes documentation describes them ("Extend the Kubernetes API with
/// CustomResourceDefinitions", validation rules and transition rules).
@Suite("CEL: rules of custom resources")
struct ValidationRuleTests {
    private func schema(_ text: String) throws -> Schema {
        var reader = StructuralSchema()
        let schema = reader.root(try json(text), at: FieldPath("S"))
        #expect(reader.violations.map(\.description) == [])
        return schema
    }

    private func said(_ schema: Schema, _ value: String, old: String? = nil) throws -> [String] {
        try schema.ruleViolations(of: json(value), old: old.map { try json($0) }).map(\.description)
    }

    private func checked(_ text: String) throws -> RuleCheck {
        var check = RuleCheck()
        check.visit(try schema(text), FieldPath("S"))
        return check
    }

    static let replicas = #"""
        {"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[
        {"rule":"self.minReplicas <= self.replicas","message":"replicas should be greater than or equal to minReplicas."},
        {"rule":"self.replicas <= self.maxReplicas"}],
        "properties":{"minReplicas":{"type":"integer"},"replicas":{"type":"integer"},"maxReplicas":{"type":"integer"}}}}}
        """#

    @Test("The documentation's example: each rule that fails is told with its message, or with itself")
    func documented() throws {
        let schema = try schema(Self.replicas)
        #expect(try said(schema, #"{"spec":{"minReplicas":1,"replicas":2,"maxReplicas":3}}"#) == [])
        #expect(
            try said(schema, #"{"spec":{"minReplicas":5,"replicas":4,"maxReplicas":3}}"#) == [
                #"spec: Invalid value: "object": replicas should be greater than or equal to minReplicas."#,
                #"spec: Invalid value: "object": failed rule: self.replicas <= self.maxReplicas"#,
            ])
        #expect(
            try said(schema, #"{"spec":{"minReplicas":1,"replicas":2}}"#) == [
                #"spec: Invalid value: "object": no such key: maxReplicas evaluating rule: self.replicas <= self.maxReplicas"#
            ])
    }

    @Test("Transition rules run when there is something to compare with")
    func transitions() throws {
        let schema = try schema(
            #"""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
            "class":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"immutable"}]},
            "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
            "items":{"type":"object","required":["name"],"x-kubernetes-validations":[{"rule":"self.port >= oldSelf.port"}],
            "properties":{"name":{"type":"string"},"port":{"type":"integer"}}}},
            "words":{"type":"array","items":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}}}}
            """#)
        let old = #"{"spec":{"class":"a","ports":[{"name":"x","port":1},{"name":"y","port":9}],"words":["a"]}}"#
        #expect(try said(schema, old) == [])
        #expect(try said(schema, old, old: old) == [])
        #expect(try said(schema, old, old: #"{"spec":{}}"#) == [])
        // Elements with keys are found again wherever they stand; those of other lists cannot be.
        #expect(
            try said(
                schema, #"{"spec":{"class":"b","ports":[{"name":"y","port":8},{"name":"x","port":2}],"words":["b"]}}"#,
                old: old) == [
                    #"spec.class: Invalid value: "string": immutable"#,
                    #"spec.ports[0]: Invalid value: "object": failed rule: self.port >= oldSelf.port"#,
                ])
    }

    @Test("What was wrong before and has not changed stays")
    func ratcheting() throws {
        let schema = try schema(Self.replicas)
        let wrong = #"{"spec":{"minReplicas":5,"replicas":4,"maxReplicas":9}}"#
        #expect(try said(schema, wrong).count == 1)
        #expect(try said(schema, wrong, old: wrong) == [])
        #expect(try said(schema, #"{"spec":{"minReplicas":6,"replicas":4,"maxReplicas":9}}"#, old: wrong).count == 1)
    }

    @Test("reason, fieldPath and messageExpression")
    func details() throws {
        let schema = try schema(
            #"""
            {"type":"object","x-kubernetes-validations":[
            {"rule":"self.metadata.name.startsWith('a')","reason":"FieldValueForbidden","message":"no"},
            {"rule":"self.spec.x < 3","fieldPath":".spec.x","messageExpression":"'x is ' + string(self.spec.x)"}],
            "properties":{"spec":{"type":"object","properties":{"x":{"type":"integer"}}}}}
            """#)
        let found = try schema.ruleViolations(of: json(#"{"metadata":{"name":"b"},"spec":{"x":4}}"#))
        #expect(
            found.map(\.description) == [
                "<nil>: Forbidden: no", #"spec.x: Invalid value: "object": x is 4"#,
            ])
    }

    @Test("Numbers, sets and names of fields as the schema has them")
    func types() throws {
        let schema = try schema(
            #"""
            {"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[
            {"rule":"self.ratio / 2.0 == 1.5"},{"rule":"self.tags == ['b', 'a']"},{"rule":"self.tags + ['a', 'c'] == ['a', 'b', 'c']"},
            {"rule":"self.x__dash__y == 1 && self.__namespace__ == 'n' && self.labels['a.b/c'] == 'd'"},
            {"rule":"!has(self.secret)"},{"rule":"self.port == 80 || self.port == 'http'"}],
            "properties":{"ratio":{"type":"number"},"tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
            "x-y":{"type":"integer"},"namespace":{"type":"string"},"secret":{"type":"string"},
            "labels":{"type":"object","additionalProperties":{"type":"string"}},"port":{"x-kubernetes-int-or-string":true}}}}}
            """#)
        let value =
            #"{"spec":{"ratio":3,"tags":["a","b"],"x-y":1,"namespace":"n","labels":{"a.b/c":"d"},"port":80,"other":1}}"#
        #expect(try said(schema, value) == [])
    }

    @Test(
        "A definition whose rules cannot be right is refused",
        arguments: [
            (
                #"{"rule":"self.replcas > 1"}"#,
                "rule: Invalid value: \"self.replcas > 1\": compilation failed: undefined field 'replcas'"
            ),
            (
                #"{"rule":"self.list.all(x, x.b == 1)"}"#,
                "rule: Invalid value: \"self.list.all(x, x.b == 1)\": compilation failed: undefined field 'b'"
            ),
            (
                #"{"rule":"self.a >"}"#,
                "rule: Invalid value: \"self.a >\": compilation failed: Syntax error: unexpected '<EOF>', at character 9"
            ),
            (#"{"rule":" "}"#, "rule: Required value: rule is not specified"),
            (
                #"{"rule":"true","messageExpression":"slef"}"#,
                "messageExpression: Invalid value: \"slef\": compilation failed: undeclared reference to 'slef' (in container '')"
            ),
        ])
    func refused(rule: String, message: String) throws {
        let check = try checked(
            #"{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":["# + rule
                + #"],"properties":{"a":{"type":"integer"},"list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"}}}}}}}}"#
        )
        #expect(check.violations.map(\.description) == ["S.properties[spec].x-kubernetes-validations[0].\(message)"])
        #expect(check.warnings == [])
    }

    @Test("What is stored and not evaluated is said, and stops nothing")
    func notEvaluated() throws {
        let text = #"""
            {"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"string"}},
            "x-kubernetes-validations":[{"rule":"isSemver(self.a)"},{"rule":"self.a.find('1') == '1'"},
            {"rule":"self.a != ''"}]}}}
            """#
        let check = try checked(text)
        #expect(check.violations.map(\.description) == [])
        let place = "S.properties[spec].x-kubernetes-validations"
        #expect(
            check.warnings == [
                "\(place)[0].rule: not evaluated by this server, which does not know isSemver()",
                "\(place)[1].rule: not evaluated by this server, which does not know .find()",
            ])
        let schema = try schema(text)
        #expect(try said(schema, #"{"spec":{"a":"5"}}"#) == [])
        #expect(
            try said(schema, #"{"spec":{"a":""}}"#) == [#"spec: Invalid value: "object": failed rule: self.a != ''"#])
    }

    @Test("With optionalOldSelf a rule is asked for what is new, too")
    func optionalOldSelf() throws {
        let schema = try schema(
            #"""
            {"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"integer"}},
            "x-kubernetes-validations":[{"rule":"oldSelf.hasValue() ? self.a > oldSelf.value().a : self.a == 1",
            "optionalOldSelf":true,"message":"counts from one"}]}}}
            """#)
        #expect(try said(schema, #"{"spec":{"a":1}}"#) == [])
        #expect(try said(schema, #"{"spec":{"a":2}}"#) == [#"spec: Invalid value: "object": counts from one"#])
        #expect(try said(schema, #"{"spec":{"a":2}}"#, old: #"{"spec":{"a":1}}"#) == [])
        #expect(
            try said(schema, #"{"spec":{"a":1}}"#, old: #"{"spec":{"a":1}}"#)
                == [#"spec: Invalid value: "object": counts from one"#])
    }

    @Test("Texts of a format that means a time are one for rules")
    func formats() throws {
        let schema = try schema(
            #"""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
            "wait":{"type":"string","format":"duration"},"since":{"type":"string","format":"date-time"}},
            "x-kubernetes-validations":[{"rule":"self.wait <= duration('1m')"},{"rule":"self.since.getFullYear() > 2000"}]}}}
            """#)
        #expect(try said(schema, #"{"spec":{"wait":"60s","since":"2026-01-01T00:00:00Z"}}"#) == [])
        #expect(try said(schema, #"{"spec":{"wait":"61s","since":"1999-12-31T23:59:59Z"}}"#).count == 2)
    }

    @Test("Rules are published as they were given")
    func published() throws {
        let rule = try json(
            #"{"rule":"self > 1","message":"m","messageExpression":"'n'","reason":"FieldValueInvalid","fieldPath":".a","optionalOldSelf":true}"#
        )
        #expect(Schema.Rule(rule).value.text == rule.text)
    }
}
