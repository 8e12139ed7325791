import CLinux

extension FileDescriptor {
    /// Writes all of `bytes` at `offset` and leaves the file position alone (pwrite(2)). What lies between the old end
    /// of the file and `offset` reads as zeros.
    public borrowing func writeAll(_ bytes: [UInt8], at offset: Int) throws(SystemCallError) {
        let number = rawValue
        var done = 0
        while done < bytes.count {
            done += try bytes.span.bytes.withUnsafeBytes { buffer throws(SystemCallError) in
                try retrying("pwrite") {
                    pwrite(number, buffer.baseAddress.map { $0 + done }, buffer.count - done, offset + done)
                }
            }
        }
    }

    /// At most `count` bytes from `offset`, fewer only at the end of the file; the file position stays (pread(2)).
    public borrowing func read(_ count: Int, at offset: Int) throws(SystemCallError) -> [UInt8] {
        let number = rawValue
        var failure: SystemCallError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(SystemCallError) {
                while initialized < count {
                    let rest = buffer.baseAddress.map { $0 + initialized }
                    let position = offset + initialized
                    let length = count - initialized
                    let got = try retrying("pread") { pread(number, rest, length, position) }
                    if got == 0 { break }
                    initialized += got
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
