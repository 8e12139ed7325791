import CLinux
import SystemCalls

/// A child that is put into namespaces, given its mounts and its root before it becomes another program: the system
/// calls it makes on its way, in order, each with a name for the error.
///
/// What posix_spawn(3) cannot do; ``ChildProcess`` is for everything else. Between the clone and the exec the child has
/// a copy of this process's memory and runs nothing but the calls that were noted here.
public struct SpawnSteps: ~Copyable {
    private var steps: [clinux_step] = []
    private var names: [(operation: String, subject: String?)] = []
    private var texts: [UnsafeMutablePointer<CChar>] = []
    private var lists: [UnsafeMutablePointer<UInt32>] = []

    public init() {}

    deinit {
        for text in texts { free(text) }
        for list in lists { list.deallocate() }
    }

    /// - Parameter isOptional: a refusal does not matter.
    public mutating func call(
        _ operation: String, _ number: Int32, _ arguments: [UInt], on subject: String? = nil, isOptional: Bool = false
    ) {
        var step = clinux_step()
        step.number = Int(number)
        step.sink = isOptional ? 1 : 0
        let padded = arguments + [UInt](repeating: 0, count: max(0, 6 - arguments.count))
        step.arguments = (padded[0], padded[1], padded[2], padded[3], padded[4], padded[5])
        steps.append(step)
        names.append((operation, subject))
    }

    /// The address of a copy of the text that lives as long as this value; 0 for nil.
    public mutating func text(_ text: String?) -> UInt {
        guard let text, let copy = strdup(text) else { return 0 }
        texts.append(copy)
        return UInt(bitPattern: copy)
    }

    /// As ``text(_:)``, of numbers (setgroups(2)).
    public mutating func numbers(_ numbers: [UInt32]) -> UInt {
        let copy = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, numbers.count))
        for (index, number) in numbers.enumerated() { copy[index] = number }
        lists.append(copy)
        return UInt(bitPattern: copy)
    }

    public mutating func mount(
        _ source: String?, _ target: String, type: String? = nil, flags: Int = 0, data: String? = nil,
        isOptional: Bool = false
    ) {
        let arguments = [text(source), text(target), text(type), UInt(flags), text(data)]
        call("mount", SYS_mount, arguments, on: target, isOptional: isOptional)
    }

    /// Enters a namespace; the descriptor must stay open until the start.
    public mutating func enter(_ descriptor: Int32, kind: Int32, _ subject: String) {
        call("setns", SYS_setns, [UInt(descriptor), UInt(kind)], on: subject)
    }

    public mutating func changeDirectory(_ path: String) { call("chdir", SYS_chdir, [text(path)], on: path) }

    /// Makes the directory `path`, which must be a mount point, the root of everything, and lets the old one go. The
    /// mounts must not be shared (pivot_root(2), "pivot_root(".", ".")").
    public mutating func makeRoot(_ path: String) {
        changeDirectory(path)
        let here = text(".")
        call("pivot_root", SYS_pivot_root, [here, here], on: path)
        call("umount2", SYS_umount2, [here, UInt(MNT_DETACH)], on: "the old root")
        changeDirectory("/")
    }

    public mutating func setHostName(_ name: String) {
        call("sethostname", SYS_sethostname, [text(name), UInt(name.utf8.count)], on: name)
    }

    /// Joins the cgroup whose open `cgroup.procs` this is.
    public mutating func joinGroup(_ descriptor: Int32, isOptional: Bool) {
        call("write cgroup.procs", SYS_write, [UInt(descriptor), text("0"), 1], isOptional: isOptional)
    }

    /// Makes `descriptor` number `number`, without close-on-exec.
    public mutating func place(_ descriptor: Int32, at number: Int32) {
        guard descriptor != number else {
            call("fcntl", SYS_fcntl, [UInt(descriptor), UInt(F_SETFD), 0])
            return
        }
        call("dup3", SYS_dup3, [UInt(descriptor), UInt(number), 0])
    }

    /// Every descriptor from 3 on (close_range(2), Linux 5.9).
    public mutating func closeOthers() { call("close_range", 436, [3, UInt(UInt32.max), 0]) }

    /// Starts the child and waits until it has become `executable`, or could not.
    ///
    /// - Parameter flags: CLONE_NEW... of the child; 0 for the caller's namespaces.
    public borrowing func start(
        _ executable: String, _ arguments: [String], environment: [String], flags: Int32 = 0
    ) throws(SystemCallError) -> pid_t {
        let size = 2 * MemoryLayout<Int32>.size
        let shared = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
        guard let shared, UInt(bitPattern: shared) != UInt.max else { throw SystemCallError("mmap", .current) }
        defer { munmap(shared, size) }
        let failure = shared.bindMemory(to: Int32.self, capacity: 2)
        let argumentCopies = arguments.map { strdup($0) } + [nil]
        let environmentCopies = environment.map { strdup($0) } + [nil]
        defer { for copy in argumentCopies + environmentCopies { free(copy) } }
        let count = Int32(steps.count)
        let child = steps.withUnsafeBufferPointer { steps in
            argumentCopies.withUnsafeBufferPointer { arguments in
                environmentCopies.withUnsafeBufferPointer { environment in
                    clinux_spawn(
                        UInt(flags), steps.baseAddress, count, executable, arguments.baseAddress,
                        environment.baseAddress, failure)
                }
            }
        }
        guard child > 0 else { throw SystemCallError("clone", .current) }
        guard failure[0] == 0 else {
            var status: Int32 = 0
            while waitpid(child, &status, 0) == -1, clinux_errno() == EINTR {}
            let errno = Errno(rawValue: failure[1])
            guard failure[0] <= count else { throw SystemCallError("execve", errno, on: executable) }
            let name = names[Int(failure[0]) - 1]
            throw SystemCallError(name.operation, errno, on: name.subject)
        }
        return child
    }
}
