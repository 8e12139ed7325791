import JSONTree
import Testing

@Suite struct JSONValueTests {
    @Test func writesAsGoWithoutItsEscapingForHTML() {
        let value: JSONValue = ["b": [1, nil, true], "a": "x\"\\/<>&\n\u{1}\u{2028}é", "empty": [:], "none": []]
        #expect(value.text == #"{"b":[1,null,true],"a":"x\"\\/<>&\n\u0001\u2028é","empty":{},"none":[]}"#)
        #expect(
            String(decoding: value.serialized(indent: 4, sortedKeys: true), as: UTF8.self) == #"""
                {
                    "a": "x\"\\/<>&\n\u0001\u2028é",
                    "b": [
                        1,
                        null,
                        true
                    ],
                    "empty": {},
                    "none": []
                }
                """#)
    }

    @Test func subtreesArePassedOnAsTheyWere() throws {
        let root = try JSONTree(parsing: #"{ "z" : 1.50e+400, "a" : "\u0041" , "z":12345678901234567890 }"#).root
        #expect(JSONValue(root).text == #"{"z":1.50e+400,"a":"\u0041","z":12345678901234567890}"#)
        #expect(
            String(decoding: JSONValue(root).serialized(sortedKeys: true), as: UTF8.self)
                == #"{"a":"\u0041","z":1.50e+400,"z":12345678901234567890}"#)
    }

    @Test func settingReplacesInPlaceAndRemovesRivals() throws {
        let value = JSONValue(try JSONTree(parsing: #"{"Name":"old","type":"bridge","NAME":"older"}"#).root)
        #expect(value.setting("name", to: "new").text == #"{"name":"new","type":"bridge"}"#)
        #expect(value.setting("mtu", to: 1500).text == #"{"Name":"old","type":"bridge","NAME":"older","mtu":1500}"#)
        #expect(value.removing("name").text == #"{"type":"bridge"}"#)
        #expect(value["name"] == "older")
    }

    @Test func equalityIsByContent() throws {
        let read = JSONValue(try JSONTree(parsing: #"{"a": [1, 2.0, "\u0078"], "n": 99999999999999999999}"#).root)
        let made: JSONValue = ["a": [1, .number("2.0"), "x"], "n": .number("99999999999999999999")]
        #expect(read == made)
        #expect(read != made.setting("a", to: 1))
        #expect(JSONValue.uint(7) == 7)
        #expect(JSONValue.uint(.max).text == "18446744073709551615")
    }
}
