import Diagnosis
import LinuxHost
import SystemCalls

extension MachineReading {
    /// Where kubeadm, kubelet and Rancher's distributions keep them.
    private static var certificateFolders: [String] {
        [
            "/etc/kubernetes/pki", "/etc/kubernetes/pki/etcd", "/var/lib/kubelet/pki",
            "/var/lib/rancher/k3s/server/tls",
            "/var/lib/rancher/rke2/server/tls",
        ]
    }

    /// Certificates that the control plane and kubelet show and trust, without the keys that may be beside them.
    mutating func readCertificates() {
        for folder in Self.certificateFolders {
            list(folder, most: 128)
            for name in names(in: folder).prefix(128) where name.hasSuffix(".crt") || name.hasSuffix("-current.pem") {
                copy("\(folder)/\(name)", limit: 128 << 10) { CertificateText.certificates(in: $0) }
            }
        }
        let manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml"
        if note(manifest) { copy(manifest) { CertificateText.options(in: $0) } }
    }
}

/// What may be told of files that hold keys as well.
enum CertificateText {
    /// The certificates of a PEM file (RFC 7468), and nothing of what stands between them.
    static func certificates(in bytes: [UInt8]) -> [UInt8] {
        var kept: [Substring] = []
        var isInside = false
        for line in Substring(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN CERTIFICATE-----") { isInside = true }
            if isInside { kept.append(line) }
            if line.hasPrefix("-----END ") { isInside = false }
        }
        return Array(kept.map { $0 + "\n" }.joined().utf8)
    }

    /// The options of a manifest that name certificates, one on each line.
    static func options(in bytes: [UInt8]) -> [UInt8] {
        let words = Substring(decoding: bytes, as: UTF8.self).split { character in
            character.isWhitespace || ",[]\"'".contains(character)
        }
        let named = words.filter { word in
            word.hasPrefix("--") && (word.hasSuffix(".crt") || word.hasSuffix(".pem"))
        }
        return Array(named.map { $0 + "\n" }.joined().utf8)
    }
}
