import Testing

@testable import KubernetesServer

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/", [String]()), ("/api/v1/pods", ["api", "v1", "pods"]), ("//api///v1/", ["api", "v1"]),
        ("/api/v1/namespaces/a%2Fb", ["api", "v1", "namespaces", "a/b"]), ("/a%20b", ["a b"]), ("/a+b", ["a+b"]),
        ("/%C3%A4", ["ä"]), ("https://host:6443/api?x#y", ["api"]), ("/a;b=c/d", ["a;b=c", "d"]),
        ("/api/v1/pods/'%3B%20DROP%20TABLE%20versions%3B--", ["api", "v1", "pods", "'; DROP TABLE versions;--"]),
    ])
    func segments(target: String, segments: [String]) {
        #expect(RequestTarget(target)?.segments == segments)
    }

    @Test(arguments: [
        "", "api", "/%", "/%2", "/%zz", "/%00", "/a%00b", "/%ff", "/%C3", "/..", "/a/../b", "/a/%2e%2e/b", "/.",
        "/?a=%zz", "/?%00=1", "/?a=%ff", "ftp://host/x", "https://host",
    ])
    func unreadable(target: String) {
        #expect(RequestTarget(target) == nil)
    }

    @Test func queriesKeepOrderAndRepetition() {
        let query = RequestTarget("/x?command=ls&command=-l&labelSelector=a%3Db%2Cc+in+%28d%29&empty=&bare&=v")?.query
        #expect(query?.all("command") == ["ls", "-l"])
        #expect(query?["labelSelector"] == "a=b,c in (d)")
        #expect(query?["empty"] == "")
        #expect(query?["bare"] == "")
        #expect(query?["absent"] == nil)
    }

    @Test(arguments: [
        ("", false), ("watch", true), ("watch=", true), ("watch=1", true), ("watch=true", true), ("watch=false", false),
        ("watch=0", false), ("watch=False", false), ("watch=no", true),
    ])
    func flags(query: String, value: Bool) {
        #expect(RequestTarget("/x?\(query)")?.query.flag("watch") == value)
    }

    @Test func dates() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.text(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.text(4_107_542_399) == "Sun, 28 Feb 2100 23:59:59 GMT")
    }
}
