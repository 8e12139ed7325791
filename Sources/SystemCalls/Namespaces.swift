import CLinux

/// Namespace system calls. They change the calling *thread*: never await between entering and going back, or
/// unrelated tasks that the runtime puts on this thread find themselves in the wrong namespace.
public enum Namespaces {
    /// Moves the calling thread into the namespace behind `descriptor`, which must be of `kind` (`CLONE_NEW...`;
    /// 0 accepts any) (setns(2)).
    public static func enter(_ descriptor: borrowing FileDescriptor, kind: Int32) throws(SystemCallError) {
        let number = descriptor.rawValue
        try retrying("setns") { setns(number, kind) }
    }

    /// Gives the calling thread new namespaces (`CLONE_NEW...` flags) (unshare(2)).
    public static func unshare(_ flags: Int32) throws(SystemCallError) {
        try retrying("unshare") { CLinux.unshare(flags) }
    }
}
