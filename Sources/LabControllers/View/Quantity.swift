import JSONTree

/// An amount as pods and nodes write it: `100m`, `1.5`, `64Mi`, `1e3` (apimachinery, api/resource). Kept in thousandths,
/// fractions of them rounded up, as the scheduler counts.
struct Quantity: Hashable {
    let milli: Int64

    var whole: Int64 { milli / 1000 + (milli % 1000 > 0 ? 1 : 0) }

    init?(_ node: JSONNode) {
        guard let text = node.string ?? node.numberText else { return nil }
        self.init(text)
    }

    init?(_ text: String) {
        let number = text.prefix { "+-.0123456789".contains($0) }
        let suffix = text.dropFirst(number.count)
        guard let value = Double(number) else { return nil }
        let factor: Double
        switch suffix {
        case "": factor = 1
        case "n": factor = 1e-9
        case "u": factor = 1e-6
        case "m": factor = 1e-3
        case "k": factor = 1e3
        case "M": factor = 1e6
        case "G": factor = 1e9
        case "T": factor = 1e12
        case "P": factor = 1e15
        case "E": factor = 1e18
        case "Ki": factor = 1024
        case "Mi": factor = 1_048_576
        case "Gi": factor = 1_073_741_824
        case "Ti": factor = 1_099_511_627_776
        case "Pi": factor = 1_125_899_906_842_624
        case "Ei": factor = 1_152_921_504_606_846_976
        default:
            guard suffix.first == "e" || suffix.first == "E", let exponent = Double("1e" + suffix.dropFirst()) else {
                return nil
            }
            factor = exponent
        }
        let milli = (value * factor * 1000).rounded(.up)
        // What does not fit is more than anything there is.
        self.milli = milli >= 9e18 ? Int64.max : milli <= -9e18 ? Int64.min : Int64(milli)
    }
}
