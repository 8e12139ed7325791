/// What `ls -l` prints of a folder.
struct FolderListing {
    struct Line {
        /// Without the folder.
        var name: String
        /// `file`, `directory`, `link`, as ``MachineFile`` has them.
        var type: String
        /// Permission bits.
        var mode: UInt32
        /// Bytes.
        var size: Int64
        /// Of a link.
        var target: String?
    }

    /// Absolute path.
    let folder: String
    let lines: [Line]

    /// Every folder of `ls -lR` or of several arguments, each below its name; the only one by the name of the file the
    /// answer was kept in. Nothing for text of another form and for folders nobody names.
    static func all(_ text: String, named name: String) -> [FolderListing] {
        var found: [FolderListing] = []
        var folder = Self.folder(ofName: name)
        var lines: [Line] = []
        var isListing = false
        func close() {
            if let folder, isListing { found.append(FolderListing(folder: folder, lines: lines)) }
            lines = []
            isListing = false
        }
        for raw in text.split(whereSeparator: \.isNewline) {
            let line = raw.last == "\r" ? raw.dropLast() : raw
            if line.hasPrefix("/"), line.hasSuffix(":"), !line.contains(" ") {
                close()
                let path = line.dropLast()
                folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : String(path)
            } else if line.hasPrefix("total "), Int(line.dropFirst(6)) != nil {
                isListing = true
            } else if let entry = Self.line(line) {
                isListing = true
                if entry.name != ".", entry.name != ".." { lines.append(entry) }
            } else {
                // A shell's prompt and what was typed may stand before.
                if isListing { return [] }
                if let typed = line.split(separator: " ").last, line.contains("ls "), typed.hasPrefix("/") {
                    folder = typed.hasSuffix("/") ? String(typed.dropLast()) : String(typed)
                }
            }
        }
        close()
        return found
    }

    /// `-rwxr-xr-x. 1 root root 4016001 Nov  2 09:14 bridge`, with the label of SELinux before the size where there is one.
    private static func line(_ text: Substring) -> Line? {
        var words = text.split(separator: " ")[...]
        guard let first = words.popFirst(), let (type, mode) = mode(first), words.count >= 6 else { return nil }
        guard words.popFirst().flatMap({ Int($0) }) != nil else { return nil }
        words = words.dropFirst(2)
        if let label = words.first, label.split(separator: ":").count >= 3, Int64(label) == nil { words.removeFirst() }
        guard let size = words.popFirst().flatMap({ Int64($0) }), let day = words.popFirst() else { return nil }
        // `Nov  2 09:14`, `2024-11-02 09:14`, `2024-11-02 09:14:01.000000000 +0000`.
        words = words.dropFirst(day.first?.isNumber ?? false ? 1 : 2)
        if let zone = words.first, zone.count == 5, zone.first == "+" || zone.first == "-", Int(zone) != nil {
            words.removeFirst()
        }
        let parts = words.joined(separator: " ").split(separator: " -> ", maxSplits: 1)
        guard let name = parts.first else { return nil }
        return Line(
            name: String(name), type: type, mode: mode, size: size,
            target: type == "link" && parts.count == 2 ? String(parts[1]) : nil)
    }

    private static func mode(_ word: Substring) -> (type: String, mode: UInt32)? {
        let letters = Array(word)
        guard letters.count == 10 || letters.count == 11 && ".+@".contains(letters[10]) else { return nil }
        guard let type = ["-": "file", "d": "directory", "l": "link"][String(letters[0])] else { return nil }
        var mode: UInt32 = 0
        for letter in letters[1...9] {
            guard "rwxsStT-".contains(letter) else { return nil }
            // A capital letter is a special bit without the right to execute.
            mode = mode << 1 | ("-ST".contains(letter) ? 0 : 1)
        }
        return (type, mode)
    }

    /// `opt-cni-bin.txt`, `ls_-l_etc_cni_net.d`: the two folders everybody lists.
    private static func folder(ofName name: String) -> String? {
        let letters = name.lowercased().filter(\.isLetter)
        if letters.contains("optcnibin") || letters.hasPrefix("cnibin") { return "/opt/cni/bin" }
        if letters.contains("etccninet") || letters.hasPrefix("cninetd") { return "/etc/cni/net.d" }
        return nil
    }
}
