import Addressing
import Foundation
import KubernetesServer
import LinuxHost
import SystemCalls

/// Who everybody in the lab is: certificates of the API server's own authority, in kubeconfigs.
struct LabCredentials {
    let directory: LabDirectory
    let authority: ClusterAuthority
    let admin: CertificatePair
    private let plan: AddressPlan

    init(_ directory: LabDirectory, _ specification: LabSpecification) throws(LabFailure) {
        self.directory = directory
        plan = AddressPlan(specification)
        let names = ["127.0.0.1"] + plan.controlAddresses.map { "\($0.address)" }
        do {
            let certificates = try CertificateDirectory("\(directory.apiServer)/pki", names: names)
            authority = certificates.authority
            admin = certificates.admin
        } catch {
            throw LabFailure("cannot make the cluster's certificates: \(error)")
        }
    }

    /// Where the API server is inside the lab.
    var server: String {
        let address = plan.controlAddresses.first.map { "\($0.address)" } ?? ""
        return "https://\(address):\(AddressPlan.apiPort)"
    }

    /// For people, on the host.
    func writePersonal(port: Int) throws(LabFailure) {
        try write(
            Kubeconfig(
                name: "poplin-lab-\(directory.name)", server: "https://127.0.0.1:\(port)",
                authority: authority.pair.certificate, user: "kubernetes-admin", credential: .certificate(admin)),
            to: directory.kubeconfig)
    }

    /// For the controllers, in the control plane's network namespace: as a user of their own, with the rights that
    /// ``ControllerAccess`` gives it.
    func writeControl() throws(LabFailure) {
        let client: CertificatePair
        do {
            client = try authority.issue(ControllerAccess.user, organizations: [], role: .client)
        } catch {
            throw LabFailure("cannot make the controllers' certificate: \(error)")
        }
        try write(
            Kubeconfig(
                name: "lab", server: server, authority: authority.pair.certificate, user: ControllerAccess.user,
                credential: .certificate(client)), to: directory.controlKubeconfig)
    }

    /// What a node's kubelet needs, in the node's own directory: its kubeconfig as `system:node:NAME`, the certificate
    /// it serves with, and the authority of its clients.
    func write(for node: LabNode) throws(LabFailure) {
        let place = directory.node(node.name, NodeConfiguration.directory)
        do {
            try Directories.make(place, mode: 0o700)
            let client = try authority.issue(
                "system:node:\(node.name)", organizations: ["system:nodes"], role: .client)
            let names = plan.addresses(of: node).map { "\($0.address)" } + [node.name]
            let serving = try authority.issue(
                "system:node:\(node.name)", organizations: ["system:nodes"], role: .server(names))
            for (name, text) in [
                ("serving.crt", serving.certificate), ("serving.key", serving.key),
                ("clients.crt", authority.pair.certificate),
            ] {
                try AtomicFile.write("\(place)/\(name)", text.utf8, mode: 0o600)
            }
            try Kubeconfig(
                name: "lab", server: server, authority: authority.pair.certificate, user: "system:node:\(node.name)",
                credential: .certificate(client)
            ).write(to: "\(place)/kubeconfig")
            try NodeConfiguration(node: node.name, addresses: plan.addresses(of: node).map(\.address)).write(to: place)
        } catch {
            throw LabFailure("cannot write the credentials of \(node.name): \(error)")
        }
    }

    private func write(_ kubeconfig: Kubeconfig, to path: String) throws(LabFailure) {
        do {
            try kubeconfig.write(to: path)
        } catch {
            throw LabFailure("cannot write \(path): \(error)")
        }
    }
}
