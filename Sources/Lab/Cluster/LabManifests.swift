import Addressing
import Findings
import JSONTree
import KubernetesModel
import LinuxHost
import Manifests
import SystemCalls

/// The manifests that a real cluster gets, with what is the lab's own put in.
public struct LabManifests: Sendable {
    public let objects: [Manifest]

    /// Where the manifests are: below POPLIN_DEPLOY, beside an installed program (`PREFIX/share/poplin/deploy`), or in
    /// the source tree that the program was built in.
    public static func find(program: String, environment: Environment) throws(LabFailure) -> String {
        if let named = environment["POPLIN_DEPLOY"], !named.isEmpty { return named }
        var place = program
        var looked: [String] = []
        for _ in 0..<5 {
            guard let slash = place.lastIndex(of: "/") else { break }
            place = String(place[..<slash])
            for candidate in ["\(place)/share/poplin/deploy", "\(place)/deploy"] {
                if (try? FileSystem.exists("\(candidate)/daemonset.yaml")) == true { return candidate }
                looked.append(candidate)
            }
        }
        throw LabFailure(
            "the manifests of the agent are not found", because: looked.map { "not in \($0)" },
            next: "name their directory in POPLIN_DEPLOY")
    }

    /// Reads the plain manifests of a directory. Files that kustomize reads are left out.
    public init(directory: String, for specification: LabSpecification) throws(LabFailure) {
        var reading = ManifestReading()
        let names = try doing("list \(directory)") { () throws(SystemCallError) in
            try Directories.sortedList(directory)
        }
        for name in names where name.hasSuffix(".yaml") && name != "kustomization.yaml" {
            reading.read(path: "\(directory)/\(name)")
        }
        if (try? FileSystem.exists("\(directory)/crds")) == true { reading.read(path: "\(directory)/crds") }
        let errors = reading.findings.filter { $0.severity == .error }
        if !errors.isEmpty { throw LabFailure(errors) }
        var objects: [Manifest] = []
        for manifest in reading.manifests where manifest.gvk.kind != "Kustomization" {
            objects.append(try Self.adapted(manifest, to: specification))
        }
        self.objects = objects.enumerated().sorted {
            (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset)
        }.map(\.element)
    }

    /// What others stand on comes first.
    private static func rank(_ manifest: Manifest) -> Int {
        switch manifest.gvk.kind {
        case "Namespace": 0
        case "CustomResourceDefinition", "PriorityClass": 1
        case "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding": 2
        case "ConfigMap": 3
        default: 4
        }
    }

    private static func adapted(_ manifest: Manifest, to spec: LabSpecification) throws(LabFailure) -> Manifest {
        var object = JSONValue(manifest.node).unfolded
        switch (manifest.gvk.kind, manifest.name) {
        case ("ConfigMap", "poplin-config"):
            object = object.setting(at: ["data", "net-conf.json"], to: .string(netConf(spec)))
            let text = object.at(["data", "poplin.json"])?.stringValue ?? "{}"
            object = object.setting(at: ["data", "poplin.json"], to: .string(try settings(text, spec)))
        case ("DaemonSet", _), ("Deployment", _):
            object = withImages(object)
        default:
            return manifest
        }
        do {
            return try Manifest(object.tree().root, file: manifest.file)
        } catch {
            throw LabFailure("\(manifest.file ?? ""): \(error)")
        }
    }

    /// `poplin.json` with the lab's mode of giving addresses and its services' ranges. What somebody wrote into the
    /// manifest's own file stays, unless this lab is of another mode.
    static func settings(_ text: String, _ spec: LabSpecification) throws(LabFailure) -> String {
        do throws(JSONSyntaxError) {
            var value = JSONValue(try JSONTree(parsing: text).root).unfolded
            if spec.addressMode != .kubernetes {
                value = value.setting(at: ["ipam", "mode"], to: .string(spec.addressMode.rawValue))
            }
            if value.at(["serviceCIDRs"]) == nil {
                let ranges = AddressPlan(spec).serviceNetworks.map { JSONValue.string($0.description) }
                value = value.setting(at: ["serviceCIDRs"], to: .array(ranges))
            }
            return String(decoding: value.serialized(indent: 2), as: UTF8.self)
        } catch {
            throw LabFailure("poplin.json of the ConfigMap poplin-config in the manifests: \(error)")
        }
    }

    /// The lab's kubelets run this very program for images of that name.
    static func withImages(_ workload: JSONValue) -> JSONValue {
        var workload = workload
        for list in ["initContainers", "containers"] {
            let path = ["spec", "template", "spec", list]
            guard let containers = workload.at(path) else { continue }
            let changed = containers.elements.map { container -> JSONValue in
                let image = container.member("image")?.stringValue ?? ""
                let name = image.split(separator: "/").last?.split(separator: ":").first ?? ""
                return name == "poplin" ? container.setting("image", to: "poplin:lab") : container
            }
            workload = workload.setting(at: path, to: .array(changed))
        }
        return workload
    }

    /// Flannel's format, which the agent reads.
    static func netConf(_ spec: LabSpecification) -> String {
        var members: [JSONMember] = []
        for network in spec.podNetworks {
            members.append(JSONMember(network.family == .v4 ? "Network" : "IPv6Network", .string("\(network)")))
        }
        members.append(JSONMember("EnableIPv4", .bool(spec.podNetworks.contains { $0.family == .v4 })))
        members.append(JSONMember("EnableIPv6", .bool(spec.podNetworks.contains { $0.family == .v6 })))
        var backend = [JSONMember("Type", .string(spec.backend.rawValue))]
        // Inside a rack nodes are neighbours: packets need no tunnel there.
        if spec.backend == .vxlan, spec.racks > 1 { backend.append(JSONMember("DirectRouting", true)) }
        members.append(JSONMember("Backend", .object(backend)))
        return String(decoding: JSONValue.object(members).serialized(indent: 2), as: UTF8.self)
    }
}
