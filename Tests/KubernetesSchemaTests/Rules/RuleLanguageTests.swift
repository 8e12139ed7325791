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
        case .quantity(let quantity): "quantity(\(quantity.approximation))"
        case .url(let url): "url(\(url.host))"
        case .duration(let duration): "duration(\(duration.text))"
        case .timestamp(let moment): "timestamp(\(moment.text))"
        case .optional(let content): content.map { "optional.of(\(text($0)))" } ?? "optional.none()"
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
            ("string(ip('2001:db8:0::1'))", "'2001:db8::1'"), ("string(cidr('10.1.2.3/16').masked())", "'10.1.0.0/16'"),
            ("isCIDR('10.0.0.0/08')", "false"), ("isCIDR('010.0.0.0/8')", "false"),
            ("isCIDR('::ffff:10.0.0.0/104')", "false"),
            ("cidr('10.1.2.3/16') == cidr('10.1.2.3/16').masked()", "false"),
            ("cidr('10.1.0.0/16') in [cidr('10.1.0.0/16').masked()]", "true"),
            ("cidr('FD00:1::/32') == cidr('fd00:1:0::/32')", "true"), ("ip('fd00::1').isLoopback()", "false"),
            ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", "true"),
            ("cidr('10.0.0.0/8').containsIP('fd00::1')", "false"),
            ("ip.isCanonical('127.0.0.1')", "true"), ("ip.isCanonical('2001:db8::abcd')", "true"),
            ("ip.isCanonical('2001:DB8::ABCD')", "false"), ("ip.isCanonical('2001:db8::0:0:0:abcd')", "false"),
            ("ip.isCanonical('x')", "error: IP Address \"x\" parse error during conversion from string"),
            (
                "cidr('10.0.0.0/8').containsIP('10.1')",
                "error: IP Address \"10.1\" parse error during conversion from string"
            ),
            (
                "cidr('10.0.0.0/8').containsCIDR('10.1.0.0')",
                "error: network address parse error during conversion from string: \"10.1.0.0\""
            ), ("cidr('10.0.0.0/8').masked('x')", "error: no such overload: net.CIDR.masked"),
        ])
    func libraries(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "Quantities, as Kubernetes documents them",
        arguments: [
            ("isQuantity('1.3G')", "true"), ("isQuantity('1.3Gi')", "true"), ("isQuantity('1,3G')", "false"),
            ("isQuantity('10000k')", "true"), ("isQuantity('200K')", "false"), ("isQuantity('Three')", "false"),
            ("isQuantity('Mi')", "false"), ("quantity('500000G').isInteger()", "true"),
            ("quantity('50k').asInteger()", "50000"), ("quantity('1m').isInteger()", "false"),
            ("quantity('1.5').asInteger()", "error: cannot convert value to integer"),
            ("quantity('9999999999999999999999999999999999999G').isInteger()", "false"),
            ("quantity('9999999999999999999999999999999999999G').asApproximateFloat()", "1e+46"),
            ("quantity('50k').add(quantity('20k')) == quantity('70k')", "true"),
            ("quantity('50k').sub(20000) == quantity('30k')", "true"),
            ("quantity('50k').add(20).sub(quantity('100k')).sub(-50000).asInteger()", "20"),
            ("quantity('50k').add(20).sub(quantity('100k')).asInteger()", "-49980"),
            ("quantity('200M').compareTo(quantity('0.2G'))", "0"),
            ("quantity('50M').compareTo(quantity('50Mi'))", "-1"),
            ("quantity('50Mi').compareTo(quantity('50M'))", "1"),
            ("quantity('150Mi').isGreaterThan(quantity('100Mi'))", "true"),
            ("quantity('50M').isLessThan(quantity('100M'))", "true"),
            ("quantity('2M') == quantity('0.002G') && quantity('2000k') == quantity('2M')", "true"),
            ("quantity('50k').sub(quantity('20')) == quantity('49.98k')", "true"), ("quantity('-0').sign()", "0"),
            ("quantity('-1.5Gi').sign()", "-1"), ("quantity('1Ki').asInteger()", "1024"),
            ("quantity('.5Mi').asInteger()", "524288"), ("quantity('1e3') == quantity('1k')", "true"),
            ("quantity('12E-1').compareTo(quantity('1200m'))", "0"),
            ("quantity('16Ei').asInteger()", "9223372036854775807"),
            ("quantity('0.1n').compareTo(quantity('1n'))", "0"), ("quantity('1') == 1", "false"),
        ])
    func quantities(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "URLs, as Kubernetes documents them",
        arguments: [
            ("isURL('https://user:pass@example.com:80/path?query=val#fragment')", "true"),
            ("isURL('/absolute-path')", "true"), ("isURL('https://a:b/')", "false"),
            ("isURL('../relative-path')", "false"),
            ("isURL('')", "false"), ("isURL('mailto:somebody')", "true"), ("isURL('https://a b/')", "false"),
            ("url('/path').getScheme()", "''"), ("url('https://example.com/').getScheme()", "'https'"),
            ("url('https://example.com:80/').getHost()", "'example.com:80'"),
            ("url('https://[::1]:80/').getHost()", "'[::1]:80'"), ("url('https://[::1]/').getHost()", "'[::1]'"),
            ("url('/path').getHost()", "''"), ("url('https://example.com:80/').getHostname()", "'example.com'"),
            ("url('https://[::1]:80/').getHostname()", "'::1'"), ("url('https://example.com/').getPort()", "''"),
            ("url('https://example.com:80/').getPort()", "'80'"), ("url('https://[::1]:443').getPort()", "'443'"),
            ("url('https://example.com/path').getEscapedPath()", "'/path'"),
            ("url('https://example.com/path with spaces/').getEscapedPath()", "'/path%20with%20spaces/'"),
            ("url('https://example.com').getEscapedPath()", "''"),
            (
                "url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
                "true"
            ),
            ("url('https://example.com/?key%20with=a+b').getQuery()['key with'][0]", "'a b'"),
            ("url('https://example.com/path').getQuery()", "{}"),
            ("url('x').getHost()", "error: URL parse error during conversion from string: \"x\""),
        ])
    func urls(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "Times, as CEL's specification has them",
        arguments: [
            ("duration('1h30m') == duration('90m')", "true"), ("duration('1.5s')", "duration(1.5s)"),
            ("duration('-1h')", "duration(-3600s)"), ("duration('0')", "duration(0s)"),
            ("duration('1h') < duration('61m')", "true"), ("duration('1h') + duration('1s')", "duration(3601s)"),
            ("duration('3730s').getHours()", "1"), ("duration('3730s').getMinutes()", "62"),
            ("duration('3730s').getSeconds()", "3730"), ("string(duration('1ms'))", "'0.001s'"),
            ("duration('soon')", "error: type conversion error from 'string' to 'duration'"),
            ("timestamp('2009-02-13T23:31:30Z')", "timestamp(2009-02-13T23:31:30Z)"),
            ("int(timestamp('2009-02-13T23:31:30Z'))", "1234567890"),
            ("timestamp('2009-02-14T00:31:30.5+01:00')", "timestamp(2009-02-13T23:31:30.5Z)"),
            ("timestamp('2009-02-13T23:31:30Z') + duration('1h')", "timestamp(2009-02-14T00:31:30Z)"),
            ("timestamp('2009-02-13T23:31:30Z') - duration('1h')", "timestamp(2009-02-13T22:31:30Z)"),
            ("timestamp('2009-02-13T23:31:30Z') - timestamp('2009-02-13T23:31:00Z')", "duration(30s)"),
            ("timestamp('2009-02-13T23:31:30Z').getFullYear()", "2009"),
            ("timestamp('2009-02-13T23:31:30Z').getMonth()", "1"),
            ("timestamp('2009-02-13T23:31:30Z').getDate()", "13"),
            ("timestamp('2009-02-13T23:31:30Z').getDayOfMonth()", "12"),
            ("timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", "5"),
            ("timestamp('2009-02-13T23:31:30Z').getDayOfYear()", "43"),
            ("timestamp('2009-02-13T23:31:30Z').getHours()", "23"),
            ("timestamp('0001-01-01T00:00:00Z').getDayOfWeek()", "1"),
            ("timestamp('2024-02-29T00:00:00Z').getDayOfYear()", "59"),
            ("timestamp('9999-12-31T23:59:59.999Z')", "timestamp(9999-12-31T23:59:59.999Z)"),
            ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp overflow"),
            ("timestamp('2023-02-29T00:00:00Z')", "error: type conversion error from 'string' to 'timestamp'"),
            (
                "timestamp('2009-02-13') < timestamp('2010-02-13T00:00:00Z')",
                "error: type conversion error from 'string' to 'timestamp'"
            ),
        ])
    func times(rule: String, value: String) { #expect(result(rule) == value) }

    @Test(
        "Optional values, as cel-go's library and Kubernetes' own tests have them",
        arguments: [
            ("optional.none().hasValue()", "false"), ("optional.of(1).hasValue()", "true"),
            ("optional.of(1).value()", "1"),
            ("optional.none().value()", "error: optional.none() dereference"), ("optional.none().orValue(2)", "2"),
            ("optional.none().or(optional.of(3)).value()", "3"), ("optional.ofNonZeroValue('').hasValue()", "false"),
            ("optional.ofNonZeroValue('a').value()", "'a'"), ("{'a': {'b': 1}}.?a.?b.value()", "1"),
            ("{'a': {'b': 1}}.?a.b.value()", "1"), ("{'a': {}}.?x.?b.orValue('none')", "'none'"),
            ("{'a': 1}.?b == optional.none()", "true"), ("[1, 2][?1].value()", "2"), ("[1, 2][?5].hasValue()", "false"),
            ("{'a': 1}[?'a'].value()", "1"), ("{'a': 1}.?a.optMap(x, x + 1).value()", "2"),
            ("optional.none().optMap(x, x + 1).hasValue()", "false"),
            ("{'a': {'b': 1}}.?a.optFlatMap(x, x.?b).value()", "1"),
            ("{?'k': optional.none(), 'k2': 'v2'} == {'k2': 'v2'}", "true"),
            ("{?'k': optional.of('v'), 'k2': 'v2'} == {'k': 'v', 'k2': 'v2'}", "true"),
            ("['a', ?optional.none(), 'c'] == ['a', 'c']", "true"),
            ("['a', ?optional.of('v'), 'c'] == ['a', 'v', 'c']", "true"),
            ("true ? 1 : 2", "1"), ("[true ? 1 : 2]", "[1]"),
        ])
    func optionalValues(rule: String, value: String) { #expect(result(rule) == value) }

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
            ("isSemver(self.a)", ["isSemver()"]),
            ("timestamp(self.a).getHours('Europe/Vienna') == 1", [".getHours() with a time zone"]),
            ("type(self) == int", ["int", "type()"]), ("self.url.find('a') == ''", [".find()"]),
            ("self.all(k, v, k == v)", [".all()"]), ("cel.bind(x, 1, x == 1)", [".bind()", "cel"]),
            ("optional.what().hasValue()", [".what()", "optional"]),
        ])
    func unknown(rule: String, words: [String]) throws { #expect(try RuleProgram(rule).unknown == words) }
}
