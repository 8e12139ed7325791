import Testing

@testable import Policy

@Suite struct CalicoSelectorTests {
    @Test(arguments: [
        ("", "", true), ("all()", "", true), ("  all ( )", "", true),
        ("a == 'b'", "a=b", true), ("a == \"b\"", "a=b", true), ("a=='b'", "a=c", false), ("a == 'b'", "", false),
        ("a != 'b'", "", true), ("a != 'b'", "a=b", false), ("a!='b'", "a=c", true),
        ("a in {'b', 'c'}", "a=c", true), ("a in {'b',}", "a=b", true), ("a in {}", "a=b", false),
        ("a not in {'b', 'c'}", "", true), ("a not  in {'b','c'}", "a=b", false), ("a not in {}", "a=b", true),
        ("has(a)", "a=", true), ("has(a)", "b=a", false), ("!has(a)", "b=a", true), ("!!has(a)", "a=1", true),
        ("a contains 'ell'", "a=hello", true), ("a contains 'x'", "a=hello", false), ("a contains ''", "", false),
        ("a starts with 'he'", "a=hello", true), ("a ends with 'lo'", "a=hello", true),
        ("a starts with 'lo'", "a=hello", false), ("a ends with 'he'", "a=hello", false),
        ("!a starts with 'he'", "", true),
        ("a == '1' && b == '2' || c == '3'", "c=3", true), ("a == '1' && (b == '2' || c == '3')", "c=3", false),
        ("a == '1' || b == '2' && c == '3'", "a=1", true), ("!(a == '1' || b == '2')", "c=3", true),
        ("projectcalico.org/namespace == 'x'", "projectcalico.org/namespace=x", true),
        ("in == 'in'", "in=in", true), ("all == 'x'", "all=x", true), ("has == 'y'", "has=y", true),
        ("-x_1./ == 'v'", "-x_1./=v", true), ("global()", "", false), ("!global()", "", true),
    ])
    func matches(_ text: String, _ labels: String, _ expected: Bool) throws {
        var dictionary: [String: String] = [:]
        for pair in labels.split(separator: ",") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            dictionary[String(halves[0])] = String(halves[1])
        }
        #expect(try CalicoSelector(text).matches(dictionary) == expected)
    }

    @Test(arguments: [
        ("a = 'b'", 2, "comparison is ==, not ="),
        ("a == b", 5, "expected a text in quotes after =="),
        ("a == 'b", 5, "the text is not closed: expected another '"),
        ("a == 'b' & c == 'd'", 9, "operators are && and ||, doubled"),
        ("a == 'b' and c == 'd'", 9, "expected && or || or the end of the selector"),
        ("hass(a)", 0, "there is no function hass(), did you mean has()?"),
        ("has('a')", 4, "has() needs the name of a label, without quotes"),
        ("a on {'b'}", 2, "there is no operator on, did you mean in?"),
        ("a not {'b'}", 6, "expected in after not"),
        ("a in 'b'", 5, "a set stands in braces: {'a', 'b'}"),
        ("a in {b}", 6, "values of a set stand in quotes"),
        ("a in {'b' 'c'}", 10, "expected , or } in the set"),
        ("(a == 'b'", 9, "expected ) to close the bracket, or && or ||"),
        ("a == 'b')", 8, "a closing bracket without an opening one"),
        ("a == 'b' &&", 11, "the selector ends where a condition is expected"),
        ("'a' == 'b'", 0, "a label's name stands without quotes"),
        ("a", 1, "expected ==, !=, in, not in, contains, starts with or ends with after label a"),
        ("a starts 'x'", 9, "expected with after starts"),
        ("all('x')", 4, "all() takes nothing between its brackets"),
    ])
    func refuses(_ text: String, _ offset: Int, _ reason: String) {
        #expect(throws: CalicoSelector.Problem(text: text, offset: offset, reason: reason)) {
            try CalicoSelector(text)
        }
    }

    @Test func nestingIsBounded() {
        let text = String(repeating: "(", count: 5000) + "all()" + String(repeating: ")", count: 5000)
        let problem = #expect(throws: CalicoSelector.Problem.self) { try CalicoSelector(text) }
        #expect(problem?.reason == "brackets nest deeper than 100 levels")
    }

    @Test(arguments: [
        ("((a=='b'))&&(c in {'d','e'}||!has(f))", "a == 'b' && (c in {'d', 'e'} || !has(f))"),
        ("!(a == 'b')", "a != 'b'"), ("!(a == 'b' && has(c))", "!(a == 'b' && has(c))"),
        ("a == \"it's\"", "a == \"it's\""), ("a not in {'x','y'}", "a not in {'x', 'y'}"),
        ("a == '1' && b == '2' || c == '3'", "a == '1' && b == '2' || c == '3'"),
    ])
    func printsCanonically(_ text: String, _ canonical: String) throws {
        let selector = try CalicoSelector(text)
        #expect(selector.description == canonical)
        #expect(try CalicoSelector(canonical).description == canonical)
    }

    /// Random expressions printed and read again mean the same over every labelling of a small world, and the
    /// contradiction analysis agrees with trying all labellings.
    @Test func randomExpressions() throws {
        var random = SeededRandom(seed: 11)
        let values: [String?] = [nil, "", "a", "b", "ab", "ba", "aba", "z"]
        for _ in 0..<2000 {
            let expression = Self.expression(depth: 3, &random)
            let read = try CalicoSelector(expression.calicoText).expression
            var isEverTrue = false
            for first in values {
                for second in values {
                    let label: (String) -> String? = { $0 == "x" ? first : second }
                    let answer = expression.matches(label)
                    #expect(read.matches(label) == answer, "\(expression.calicoText)")
                    isEverTrue = isEverTrue || answer
                }
            }
            switch expression.satisfiability {
            case .satisfiable: break
            case .contradictory(let reason): #expect(!isEverTrue, "\(expression.calicoText): \(reason)")
            case .unknown: break
            }
            if isEverTrue {
                let satisfiability = expression.satisfiability
                #expect(satisfiability == .satisfiable || satisfiability == .unknown)
            }
        }
    }

    @Test(arguments: [
        ("a == 'b' && a == 'c'", "label a would need two values at once"),
        ("a == 'b' && !has(a)", "label a would have to be present and absent at once"),
        ("a in {'b'} && a != 'b'", "no value that label a may have is left"),
        ("a starts with 'x' && a starts with 'y'", "no value of label a satisfies all its conditions"),
        ("a contains 'x' && !(a contains 'x')", "no value of label a satisfies all its conditions"),
        ("(a == 'b' || c == 'd') && !has(a) && !has(c)", "label a would have to be present and absent at once"),
        ("a in {}", "label a would need two values at once"),
        ("global() && !global()", "it asks for global() and for its opposite"),
    ])
    func contradictions(_ text: String, _ reason: String) throws {
        #expect(try CalicoSelector(text).expression.satisfiability == .contradictory(reason))
    }

    @Test(arguments: [
        "a starts with 'ab' && a ends with 'bc' && a contains 'b'", "a starts with 'x' && a starts with 'xy'",
        "!has(a) && a != 'b'", "a contains 'x' && !(a starts with 'x')", "a in {'b', 'c'} && a != 'b'",
    ])
    func satisfiable(_ text: String) throws {
        #expect(try CalicoSelector(text).expression.satisfiability == .satisfiable)
    }

    private static func expression(depth: Int, _ random: inout SeededRandom) -> CalicoExpression {
        let key = Bool.random(using: &random) ? "x" : "y"
        let text = ["", "a", "b", "ab"].randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<(depth == 0 ? 6 : 9), using: &random) {
        case 0: return .all
        case 1: return .has(key)
        case 2: return .isIn(key, Bool.random(using: &random) ? [text] : [text, "z"])
        case 3: return .contains(key, text)
        case 4: return .startsWith(key, text)
        case 5: return .endsWith(key, text)
        case 6: return .not(expression(depth: depth - 1, &random))
        case 7: return .and([expression(depth: depth - 1, &random), expression(depth: depth - 1, &random)])
        default: return .or([expression(depth: depth - 1, &random), expression(depth: depth - 1, &random)])
        }
    }
}
