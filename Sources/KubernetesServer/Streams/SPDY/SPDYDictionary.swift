/// The text that header blocks of SPDY/3 are compressed against (draft-mbelshe-httpbis-spdy-00, 2.6.10.1): a protocol
/// constant of 1423 bytes.
enum SPDYDictionary {
    /// Adler-32 of the text; it stands in the first header block of each direction.
    static let checksum: UInt32 = 0xE3C6_A7C2

    static let bytes: [UInt8] = {
        let names =
            "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age "
            + "allow authorization cache-control connection content-base content-encoding content-language "
            + "content-length content-location content-md5 content-range content-type date etag expect expires from host "
            + "if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards "
            + "pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer "
            + "transfer-encoding upgrade user-agent vary via warning www-authenticate method get status"
        let words =
            names.split(separator: " ").map(String.init) + [
                "200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin",
            ]
        var bytes: [UInt8] = []
        for word in words { bytes += [0, 0, 0, UInt8(word.utf8.count)] + Array(word.utf8) }
        let values =
            "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
            + "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
            + "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
            + "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
            + "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
            + "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
        return bytes + Array(values.utf8)
    }()
}

/// What is wrong with the bytes of a SPDY connection.
package struct SPDYFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}
