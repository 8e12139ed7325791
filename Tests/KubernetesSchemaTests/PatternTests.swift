import Testing
import _StringProcessing

@testable import KubernetesSchema

@Suite("Patterns as Go reads them")
struct PatternTests {
    /// Each pattern with texts it finds itself in, and texts it does not.
    static let cases: [(String, [String], [String])] = [
        ("^[0-9./]+$", ["10.0.0.0/8", "/"], ["zz", "", "1 "]),
        (
            "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", ["a", "a-b.c", "0.1"],
            ["-a", "a.", "A"]
        ),
        (
            "^(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\\.){3}([0-9]|25[0-5])$",
            ["1.2.3.4", "255.255.255.255"], ["256.1.1.1", "1.2.3"]
        ),
        ("a{2,3}b", ["xaab", "aaab", "aaaab"], ["ab", "aa"]),
        ("a{,3}", ["a{,3}"], ["aaa"]),
        ("x{2}", ["xx"], ["x"]),
        ("(?i)kelvin", ["KELVIN", "\u{212A}elvin"], ["kelvi"]),
        ("a.c", ["abc", "a\u{1F600}c"], ["a\nc", "ac"]),
        ("(?s)a.c", ["a\nc"], ["ac"]),
        ("^b$", ["b"], ["b\n", "a\nb"]),
        ("(?m)^b$", ["a\nb\nc", "b\n"], ["ab"]),
        ("\\Aab\\z", ["ab"], ["ab\n"]),
        ("\\bfoo\\b", ["a foo b", "foo"], ["foot", "afoo"]),
        ("\\d+", ["7"], ["\u{663}", "x"]),
        ("^\\w$", ["_"], ["\u{E4}"]),
        ("^[[:alpha:][:digit:]_]+$", ["a1_"], ["-"]),
        ("^[^a-c\\d]$", ["d", "\n"], ["a", "5"]),
        ("^\\pL+$", ["\u{E4}b"], ["1"]),
        ("^[\\p{Lu}x]$", ["A", "x"], ["a"]),
        ("\\Qa.b\\E+", ["a.b"], ["axb"]),
        ("^(?P<year>\\d{4})-(?:\\d\\d)$", ["2026-11"], ["26-11"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[a-]", ["-"], ["b"]),
        ("\\x41\\x{1F600}|\\101", ["A\u{1F600}", "A"], ["a"]),
        ("", ["", "a"], []),
        ("a||b", ["", "z"], []),
        ("(a*)*$", ["", "aab"], []),
        ("^(a|b|)c", ["ac", "c"], ["xc"]),
        ("(?i:a)b", ["Ab", "ab"], ["aB"]),
    ]

    @Test("Finds what Go finds", arguments: cases)
    func finds(pattern: String, yes: [String], no: [String]) throws {
        let compiled = try Pattern(pattern)
        for text in yes { #expect(compiled.matches(text), "\(pattern) in \(text.debugDescription)") }
        for text in no { #expect(!compiled.matches(text), "\(pattern) not in \(text.debugDescription)") }
    }

    @Test(
        "Refuses what Go refuses, with its reason",
        arguments: [
            ("a(b", "missing closing )"), ("a)b", "unexpected )"), ("[a", "missing closing ]"),
            ("*a", "missing argument"),
            ("a**", "invalid nested repetition"), ("a{1001}", "invalid repeat count"),
            ("a{3,2}", "invalid repeat count"),
            ("(?=a)", "invalid or unsupported Perl syntax"), ("(?!a)b", "invalid or unsupported Perl syntax"),
            ("(?<=a)b", "invalid or unsupported Perl syntax"), ("(a)\\1", "invalid escape sequence"),
            ("[z-a]", "invalid character class range"), ("\\pX", "invalid character class range"),
            ("\\", "trailing backslash"), ("a++", "invalid nested repetition"), ("((a{1000}){1000})", "too large"),
            ("(?P<n>a)(?P<n>b)", "invalid named capture"), ("\\8", "invalid escape sequence"),
        ])
    func refuses(pattern: String, reason: String) {
        let error = #expect(throws: Pattern.SyntaxError.self) { try Pattern(pattern) }
        let text = error?.description ?? ""
        #expect(text.contains(reason), "\(pattern): \(text)")
    }

    @Test("A pattern that takes a backtracking matcher for ever is as quick as any other")
    func noBacktracking() throws {
        let pattern = try Pattern("^(a+)+$")
        let found = pattern.matches(String(repeating: "a", count: 20_000) + "b")
        #expect(!found)
    }

    /// Swift's own matcher, told to mean what Go means, is the second opinion on a few thousand made-up patterns.
    @Test("Agrees with Swift's Regex on patterns both have")
    func agreesWithSwift() throws {
        var random = Generator(state: 7)
        var compared = 0
        for _ in 0..<3000 {
            let pattern = Self.madeUp(&random, depth: 3)
            guard let ours = try? Pattern(pattern), let peer = try? Regex(pattern) else { continue }
            let regex = peer.matchingSemantics(.unicodeScalar).asciiOnlyWordCharacters().asciiOnlyDigits()
            for _ in 0..<4 {
                let text = String(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in "ab1-"[Int.random(in: 0..<4, using: &random)]
                    })
                let expected = text.firstMatch(of: regex) != nil
                let found = ours.matches(text)
                #expect(found == expected, "\(pattern) in \(text.debugDescription)")
                compared += 1
            }
        }
        #expect(compared > 5000)
    }

    private static func madeUp(_ random: inout Generator, depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 11 : 5), using: &random) {
        case 0: "a"
        case 1: "[ab]"
        case 2: "[^a1]"
        case 3: "\\w"
        case 4: "."
        case 5, 6: madeUp(&random, depth: depth - 1) + madeUp(&random, depth: depth - 1)
        case 7: "(" + madeUp(&random, depth: depth - 1) + "|" + madeUp(&random, depth: depth - 1) + ")"
        case 8:
            "(" + madeUp(&random, depth: depth - 1) + ")"
                + ["*", "+", "?", "{2}", "{1,2}"][Int.random(in: 0..<5, using: &random)]
        case 9: "^" + madeUp(&random, depth: depth - 1)
        default: madeUp(&random, depth: depth - 1) + "\\z"
        }
    }
}

/// xorshift: the same patterns every time.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

extension String {
    fileprivate subscript(_ offset: Int) -> Character { self[index(startIndex, offsetBy: offset)] }
}
