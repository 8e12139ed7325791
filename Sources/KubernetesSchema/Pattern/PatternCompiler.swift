/// A tree to the program that ``Pattern`` walks.
struct PatternCompiler {
    private(set) var program: [Pattern.Instruction] = []

    /// Counted repetition is written out, so that `((a{1000}){1000})` must be refused: Go refuses it too.
    private static let sizeLimit = 20_000

    var finished: [Pattern.Instruction] { program + [.match] }

    mutating func compile(_ tree: PatternParser.Tree, of text: String) throws(Pattern.SyntaxError) {
        if program.count > Self.sizeLimit { throw Pattern.SyntaxError(code: .tooLarge, piece: text) }
        switch tree {
        case .empty: break
        case .scalar(let set): program.append(.scalar(set))
        case .assert(let assertion): program.append(.assert(assertion))
        case .sequence(let parts):
            for part in parts { try compile(part, of: text) }
        case .alternatives(let branches): try compileAlternatives(branches, of: text)
        case .repeated(let inside, let low, let high): try compileRepeated(inside, low, high, of: text)
        }
    }

    private mutating func compileAlternatives(
        _ branches: [PatternParser.Tree], of text: String
    ) throws(Pattern.SyntaxError) {
        var ends: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else {
                try compile(branch, of: text)
                break
            }
            let split = program.count
            program.append(.split(split + 1, 0))
            try compile(branch, of: text)
            ends.append(program.count)
            program.append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for end in ends { program[end] = .jump(program.count) }
    }

    private mutating func compileRepeated(
        _ inside: PatternParser.Tree, _ low: Int, _ high: Int?, of text: String
    ) throws(Pattern.SyntaxError) {
        for _ in 0..<low {
            try compile(inside, of: text)
            if program.count > Self.sizeLimit { throw Pattern.SyntaxError(code: .tooLarge, piece: text) }
        }
        guard let high else {
            let split = program.count
            program.append(.split(split + 1, 0))
            try compile(inside, of: text)
            program.append(.jump(split))
            program[split] = .split(split + 1, program.count)
            return
        }
        var splits: [Int] = []
        for _ in low..<max(low, high) {
            splits.append(program.count)
            program.append(.split(program.count + 1, 0))
            try compile(inside, of: text)
            if program.count > Self.sizeLimit { throw Pattern.SyntaxError(code: .tooLarge, piece: text) }
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }
}
