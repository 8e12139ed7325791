import JSONTree
import Testing

/// The sentence and the place for each mistake people make.
@Suite struct JSONSyntaxErrorTests {
    static func error(_ bytes: [UInt8]) -> JSONSyntaxError? {
        do throws(JSONSyntaxError) {
            _ = try JSONTree(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("", "line 1, column 1: the document is empty"),
        (" \n ", "line 2, column 2: the document is empty"),
        (
            "\u{FEFF}{}",
            "line 1, column 1: the document begins with a byte order mark (EF BB BF): save it as UTF-8 without BOM"
        ),
        ("[1,]", "line 1, column 3: trailing comma: no element follows it before ]"),
        ("{\"a\":1,\n}", "line 1, column 7: trailing comma: no member follows it before }"),
        ("{} x", "line 1, column 4: the document has ended, but there is more text"),
        ("{\"a\":1", "line 1, column 7: the document ends, but the { of line 1, column 1 is still open"),
        ("[1", "line 1, column 3: the document ends, but the [ of line 1, column 1 is still open"),
        ("{\"a\" 1}", "line 1, column 6: a colon is expected after the key"),
        ("{\"a\":1 \"b\":2}", "line 1, column 8: a comma or } is expected here"),
        ("[1}", "line 1, column 3: } does not close the array that is open here: ] is expected"),
        ("{\"a\":True}", "line 1, column 6: True is written true"),
        ("{\"a\":eth0}", "line 1, column 6: eth0 is no JSON value: text belongs in double quotes"),
        ("{a:1}", "line 1, column 2: keys stand in double quotes"),
        ("{'a':1}", "line 1, column 2: keys stand in double quotes, not in single ones"),
        ("[1] // no", "line 1, column 5: the document has ended, but there is more text"),
        ("[ // no\n]", "line 1, column 3: JSON has no comments"),
        ("[\"a\tb\"]", "line 1, column 4: a tab in a string is written \\t"),
        ("[\"é\",]", "line 1, column 5: trailing comma: no element follows it before ]"),
        (
            "[\"a\nb\"]",
            "line 1, column 2: the string that begins here is not closed on its line (a line break in a string is written \\n)"
        ),
        ("[\"ab", "line 1, column 2: the string that begins here is never closed"),
        ("[01]", "line 1, column 2: a number must not have leading zeros"),
        ("[1500m]", "line 1, column 6: a number ends here, but a letter follows it: text belongs in double quotes"),
    ]) func namesTheMistake(text: String, message: String) {
        #expect(Self.error(Array(text.utf8))?.description == message)
    }

    @Test func utf16IsNamed() {
        #expect(Self.error([0xFF, 0xFE, 0x7B, 0])?.reason == "the document is in UTF-16: save it as UTF-8")
    }

    @Test func isRenderedAsCompilersDo() {
        let error = Self.error(Array("{\n\t\"plugins\": [\n\t\t{},\n\t]\n}".utf8))
        #expect(
            error?.rendered(named: "10-pods.conflist") == """
                error: trailing comma: no element follows it before ]
                 --> 10-pods.conflist:3:5
                  |
                3 | \t\t{},
                  | \t\t  ^
                """)
    }

    @Test func longLinesAreShownInAWindow() throws {
        let text = "[" + String(repeating: "1,", count: 5000) + "x," + String(repeating: "1,", count: 5000) + "1]"
        let lines = try #require(Self.error(Array(text.utf8))).caret.split(separator: "\n").map(String.init)
        #expect(lines[1].count <= 4 + 106)
        let column = try #require(lines[2].firstIndex(of: "^"))
        #expect(lines[1][column] == "x")
        #expect(lines[1].hasPrefix("    ...") && lines[1].hasSuffix("..."))
    }
}
