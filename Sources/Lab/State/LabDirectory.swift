import CLinux
import LinuxHost
import SystemCalls

/// Where a lab keeps what it keeps.
///
///     /var/lib/poplin/lab/NAME/lab.json             specification and processes (see `LabState`)
///                              kubeconfig           for people: the API server on the host's loopback
///                              control.kubeconfig   for the controllers: the API server inside the lab
///                              apiserver/           objects, keys, certificates
///                              log/                 one file for each process
///                              nodes/NODE/          what a node keeps over a reboot
///     /run/poplin/lab/NAME/supervisor.sock, lock
public struct LabDirectory: Hashable, Sendable {
    public let name: String

    public init(_ name: String) { self.name = name }

    public static let root = "/var/lib/poplin/lab"
    public static let runRoot = "/run/poplin/lab"

    public var path: String { "\(Self.root)/\(name)" }
    public var runPath: String { "\(Self.runRoot)/\(name)" }
    public var stateFile: String { "\(path)/lab.json" }
    public var kubeconfig: String { "\(path)/kubeconfig" }
    public var controlKubeconfig: String { "\(path)/control.kubeconfig" }
    public var apiServer: String { "\(path)/apiserver" }
    public var logs: String { "\(path)/log" }
    public var socket: String { "\(runPath)/supervisor.sock" }
    public var lock: String { "\(runPath)/lock" }

    public func log(of component: String) -> String { "\(logs)/\(component).log" }

    /// What a node keeps on the disk.
    public func node(_ node: String) -> String { "\(path)/nodes/\(node)" }

    /// A directory of the node's own as it lies on the host: `place` is a path inside the node.
    public func node(_ node: String, _ place: String) -> String { "\(self.node(node))\(place)" }

    /// The lab's group of processes; nil where the kernel has no unified hierarchy.
    public func controlGroup() throws(LabFailure) -> ControlGroup? {
        let hierarchy = try doing("find the control groups") { () throws(SystemCallError) in
            try ControlGroup.hierarchy()
        }
        return hierarchy.map { ControlGroup(path: "\($0)/poplin-lab/\(name)") }
    }

    /// Files and sockets of labs are root's: nobody else can even see whether one is there.
    public static func requireRoot() throws(LabFailure) {
        guard geteuid() == 0 else {
            throw LabFailure("a lab is made of network namespaces and needs root", next: "sudo poplin lab ...")
        }
    }

    /// The labs of this machine, running or not.
    public static func names() -> [String] {
        let kept = (try? Directories.sortedList(root)) ?? []
        let running = (try? Directories.sortedList(runRoot)) ?? []
        return Set(kept + running).sorted()
    }
}
