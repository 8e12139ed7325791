import CNI
import FuzzSupport
import JSONTree

/// Reads a plugin's configuration as every verb does, and everything typed that a plugin may ask of it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    for command in CNIRequest.Command.allCases {
        do throws(CNIError) {
            let configuration = try PluginConfiguration(
                parsing: bytes, for: command, supporting: CNIVersion.allCases)
            expect(CNINames.isIdentifier(configuration.name))
            ask(configuration)
        } catch {
            check(error)
        }
    }
    attempt { () throws(CNIError) in
        _ = try CNIArguments(String(decoding: bytes, as: UTF8.self), known: ["IP", "MAC", "GATEWAY"])
    }
    return 0
}

private func ask(_ configuration: PluginConfiguration) {
    attempt { () throws(CNIError) in _ = try configuration.previousResult() }
    attempt { () throws(CNIError) in _ = try configuration.validAttachments() }
    attempt { () throws(CNIError) in _ = try configuration.ipam }
    attempt { () throws(CNIError) in _ = try configuration.conventionArguments }
    attempt { () throws(CNIError) in _ = try CNIResult.DNS(configuration.reader.object("dns")) }
    attempt { () throws(CNIError) in _ = try configuration.capabilities.portMappings() }
    attempt { () throws(CNIError) in _ = try configuration.capabilities.bandwidth() }
    attempt { () throws(CNIError) in _ = try configuration.capabilities.ips().map(\.interfaceAddress) }
    attempt { () throws(CNIError) in _ = try configuration.capabilities.mac() }
    attempt { () throws(CNIError) in _ = try configuration.capabilities.ipRanges() }
    attempt { () throws(CNIError) in _ = try configuration.capabilities.dns() }
    for (key, _) in configuration.root.members.prefix(16) {
        let reader = configuration.reader
        attempt { () throws(CNIError) in _ = try reader.integer(key, in: 0...65535) }
        attempt { () throws(CNIError) in _ = try reader.unsigned(key) }
        attempt { () throws(CNIError) in _ = try reader.bool(key) }
        attempt { () throws(CNIError) in _ = try reader.strings(key) }
        attempt { () throws(CNIError) in _ = try reader.prefix(key) }
        attempt { () throws(CNIError) in _ = try reader.mac(key) }
        attempt { () throws(CNIError) in _ = try reader.objects(key) }
    }
}

private func attempt(_ body: () throws(CNIError) -> Void) {
    do throws(CNIError) { try body() } catch { check(error) }
}

/// An error must be printable as the specification wants it, whatever was in the configuration.
private func check(_ error: CNIError) {
    let printed = error.value(version: .newest).serialized(indent: 4)
    do throws(JSONSyntaxError) {
        let read = CNIError(decoding: try JSONTree(parsing: printed).root)
        expect(read == error, "the error is read back as another one")
    } catch {
        fatalError("the error is printed as malformed JSON")
    }
    expect(!error.message.isEmpty && error.code.rawValue > 0)
}
