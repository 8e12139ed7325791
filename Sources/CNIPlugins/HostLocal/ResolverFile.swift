import CNI
import LinuxHost
import SystemCalls

/// A resolver configuration file (resolv.conf(5)) as the `dns` of a result.
enum ResolverFile {
    static func read(_ path: String, invalid: (String) -> CNIError) throws(CNIError) -> CNIResult.DNS {
        let bytes: [UInt8]?
        do throws(SystemCallError) {
            bytes = try AtomicFile.read(path, limit: 1 << 20)
        } catch {
            throw CNIError(error.errno == .EACCES ? .permissionDenied : .inputOutput, "ipam.resolvConf: \(error)")
        }
        guard let bytes else { throw invalid("there is no file \(path)") }
        return parse(String(decoding: bytes, as: UTF8.self))
    }

    /// Every `nameserver`, `search` and `options` line adds to its list, the last `domain` counts, and lines that
    /// begin with `#` or `;` are comments.
    static func parse(_ text: String) -> CNIResult.DNS {
        var dns = CNIResult.DNS()
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard fields.count > 1, let keyword = fields.first, let first = keyword.first, first != "#", first != ";"
            else { continue }
            switch keyword {
            case "nameserver": dns.nameservers.append(fields[1])
            case "domain": dns.domain = fields[1]
            case "search": dns.search += fields.dropFirst()
            case "options": dns.options += fields.dropFirst()
            default: continue
            }
        }
        return dns
    }
}
