import JSONTree
import Testing

@testable import KubernetesSchema

@Suite("Custom resources")
struct CustomResourceTests {
    /// The definition of the recorded exchange 16-crd-create.
    static let pools = #"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
        "metadata":{"name":"ippools.net.example.com"},"spec":{"group":"net.example.com","scope":"Cluster",
        "names":{"plural":"ippools","singular":"ippool","kind":"IPPool","shortNames":["ipp"]},
        "versions":[{"name":"v1alpha1","served":true,"storage":true,"subresources":{"status":{}},
        "additionalPrinterColumns":[{"name":"CIDR","type":"string","jsonPath":".spec.cidr"}],
        "schema":{"openAPIV3Schema":{"type":"object","properties":{
        "spec":{"type":"object","required":["cidr"],"properties":{"cidr":{"type":"string","pattern":"^[0-9./]+$"},
        "blockSize":{"type":"integer","minimum":16,"maximum":32,"default":26}}},
        "status":{"type":"object","properties":{"free":{"type":"integer"}}}}}}}]}}
        """#

    private func definition(_ text: String = pools) throws -> CustomResourceDefinition {
        CustomResourceDefinition(CustomResourceDefinition.defaulted(try json(text)))
    }

    /// A definition whose root schema has this field `spec`.
    private func schema(spec: String) throws -> Schema {
        let text = #"{"type":"object","properties":{"spec":"# + spec + "}}"
        var reader = StructuralSchema()
        let schema = reader.root(try json(text), at: FieldPath("S"))
        #expect(reader.violations.map(\.description) == [])
        return schema
    }

    private func mistakes(root text: String) throws -> [String] {
        var reader = StructuralSchema()
        _ = reader.root(try json(text), at: FieldPath("S"))
        return reader.violations.map(\.description)
    }

    @Test("The recorded definition is served as the real server serves it")
    func recorded() throws {
        let definition = try definition()
        #expect(definition.violations.map(\.description) == [])
        let pool = definition.resource
        #expect(pool.name == "ippools.net.example.com")
        #expect(pool.listKind == "IPPoolList")
        #expect(!pool.isNamespaced)
        #expect(pool.storageVersion == "v1alpha1")
        let version = try #require(pool.version("v1alpha1"))
        #expect(version.hasStatus)
        let object = try json(#"{"spec":{"cidr":"10.0.0.0/16"}}"#)
        #expect(version.columns.map { $0.cell(of: object).text } == [#""10.0.0.0/16""#])
    }

    @Test("A recorded object is pruned and defaulted as there (16-cr-create-defaulted)")
    func recordedObject() throws {
        let schema = try #require(definition().resource.versions.first?.schema)
        let object = try json(
            #"{"apiVersion":"net.example.com/v1alpha1","kind":"IPPool","metadata":{"name":"a","finalizers":["net.example.com/f"]},"spec":{"cidr":"10.0.0.0/16","unknown":1}}"#
        )
        let pruned = schema.pruned(object)
        #expect(pruned.messages == [#"unknown field "spec.unknown""#])
        #expect(schema.defaulted(pruned.value).at("spec")?.text == #"{"cidr":"10.0.0.0/16","blockSize":26}"#)
        #expect(schema.violations(of: schema.defaulted(pruned.value)).isEmpty)
    }

    @Test("A recorded refusal is worded as there (16-cr-invalid-422)")
    func recordedRefusal() throws {
        let schema = try #require(definition().resource.versions.first?.schema)
        let violations = schema.violations(of: try json(#"{"spec":{"cidr":"zz","blockSize":99}}"#))
        #expect(
            violations.map(\.description) == [
                "spec.blockSize: Invalid value: 99: spec.blockSize in body should be less than or equal to 32",
                #"spec.cidr: Invalid value: "zz": spec.cidr in body should match '^[0-9./]+$'"#,
            ])
        #expect(violations.map(\.causeReason) == ["FieldValueInvalid", "FieldValueInvalid"])
    }

    @Test("Names are accepted, the definition is established, as recorded (16-crd-get-established)")
    func established() throws {
        let object = CustomResourceDefinition.defaulted(try json(Self.pools))
        let status = CustomResourceDefinition.status(of: object, besides: [], time: "2026-11-21T00:48:16Z")
        let wanted = try json(
            #"{"conditions":[{"type":"NamesAccepted","status":"True","lastTransitionTime":"2026-11-21T00:48:16Z","reason":"NoConflicts","message":"no conflicts found"},{"type":"Established","status":"True","lastTransitionTime":"2026-11-21T00:48:16Z","reason":"InitialNamesAccepted","message":"the initial names have been accepted"}],"acceptedNames":{"plural":"ippools","singular":"ippool","shortNames":["ipp"],"kind":"IPPool","listKind":"IPPoolList"},"storedVersions":["v1alpha1"]}"#
        )
        #expect(status.isEquivalent(to: wanted), "\(status)")
        let written = object.settingMember("status", to: status)
        #expect(CustomResourceDefinition.isEstablished(written))
        // A second definition of the same group wants the same kind.
        let other = CustomResourceDefinition.TakenNames(CustomResourceDefinition(object).resource)
        let refused = CustomResourceDefinition.status(of: object, besides: [other], time: "t")
        #expect(!CustomResourceDefinition.isEstablished(object.settingMember("status", to: refused)))
        #expect(refused.at("conditions")?.elements.first?.member("reason")?.stringValue == "PluralConflict")
    }

    @Test("Names, scope and versions that cannot be served are refused with their fields")
    func refusedDefinition() throws {
        let text = #"""
            {"metadata":{"name":"x"},"spec":{"group":"nodots","scope":"Here","names":{"plural":"Things","kind":"1Thing"},
            "versions":[{"name":"v1","served":true,"storage":false},{"name":"v1","served":true,"storage":false,
            "schema":{"openAPIV3Schema":{"type":"object"}},"additionalPrinterColumns":[{"name":"a","type":"text","jsonPath":"x"}]}]}}
            """#
        let paths = try definition(text).violations.map { "\($0.path) \($0.causeReason)" }
        for wanted in [
            "metadata.name FieldValueInvalid", "spec.group FieldValueInvalid", "spec.scope FieldValueNotSupported",
            "spec.names.plural FieldValueInvalid", "spec.names.kind FieldValueInvalid",
            "spec.versions[0].schema.openAPIV3Schema FieldValueRequired",
            "spec.versions[1].additionalPrinterColumns[0].type FieldValueInvalid",
            "spec.versions[1].additionalPrinterColumns[0].jsonPath FieldValueInvalid",
            "spec.versions FieldValueInvalid",
        ] {
            #expect(paths.contains(wanted), "\(wanted) in \(paths)")
        }
    }

    @Test(
        "What is not structural is refused",
        arguments: [
            (#"{"properties":{"a":{"type":"string"}}}"#, "S.type: Required value: must not be empty at the root"),
            (
                #"{"type":"object","properties":{"a":{"properties":{"b":{"type":"string"}}}}}"#,
                "S.properties[a].type: Required value: must not be empty for specified object fields"
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"array","items":{}}}}"#,
                "S.properties[a].items.type: Required value: must not be empty for specified array items"
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":{"type":"string"}}}}"#,
                "S.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"string","pattern":"(?=x)"}}}"#,
                #"S.properties[a].pattern: Invalid value: "(?=x)": must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"#
            ),
            (
                #"{"type":"object","anyOf":[{"type":"object"}]}"#,
                "S.anyOf[0].type: Forbidden: must be empty to be structural"
            ),
            (
                #"{"type":"object","additionalProperties":{"type":"string"}}"#,
                "S.additionalProperties: Forbidden: must not be used at the root"
            ),
            (
                #"{"type":"object","allOf":[{"properties":{"metadata":{"minProperties":1}}}]}"#,
                "S.allOf[0].properties[metadata]: Forbidden: must not be specified in a nested context"
            ),
            (
                #"{"type":"object","anyOf":[{"properties":{"x":{"minLength":1}}}]}"#,
                "S.properties[x]: Required value: because it is defined in S.anyOf[0].properties[x]"
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}}}"#,
                "S.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}"#,
                #"S.properties[a].default: Invalid value: "string": S.properties[a].default in body must be of type integer: "string""#
            ),
            (##"{"type":"object","$ref":"#/x"}"##, "S.$ref: Forbidden: $ref is not supported"),
        ])
    func notStructural(root: String, message: String) throws {
        let found = try mistakes(root: root)
        #expect(found.contains(message), "\(found)")
    }

    /// ValidateStructural of apiextensions-apiserver 1.34: quantifiers, properties and items below them alike.
    @Test(
        "Branches say nothing about structure and have no rules in CEL",
        arguments: ["allOf[0]", "anyOf[0]", "oneOf[0]", "not"],
        [
            (#""x-kubernetes-validations":[{"rule":"self.a == 'x'"}]"#, "x-kubernetes-validations", "empty"),
            (
                #""properties":{"a":{"x-kubernetes-validations":[{"rule":"self == 'x'"}]}}"#,
                "properties[a].x-kubernetes-validations", "empty"
            ),
            (
                #""allOf":[{"x-kubernetes-validations":[{"rule":"self.a == 'x'"}]}]"#,
                "allOf[0].x-kubernetes-validations", "empty"
            ),
            (#""description":"x""#, "description", "empty"), (#""default":{}"#, "default", "undefined"),
            (#""nullable":true"#, "nullable", "false"),
            (#""additionalProperties":{}"#, "additionalProperties", "undefined"),
            (#""x-kubernetes-int-or-string":true"#, "x-kubernetes-int-or-string", "false"),
            (#""x-kubernetes-map-type":"atomic""#, "x-kubernetes-map-type", "undefined"),
        ])
    func branches(branch: String, given: (text: String, field: String, mustBe: String)) throws {
        let inner = "{\(given.text)}"
        let branches = branch == "not" ? #""not":\#(inner)"# : #""\#(branch.dropLast(3))":[\#(inner)]"#
        let found = try mistakes(
            root: #"{"type":"object","properties":{"a":{"type":"string"}},\#(branches)}"#)
        #expect(found == ["S.\(branch).\(given.field): Forbidden: must be \(given.mustBe) to be structural"])
    }

    /// As generators write them: what is not set, said.
    @Test("What is false or empty in a branch is not structure")
    func harmlessBranches() throws {
        let found = try mistakes(
            root: #"""
                {"type":"object","properties":{"a":{"type":"string"},"p":{"x-kubernetes-int-or-string":true,
                "anyOf":[{"type":"integer"},{"type":"string"}]}},"anyOf":[{"nullable":false,"description":"",
                "default":null,"x-kubernetes-validations":[],"x-kubernetes-embedded-resource":false,"required":["a"]}]}
                """#)
        #expect(found == [])
    }

    @Test("A schema of ten thousand levels is refused, not walked")
    func deepSchema() throws {
        let levels = 400
        let text =
            String(repeating: #"{"type":"array","items":"#, count: levels) + #"{"type":"string"}"#
            + String(repeating: "}", count: levels)
        let value = try? json(#"{"type":"object","properties":{"a":"# + text + "}}")
        if let value {
            var reader = StructuralSchema()
            _ = reader.root(value, at: FieldPath("S"))
            let found = reader.violations.contains { $0.detail.contains("levels deep") }
            #expect(found)
        }
    }

    /// Schema of spec, value of spec, violations.
    @Test(
        "Values are judged in apiextensions' words",
        arguments: [
            (
                #"{"type":"string"}"#, "1",
                [#"spec: Invalid value: "integer": spec in body must be of type string: "integer""#]
            ),
            (
                #"{"type":"integer"}"#, "1.5",
                [#"spec: Invalid value: "number": spec in body must be of type integer: "number""#]
            ),
            (#"{"type":"integer"}"#, "2.0", []),
            (#"{"type":"number"}"#, "2", []),
            (
                #"{"type":"string","enum":["a","b"]}"#, #""c""#,
                [#"spec: Unsupported value: "c": supported values: "a", "b""#]
            ),
            (#"{"type":"string","nullable":true}"#, "null", []),
            (
                #"{"type":"string"}"#, "null",
                [#"spec: Invalid value: "null": spec in body must be of type string: "null""#]
            ),
            (
                #"{"type":"string","minLength":2}"#, #""é""#,
                [#"spec: Invalid value: "é": spec in body should be at least 2 chars long"#]
            ),
            (#"{"type":"string","maxLength":1}"#, #""ab""#, ["spec: Too long: may not be more than 1 bytes"]),
            (
                #"{"type":"string","format":"ipv4"}"#, #""::1""#,
                [#"spec: Invalid value: "::1": spec in body must be of type ipv4: "::1""#]
            ),
            (
                #"{"type":"string","format":"cidr"}"#, #""10.0.0.0/33""#,
                [#"spec: Invalid value: "10.0.0.0/33": spec in body must be of type cidr: "10.0.0.0/33""#]
            ),
            (
                #"{"type":"string","format":"date-time"}"#, #""2026-02-29T00:00:00Z""#,
                [
                    #"spec: Invalid value: "2026-02-29T00:00:00Z": spec in body must be of type date-time: "2026-02-29T00:00:00Z""#
                ]
            ),
            (#"{"type":"string","format":"made-up"}"#, #""x""#, []),
            (#"{"x-kubernetes-int-or-string":true}"#, #""80%""#, []),
            (
                #"{"x-kubernetes-int-or-string":true}"#, "true",
                [#"spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean""#]
            ),
            (
                #"{"type":"array","items":{"type":"string"},"maxItems":1}"#, #"["a","b"]"#,
                ["spec: Too many: 2: must have at most 1 item"]
            ),
            (
                #"{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"}"#, #"["a","a"]"#,
                [#"spec[1]: Duplicate value: "a""#]
            ),
            (
                #"{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["n"],"items":{"type":"object","required":["n"],"properties":{"n":{"type":"string"}}}}"#,
                #"[{"n":"a"},{"n":"b"},{"n":"a"}]"#, [#"spec[2]: Duplicate value: {"n":"a"}"#]
            ),
            (
                #"{"type":"integer","minimum":1,"exclusiveMinimum":true}"#, "1",
                ["spec: Invalid value: 1: spec in body should be greater than 1"]
            ),
            (
                #"{"type":"integer","multipleOf":3}"#, "7",
                ["spec: Invalid value: 7: spec in body should be a multiple of 3"]
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"oneOf":[{"required":["a"]},{"required":["b"]}]}"#,
                #"{"a":"1","b":"2"}"#,
                [
                    #"spec: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives"#
                ]
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"]}]}"#, "{}",
                [
                    #"spec: Invalid value: "": "spec" must validate at least one schema (anyOf)"#,
                    "spec.a: Required value",
                ]
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"string"}},"not":{"required":["a"]}}"#, #"{"a":""}"#,
                [#"spec: Invalid value: "": "spec" must not validate the schema (not)"#]
            ),
            (
                #"{"type":"object","additionalProperties":{"type":"integer"}}"#, #"{"a":1,"b":"x"}"#,
                [#"spec.b: Invalid value: "string": spec.b in body must be of type integer: "string""#]
            ),
            (#"{"type":"object","x-kubernetes-preserve-unknown-fields":true}"#, #"{"a":{"b":1}}"#, []),
        ])
    func values(spec: String, value: String, messages: [String]) throws {
        let found = try schema(spec: spec).violations(of: json(#"{"spec":"# + value + "}")).map(\.description)
        #expect(found == messages)
    }

    @Test("Defaults: nested ones only where the object is, nulls count as absent, maps and lists are walked")
    func defaulting() throws {
        let spec = #"""
            {"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"integer","default":1}}},
            "c":{"type":"object","default":{},"properties":{"d":{"type":"integer","default":2}}},
            "e":{"type":"integer","default":3},"n":{"type":"integer","nullable":true,"default":4},
            "l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer","default":5}}}},
            "m":{"type":"object","additionalProperties":{"type":"object","properties":{"y":{"type":"integer","default":6}}}}}}
            """#
        let schema = try schema(spec: spec)
        func defaulted(_ text: String) throws -> JSONValue? {
            schema.defaulted(schema.droppingNulls(try json(#"{"spec":"# + text + "}"))).member("spec")
        }
        let plain = try #require(try defaulted("{}"))
        #expect(plain.isEquivalent(to: try json(#"{"c":{"d":2},"e":3,"n":4}"#)), "\(plain)")
        let full = try #require(try defaulted(#"{"a":{},"e":null,"n":null,"l":[{},{"x":1}],"m":{"k":{}}}"#))
        #expect(
            full.isEquivalent(
                to: try json(
                    #"{"a":{"b":1},"c":{"d":2},"e":3,"n":null,"l":[{"x":5},{"x":1}],"m":{"k":{"y":6}}}"#)), "\(full)")
    }

    @Test(
        "Paths of columns",
        arguments: [
            (".spec.cidr", #"{"spec":{"cidr":"x"}}"#, ["x"]), (".a[1]", #"{"a":[1,2]}"#, ["2"]),
            (".a[-1]", #"{"a":[1,2]}"#, ["2"]), (".a[*].b", #"{"a":[{"b":1},{},{"b":2}]}"#, ["1", "2"]),
            (#".metadata.annotations['a.b/c']"#, #"{"metadata":{"annotations":{"a.b/c":"v"}}}"#, ["v"]),
            (#".metadata.annotations.a\.b"#, #"{"metadata":{"annotations":{"a.b":"v"}}}"#, ["v"]),
            (
                #".status.conditions[?(@.type=="Ready")].status"#,
                #"{"status":{"conditions":[{"type":"X","status":"no"},{"type":"Ready","status":"True"}]}}"#, ["True"]
            ),
            (".a[?(@.n>1)].n", #"{"a":[{"n":1},{"n":2}]}"#, ["2"]), (".missing.x", "{}", []),
        ])
    func jsonPaths(path: String, object: String, values: [String]) throws {
        #expect(try JSONPath(path).values(in: json(object)).map(JSONPath.text) == values)
    }
}
