import Addressing
import CNI
import IPAM
import SystemCalls

/// Hands out addresses of ranges on this machine, and keeps them in the reference plugin's directory
/// (``ReservationStore``).
///
/// Beyond the reference: reserving and releasing cost the same however many addresses are reserved, GC gives back what
/// no container holds, STATUS fails while no address is left, CHECK compares address, container and interface, and a
/// pool that is exhausted says by whom.
public enum HostLocal: Plugin {
    public static let name = "host-local"
    public static let isAddressManager = true

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        let configuration = try HostLocalConfiguration(call)
        let requested = try HostLocalConfiguration.requestedAddresses(call)
        // Before anything is reserved, so that a file that cannot be read leaves nothing behind.
        let dns = try configuration.dns()
        do throws(IPAMError) {
            let outcome = try configuration.store.reserve(
                for: AddressHolder(call.request.attachment), from: configuration.sets.map(\.set),
                requested: requested.map(\.address), namespace: call.request.networkNamespace)
            call.report(outcome.notices)
            return CNIResult(
                ips: outcome.value.map { CNIResult.IP(address: $0.address, gateway: $0.gateway) },
                routes: configuration.routes, dns: dns)
        } catch {
            throw HostLocalConfiguration.explain(error, requested, call)
        }
    }

    /// Every address of the result that lies in our ranges is reserved for this interface, and the result has at
    /// least one of those reserved.
    public static func check(_ call: PluginCall) throws(CNIError) {
        let configuration = try HostLocalConfiguration(call)
        let holder = AddressHolder(call.request.attachment)
        let previous = try call.configuration.previousResult()
        let given = previous?.ips.map(\.address.address).filter { address in
            configuration.sets.contains { $0.set.contains(address) }
        }
        let held: [IPAddress]
        do throws(IPAMError) {
            try configuration.store.check(holder, has: given ?? [])
            held = try configuration.store.addresses(of: holder)
        } catch {
            throw CNIError(error)
        }
        if let previous, let given, given.isEmpty {
            throw CNIError(
                .checkFailed, "the result has none of the addresses that are reserved for \(holder)",
                details: "expected: \(held)\nfound: \(previous.ips.map(\.address))")
        }
    }

    /// Needs no more of the configuration than where the reservations are: ranges that are wrong by now must not
    /// keep an address from being released.
    public static func delete(_ call: PluginCall) throws(CNIError) {
        let store = try HostLocalConfiguration.store(call)
        do throws(IPAMError) {
            call.report(try store.release(AddressHolder(call.request.attachment)).notices)
        } catch {
            throw CNIError(error)
        }
    }

    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {
        let store = try HostLocalConfiguration.store(call)
        do throws(IPAMError) {
            let outcome = try store.collectGarbage(keeping: validAttachments.map(AddressHolder.init))
            call.report(outcome.notices)
            if !outcome.value.isEmpty {
                let text = outcome.value.map(\.description).joined(separator: ", ")
                call.report("given back, held by no valid attachment: \(text)")
            }
        } catch {
            throw CNIError(error)
        }
    }

    public static func status(_ call: PluginCall) throws(CNIError) {
        let configuration = try HostLocalConfiguration(call)
        do throws(IPAMError) {
            try configuration.store.probe(configuration.sets.map(\.set))
        } catch {
            let error = CNIError(error)
            throw CNIError(.notAvailable, error.message, details: error.details)
        }
    }
}

extension AddressHolder {
    init(_ attachment: CNIAttachment) {
        self.init(containerID: attachment.containerID, interfaceName: attachment.interfaceName)
    }
}

extension PluginCall {
    func report(_ lines: [String]) {
        for line in lines { report(line) }
    }
}

extension CNIError {
    /// What went wrong in the store, with a code for each cause.
    init(_ error: IPAMError) {
        switch error {
        case .exhausted(let report):
            self.init(.addressesExhausted, report.summary, details: report.details)
        case .alreadyReserved, .taken:
            self.init(.alreadyTaken, error.description)
        case .notForContainers, .outside:
            self.init(.invalidConfiguration, error.description)
        case .notReserved:
            self.init(.checkFailed, error.description)
        case .busy:
            self.init(.tryAgainLater, error.description)
        case .storage(let refusal):
            let code = CNIError.Code(refusal.errno)
            self.init(
                code == .permissionDenied ? code : .inputOutput, "the address reservations: \(refusal)",
                details: refusal.errno == .ENOSPC ? "the file system is full, or out of inodes: see df and df -i" : "")
        }
    }
}
