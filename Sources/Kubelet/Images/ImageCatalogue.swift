/// What runs when a pod names an image. There are no images here: a name means the lab's own program, one of its
/// built-in workloads, or a command on the node's root file system. Pure.
///
/// The last component of the name counts, without tag and digest, whichever registry stands before it.
struct ImageCatalogue: Sendable {
    /// The `poplin` program.
    var program: String
    /// Whether the node has this program, and where: `PATH` searched.
    var find: @Sendable (_ command: String, _ path: String) -> String?

    struct Command: Sendable, Hashable {
        var executable: String
        /// With `argv[0]`.
        var arguments: [String]
        /// Directories before the container's PATH.
        var searched: [String] = []
    }

    /// Why nothing can be run: `ErrImagePull`, or `StartError` for a command that is not there.
    struct Refusal: Error, Hashable, Sendable {
        var reason: String
        var message: String
    }

    static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Images whose program is one of the built-in workloads, and which one.
    static let workloads: [String: [String]] = [
        "nginx": ["http", "--server", "nginx", "--port", "80"],
        "nginx-unprivileged": ["http", "--server", "nginx", "--port", "8080"],
        "httpd": ["http", "--server", "httpd", "--port", "80"],
        "apache": ["http", "--server", "httpd", "--port", "80"],
        "whoami": ["http", "--port", "80"],
        "http-echo": ["http", "--port", "5678"],
        "echoserver": ["http", "--port", "8080"],
        "hello-app": ["http", "--port", "8080"],
        "pause": ["pause"],
        "poplin-workload": [],
        "agnhost": ["agnhost"],
        "netexec": ["agnhost", "netexec"],
        "serve_hostname": ["agnhost", "serve-hostname"],
    ]

    /// Images that are a shell with tools: their commands are the node's.
    static let systems: Set = [
        "busybox", "alpine", "debian", "ubuntu", "fedora", "centos", "bash", "curl", "netshoot", "toolbox", "host",
        "buildpack-deps", "python", "iperf3",
    ]

    /// `registry:5000/library/nginx:1.27@sha256:...` is `nginx`.
    static func name(of image: String) -> String {
        let last = image.split(separator: "@").first?.split(separator: "/").last.map(String.init) ?? image
        return String(last.prefix { $0 != ":" })
    }

    /// - Parameters:
    ///   - command: the container's `command`, expanded: takes the place of what the image would run.
    ///   - arguments: its `args`.
    func command(
        image: String, command: [String], arguments: [String], path: String = standardPath
    ) throws(Refusal) -> Command {
        let name = Self.name(of: image)
        if name == "poplin" { return try own(command, arguments, path) }
        if name == "host", command.isEmpty, arguments.isEmpty, let colon = image.firstIndex(of: ":") {
            let text = String(image[image.index(after: colon)...])
            return try found(["sh", "-c", text], path)
        }
        if let workload = Self.workloads[name] {
            if !command.isEmpty { return try system(name, command + arguments, path) }
            return workloadCommand(name, workload, arguments)
        }
        if Self.systems.contains(name) {
            let words = command + arguments
            return try system(name, words.isEmpty ? ["sh"] : words, path)
        }
        throw Refusal(
            reason: "ErrImagePull",
            message: "image \"\(image)\" is not one this lab can run: it has no registry. Possible are "
                + "\((Self.workloads.keys.sorted() + ["poplin"]).joined(separator: ", ")) (built in), "
                + "\(Self.systems.sorted().joined(separator: ", ")) (commands of the node), and host:COMMAND")
    }

    /// `poplin` itself, also when the command names it by a path of its real image.
    private func own(_ command: [String], _ arguments: [String], _ path: String) throws(Refusal) -> Command {
        let directory = String(program.prefix(upTo: program.lastIndex(of: "/") ?? program.startIndex))
        guard let first = command.first else {
            return Command(executable: program, arguments: ["poplin"] + arguments, searched: [directory])
        }
        let base = first.split(separator: "/").last.map(String.init) ?? first
        if base == "poplin" {
            return Command(
                executable: program, arguments: ["poplin"] + command.dropFirst() + arguments, searched: [directory])
        }
        if base == "poplin-cni" {
            return Command(
                executable: "\(directory)/poplin-cni", arguments: command + arguments, searched: [directory])
        }
        var found = try found(command + arguments, "\(directory):\(path)")
        found.searched = [directory]
        return found
    }

    private func workloadCommand(_ name: String, _ workload: [String], _ arguments: [String]) -> Command {
        // Servers of others take options of theirs, which mean nothing here; ours and agnhost's are ours to read.
        let isOurs = name == "poplin-workload" || name == "agnhost" || workload.first == "agnhost"
        let words = workload + (isOurs ? arguments : [])
        return Command(executable: program, arguments: ["poplin", "lab", "workload"] + words)
    }

    /// A command in an image with a shell. Busybox is all its applets.
    private func system(_ name: String, _ words: [String], _ path: String) throws(Refusal) -> Command {
        if name == "busybox" || name == "alpine", let first = words.first, let busybox = find("busybox", path) {
            let base = first.split(separator: "/").last.map(String.init) ?? first
            let isApplet = first == base || first == "/bin/\(base)" || first == "/usr/bin/\(base)"
            if isApplet, Self.applets.contains(base) {
                return Command(executable: busybox, arguments: [base] + words.dropFirst())
            }
        }
        return try found(words, path)
    }

    private func found(_ words: [String], _ path: String) throws(Refusal) -> Command {
        guard let first = words.first else { throw Refusal(reason: "StartError", message: "there is no command") }
        if first.contains("/") { return Command(executable: first, arguments: words) }
        guard let executable = find(first, path) else {
            throw Refusal(
                reason: "StartError",
                message: "exec: \"\(first)\": executable file not found in $PATH (the node's root file system has "
                    + "none in \(path))")
        }
        return Command(executable: executable, arguments: words)
    }

    /// Commands that a busybox image has and a node may have otherwise: busybox's own are taken.
    static let applets: Set = [
        "sh", "ash", "wget", "nc", "ping", "ping6", "nslookup", "httpd", "telnet", "traceroute", "vi", "sleep", "true",
        "false", "echo", "cat", "ls", "hostname", "ip", "ifconfig", "route", "netstat", "top", "ps", "seq", "yes",
        "env",
        "date", "dd", "head", "tail", "grep", "sed", "awk", "sort", "uniq", "wc", "touch", "mkdir", "rm", "cp", "mv",
    ]
}
