import NIOPosix

/// Work that blocks, off the threads that tasks share.
enum BlockingThread {
    static func start(_ work: @escaping @Sendable () -> Void) {
        NIOThreadPool.singleton.submit { _ in work() }
    }
}
