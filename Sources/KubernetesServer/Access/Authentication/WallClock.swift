import Foundation

/// The time of day, for what is written into objects and tokens.
public enum WallClock {
    /// Seconds since 1970-01-01T00:00:00Z.
    public static func seconds() -> Int64 { Int64(Date().timeIntervalSince1970) }
}

enum Base64URL {
    /// UTF-8 text from base64 with the alphabet of URLs, padded or not.
    static func decoded(_ text: String) -> String? {
        var plain = text.replacing("-", with: "+").replacing("_", with: "/")
        while plain.utf8.count % 4 != 0 { plain += "=" }
        return Data(base64Encoded: plain).flatMap { String(data: $0, encoding: .utf8) }
    }
}
