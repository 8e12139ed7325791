import JSONTree
import Testing

@testable import KubernetesSchema

/// What the specification of CEL (google/cel-spec, doc/langdef.md), its extended strings (cel-go, ext/strings.go) and
/// Kubernetes' documents of its libraries ("Common Expression Language in Kubernetes") give as results.
@Suite("CEL: what rules compute")
struct RuleLanguageTests {
    /// The value as CEL would write it, or the error.
    private func result(_ rule: String, _ itself: RuleValue = .null, old: RuleValue? = nil) -> String {
        do throws(RuleError) {
            return Self.text(try RuleProgram(rule).value(itself, oldSelf: old))
        } catch {
            return "error: \(error)"
        }
    }

    private static func text(_ value: RuleValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)u"
        case .double(let value): "\(value)"
        case .string(let value): "'\(value)'"
        case .list(let elements, _): "[\(elements.map(text).joined(separator: ", "))]"
        case .map(let fields):
            "{\(fields.sorted { $0.key < $1.key }.map { "\($0.key): \(text($0.value))" }.joined(separator: ", "))}"
        case .address(let address): "ip(\(address))"
        case .network(let network): "cidr(\(network))"
        }
    }

    @Test(
        "Literals",
        arguments: [
            ("null", "null"), ("true", "true"), ("0x1F", "31"), ("-9223372036854775808", "-9223372036854775808"),
            ("18446744073709551615u", "18446744073709551615u"), ("1e3", "1000.0"), (".5", "0.5"), ("-2.5", "-2.5"),
            (#"'it\'s'"#, "'it's'"), (#""\u00e9\x41\101""#, "'éAA'"), (#"r"\d+""#, #"'\d+'"#),
            ("'''a\nb'''", "'a\nb'"), ("[1, 'a', ]", "[1, 'a']"), ("{'a': 1, 'b': [2]}", "{a: 1, b: [2]}"),
            ("1 // the rest is a comment", "1"),
        ])
    func literals(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "Operators, their order, and what overflows",
        arguments: [
            ("1 + 2 * 3 - 4", "3"), ("(1 + 2) * 3", "9"), ("7 / 2", "3"), ("-7 / 2", "-3"), ("-7 % 2", "-1"),
            ("7.0 / 2.0", "3.5"), ("'a' + 'b'", "'ab'"), ("[1] + [2]", "[1, 2]"), ("!true || 1 < 2 && 2 <= 2", "true"),
            ("1 == 1.0", "true"), ("1u == 1", "true"), ("'a' < 'b'", "true"), ("1 < 1.5", "true"),
            ("[1, 2] == [1, 2.0]", "true"), ("{'a': 1} == {'a': 1}", "true"), ("'1' == 1", "false"),
            ("2 in [1, 2]", "true"), ("'a' in {'a': null}", "true"), ("true ? 'yes' : 'no'", "'yes'"),
            ("false ? 1 : true ? 2 : 3", "2"), ("--1", "1"), ("[1, 2][1]", "2"), ("{'a': {'b': 3}}.a.b", "3"),
            ("9223372036854775807 + 1", "error: integer overflow"), ("0u - 1u", "error: integer overflow"),
            ("-(-9223372036854775807 - 1)", "error: integer overflow"), ("1 / 0", "error: division by zero"),
            ("1 % 0", "error: modulus by zero"), ("[1][1]", "error: index out of bounds: 1"),
            ("{'a': 1}.b", "error: no such key: b"), ("1 + 1u", "error: no such overload: _+_"),
            ("!1", "error: no such overload: !_"),
        ])
    func operators(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "&& and || are decided by either side, whatever fails on the other",
        arguments: [
            ("1 / 0 > 1 || true", "true"), ("true || 1 / 0 > 1", "true"), ("1 / 0 > 1 && false", "false"),
            ("1 / 0 > 1 && true", "error: division by zero"), ("1 / 0 > 1 || false", "error: division by zero"),
            ("[1, 0, 2].exists(x, 4 / x == 2)", "true"), ("[1, 0].all(x, 4 / x == 5)", "false"),
            ("[1, 0].all(x, 4 / x == 4)", "error: division by zero"),
        ])
    func logic(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "Macros",
        arguments: [
            ("[1, 2, 3].all(x, x > 0)", "true"), ("[].all(x, false)", "true"), ("[].exists(x, true)", "false"),
            ("[1, 2, 2].exists_one(x, x == 1)", "true"), ("[1, 2, 2].exists_one(x, x == 2)", "false"),
            ("[1, 2, 3].filter(x, x % 2 == 1)", "[1, 3]"), ("[1, 2, 3].map(x, x * x)", "[1, 4, 9]"),
            ("[1, 2, 3].map(x, x > 1, x * 10)", "[20, 30]"), ("{'b': 1, 'a': 2}.all(k, size(k) == 1)", "true"),
            ("has({'a': 1}.a)", "true"), ("has({'a': 1}.b)", "false"),
            ("[[1, 2], [3]].map(x, x.map(y, y + size(x)))", "[[3, 4], [4]]"),
            ("[1].all(x, [2].all(x, x == 2) && x == 1)", "true"),
        ])
    func macros(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "Strings",
        arguments: [
            ("size('héllo')", "5"), ("'tacocat'.size()", "7"), ("'tacocat'.charAt(3)", "'o'"),
            ("'tacocat'.charAt(7)", "''"),
            ("'hello mellow'.indexOf('')", "0"), ("'hello mellow'.indexOf('ello')", "1"),
            ("'hello mellow'.indexOf('jello')", "-1"), ("'hello mellow'.indexOf('ello', 2)", "7"),
            ("'hello mellow'.indexOf('ello', 20)", "error: index out of range: 20"),
            ("'hello mellow'.lastIndexOf('')", "12"), ("'hello mellow'.lastIndexOf('ello')", "7"),
            ("'hello mellow'.lastIndexOf('jello')", "-1"), ("'hello mellow'.lastIndexOf('ello', 6)", "1"),
            ("'hello hello'.replace('he', 'we')", "'wello wello'"),
            ("'hello hello'.replace('he', 'we', 1)", "'wello hello'"),
            ("'hello hello'.replace('he', 'we', 0)", "'hello hello'"), ("'TacoCat'.lowerAscii()", "'tacocat'"),
            ("'TacoCÆt Xii'.lowerAscii()", "'tacocÆt xii'"), ("'TacoCat'.upperAscii()", "'TACOCAT'"),
            ("'hello hello hello'.split(' ')", "['hello', 'hello', 'hello']"),
            ("'hello hello hello'.split(' ', 0)", "[]"), ("'hello hello hello'.split(' ', 1)", "['hello hello hello']"),
            ("'hello hello hello'.split(' ', 2)", "['hello', 'hello hello']"),
            ("'hello hello hello'.split(' ', -1)", "['hello', 'hello', 'hello']"),
            ("'abc'.split('')", "['a', 'b', 'c']"),
            ("'tacocat'.substring(4)", "'cat'"), ("'tacocat'.substring(0, 4)", "'taco'"),
            ("'tacocat'.substring(-1)", "error: invalid substring range. start: -1, end: 7"),
            ("'tacocat'.substring(2, 1)", "error: invalid substring range. start: 2, end: 1"),
            (#"'  \ttrim\n    '.trim()"#, "'trim'"), ("['hello', 'world'].join(' ')", "'hello world'"),
            ("['hello', 'world'].join()", "'helloworld'"), ("'hello'.startsWith('he')", "true"),
            ("'hello'.endsWith('lo')", "true"), ("'hello'.contains('ll')", "true"),
            ("'foobar'.matches('o{2}b')", "true"),
            ("'foobar'.matches('^o')", "false"), ("string(12) + 'a'", "'12a'"), ("int('-3')", "-3"),
            ("double(3)", "3.0"),
            ("int(3.9)", "3"), ("int('x')", "error: type conversion error from 'string' to 'int'"),
        ])
    func strings(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "Lists and addresses, as Kubernetes documents its libraries",
        arguments: [
            ("['a', 'b', 'c'].isSorted()", "true"), ("[2.0, 1.0].isSorted()", "false"), ("[1, 3].sum()", "4"),
            ("[1, 3].min()", "1"), ("[1, 3].max()", "3"), ("[].sum()", "0"), ("['a', 'b', 'a'].indexOf('a')", "0"),
            ("['a', 'b', 'a'].lastIndexOf('a')", "2"), ("[].min()", "error: min called on empty list"),
            ("isIP('127.0.0.1')", "true"), ("isIP('::1')", "true"), ("isIP('127.0.0.256')", "false"),
            ("isIP('::ffff:1.2.3.4')", "false"), ("isIP('fe80::1%eth0')", "false"), ("ip('127.0.0.1').family()", "4"),
            ("ip('::1').family() == 6", "true"), ("ip('0.0.0.0').isUnspecified()", "true"),
            ("ip('169.254.169.254').isLinkLocalUnicast()", "true"), ("ip('224.0.0.1').isLinkLocalMulticast()", "true"),
            ("ip('192.168.0.1').isGlobalUnicast()", "true"), ("ip('255.255.255.255').isGlobalUnicast()", "false"),
            ("isCIDR('192.168.0.0/16')", "true"), ("isCIDR('::1/128')", "true"), ("isCIDR('192.168.0.0/')", "false"),
            ("isCIDR('192.168.0.1')", "false"), ("isCIDR('192.168.0.1/24')", "true"),
            ("cidr('192.168.0.0/24').containsIP(ip('192.168.0.1'))", "true"),
            ("cidr('192.168.0.0/24').containsIP('192.168.1.1')", "false"),
            ("cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24'))", "true"),
            ("cidr('192.168.0.0/24').containsCIDR('192.168.0.0/23')", "false"),
            ("cidr('192.168.0.1/24').ip() == ip('192.168.0.1')", "true"),
            ("cidr('192.168.0.1/24').masked()", "cidr(192.168.0.0/24)"), ("cidr('2001:db8::/32').prefixLength()", "32"),
            ("string(ip('2001:db8:0::1'))", "'2001:db8::1'"),
        ])
    func libraries(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "What cannot be read is told with its place",
        arguments: [
            ("", "Syntax error: unexpected '<EOF>', at character 1"),
            ("self.a ==", "Syntax error: unexpected '<EOF>', at character 10"),
            ("(1", "Syntax error: unexpected '<EOF>', ')' belongs here, at character 3"),
            ("1 2", "Syntax error: unexpected '2', at character 3"),
            ("'abc", "Syntax error: a string without its end, at character 1"),
            ("a = 1", "Syntax error: token recognition error at: '=', at character 3"),
            ("has(self)", "invalid argument to has() macro, at character 1"),
            ("[1].all(1, true)", "argument must be a simple name, at character 5"),
            ("slef.a == 1", "undeclared reference to 'slef' (in container '')"),
            ("99999999999999999999", "invalid int literal, at character 1"),
        ])
    func mistakes(rule: String, message: String) { #expect(result(rule) == "error: \(message)") }

    @Test("A rule nested a thousand levels deep is refused, and one that never ends is stopped")
    func bounds() {
        let deep = String(repeating: "(", count: 1000) + "1" + String(repeating: ")", count: 1000)
        #expect(result(deep).hasPrefix("error: the rule is nested too deep"))
        #expect(result(String(repeating: "!", count: 1000) + "true").hasPrefix("error: the rule is nested too deep"))
        let list = "[" + Array(repeating: "1", count: 200).joined(separator: ",") + "]"
        let endless = "\(list).all(a, \(list).all(b, \(list).all(c, \(list).all(d, true))))"
        #expect(result(endless) == "error: operation cancelled: actual cost limit exceeded")
    }

    @Test(
        "What this server does not know is named, and such a rule is not evaluated",
        arguments: [
            ("quantity(self.a).isLessThan(quantity('1'))", [".isLessThan()", "quantity()"]),
            ("type(self) == int", ["int", "type()"]), ("self.url.find('a') == ''", [".find()"]),
            ("self.all(k, v, k == v)", [".all()"]), ("cel.bind(x, 1, x == 1)", [".bind()", "cel"]),
            ("optional.none().hasValue()", [".hasValue()", ".none()", "optional"]),
        ])
    func unknown(rule: String, words: [String]) throws { #expect(try RuleProgram(rule).unknown == words) }
}
