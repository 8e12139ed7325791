/// A quantity of resources (`quantity("1.5Gi")`), exactly: decimal digits and how many of them stand behind the point.
///
/// As apimachinery's resource.Quantity: parts of a thousand-millionth are rounded away from zero, and what is written with a
/// binary suffix is at most 2^63-1.
struct RuleQuantity: Hashable, Sendable {
    private var isNegative = false
    /// From the least significant on, without zeros at the upper end; none is 0.
    private var digits: [UInt8] = []
    /// How many of the digits are behind the point; never negative.
    private var scale = 0

    /// Exponents beyond this are refused: a rule is no place for a number of ten thousand digits.
    private static let largestExponent = 4096

    init(_ value: Int64) {
        isNegative = value < 0
        var rest = value.magnitude
        while rest > 0 {
            digits.append(UInt8(rest % 10))
            rest /= 10
        }
    }

    /// Nil for what is no quantity.
    init?(_ text: String) {
        guard StringFormat.isQuantity(text) else { return nil }
        var rest = Substring(text)
        if let sign = rest.first, sign == "+" || sign == "-" {
            isNegative = sign == "-"
            rest = rest.dropFirst()
        }
        let number = rest.prefix { $0.isNumber || $0 == "." }
        let suffix = rest.dropFirst(number.count)
        for character in number where character != "." { digits.append(UInt8(character.wholeNumberValue ?? 0)) }
        digits.reverse()
        scale = number.firstIndex(of: ".").map { number.distance(from: $0, to: number.endIndex) - 1 } ?? 0
        let isBinary = suffix.hasSuffix("i")
        if isBinary {
            guard let power = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].firstIndex(of: String(suffix)) else { return nil }
            for _ in 0...power { multiply(by: 1024) }
        } else {
            guard let exponent = Self.exponent(suffix), abs(exponent) <= Self.largestExponent else { return nil }
            shift(by: exponent)
        }
        normalise()
        roundUp(places: 9)
        let most = RuleQuantity(.max)
        if isBinary, magnitude.order(to: most) > 0 {
            let wasNegative = isNegative
            self = most
            isNegative = wasNegative
        }
    }

    private static func exponent(_ suffix: Substring) -> Int? {
        switch suffix {
        case "": return 0
        case "n": return -9
        case "u": return -6
        case "m": return -3
        case "k": return 3
        case "M": return 6
        case "G": return 9
        case "T": return 12
        case "P": return 15
        case "E": return 18
        default: return Int(suffix.dropFirst())
        }
    }

    // MARK: What rules ask

    /// -1, 0 or 1.
    var sign: Int64 { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    /// Nil when it is none, or none of 64 bits.
    var integer: Int64? {
        if scale > 0 { return nil }
        var value: Int64 = 0
        for digit in digits.reversed() {
            let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (next, isStillTooLarge) = tenfold.subtractingReportingOverflow(Int64(digit))
            if isTooLarge || isStillTooLarge { return nil }
            value = next
        }
        // Counted downwards, because the smallest number has no counterpart above.
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    var approximation: Double {
        let text = digits.reversed().map { String($0) }.joined()
        return Double("\(isNegative ? "-" : "")\(text.isEmpty ? "0" : text)e-\(scale)") ?? .nan
    }

    /// Below, at or above 0.
    func order(to other: RuleQuantity) -> Int { Int((self - other).sign) }

    static func + (left: RuleQuantity, right: RuleQuantity) -> RuleQuantity {
        var (left, right) = (left, right)
        let scale = max(left.scale, right.scale)
        left.extend(to: scale)
        right.extend(to: scale)
        if left.isNegative == right.isNegative {
            left.digits = sum(left.digits, right.digits)
        } else {
            let isLarger = !isLess(left.digits, right.digits)
            let sign = isLarger ? left.isNegative : right.isNegative
            left.digits = isLarger ? difference(left.digits, right.digits) : difference(right.digits, left.digits)
            left.isNegative = sign
        }
        left.normalise()
        return left
    }

    static func - (left: RuleQuantity, right: RuleQuantity) -> RuleQuantity {
        var right = right
        right.isNegative.toggle()
        return left + right
    }

    // MARK: Digits

    private var magnitude: RuleQuantity {
        var value = self
        value.isNegative = false
        return value
    }

    private mutating func multiply(by factor: Int) {
        var carry = 0
        for index in digits.indices {
            carry += Int(digits[index]) * factor
            digits[index] = UInt8(carry % 10)
            carry /= 10
        }
        while carry > 0 {
            digits.append(UInt8(carry % 10))
            carry /= 10
        }
    }

    /// Moves the point to the right, or with a negative number to the left.
    private mutating func shift(by places: Int) {
        scale -= places
        if scale < 0 {
            digits.insert(contentsOf: repeatElement(0, count: -scale), at: 0)
            scale = 0
        }
    }

    private mutating func extend(to scale: Int) {
        digits.insert(contentsOf: repeatElement(0, count: scale - self.scale), at: 0)
        self.scale = scale
    }

    private mutating func normalise() {
        while digits.last == 0 { digits.removeLast() }
        let zeros = min(scale, digits.prefix { $0 == 0 }.count)
        digits.removeFirst(zeros)
        scale -= zeros
        if digits.isEmpty { (scale, isNegative) = (0, false) }
    }

    private mutating func roundUp(places: Int) {
        guard scale > places else { return }
        let lost = digits.prefix(scale - places)
        let isLost = lost.contains { $0 != 0 }
        digits = Array(digits.dropFirst(scale - places))
        scale = places
        if isLost { digits = Self.sum(digits, [1]) }
        normalise()
    }

    private static func isLess(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        for place in (0..<max(left.count, right.count)).reversed() {
            let (first, second) = (digit(left, place), digit(right, place))
            if first != second { return first < second }
        }
        return false
    }

    private static func digit(_ digits: [UInt8], _ place: Int) -> UInt8 { place < digits.count ? digits[place] : 0 }

    private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var sum: [UInt8] = []
        var carry: UInt8 = 0
        for place in 0..<max(left.count, right.count) {
            let value = digit(left, place) + digit(right, place) + carry
            sum.append(value % 10)
            carry = value / 10
        }
        return carry > 0 ? sum + [carry] : sum
    }

    /// `left` is not below `right`.
    private static func difference(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var difference: [UInt8] = []
        var borrowed: UInt8 = 0
        for place in left.indices {
            let (from, taken) = (left[place], digit(right, place) + borrowed)
            borrowed = from < taken ? 1 : 0
            difference.append(from + 10 * borrowed - taken)
        }
        return difference
    }
}
