/// How a message of Kubernetes numbers its fields. What a field holds is not said here: that is the schema's.
struct ProtobufMessage: Sendable {
    /// Values that JSON writes in several shapes, and protobuf as a message of alternatives (JSONSchemaPropsOrArray,
    /// JSONSchemaPropsOrBool, JSONSchemaPropsOrStringArray of apiextensions).
    enum Alternatives: String, Sendable {
        case array = "OrArray"
        case bool = "OrBool"
        case strings = "OrStrings"
    }

    struct Field: Sendable {
        var name: String
        /// A pointer in Go: on the wire only when it is set, and then an empty value means something. Other fields
        /// are always on the wire, and empty means absent.
        var isOptional = false
        /// A struct embedded in Go: a message of its own on the wire, whose fields stand in the outer object in JSON.
        var isInline = false
        var alternatives: Alternatives?
    }

    private(set) var fields: [Int: Field] = [:]

    /// In the notation of ``ProtobufNumbers``.
    init(_ words: some Sequence<Substring>) {
        var number = 0
        for word in words {
            if let next = Int(word) {
                number = next - 1
                continue
            }
            number += 1
            var word = word
            var field = Field(name: "")
            if word.hasPrefix("<") {
                field.isInline = true
                word = word.dropFirst()
            }
            if word.hasSuffix("?") {
                field.isOptional = true
                word = word.dropLast()
            }
            if let cut = word.firstIndex(of: "=") {
                field.alternatives = Alternatives(rawValue: String(word[word.index(after: cut)...]))
                word = word[..<cut]
            }
            field.name = String(word)
            fields[number] = field
        }
    }
}

/// The field numbers of every definition in the schemas, as in the `generated.proto` files of Kubernetes 1.33. Fields
/// that are younger have none: an object that has them is read without them, and the client is told.
///
///     PodOS name                      the definition, then its fields from number 1 on
///     JobSpec parallelism? 4 selector?   a number is the next field's; `?` is a pointer in Go
///     Volume name <VolumeSource       an embedded struct
///
/// A line that begins with a blank continues the one before.
enum ProtobufNumbers {
    static func message(_ definition: String) -> ProtobufMessage? { table[definition] }

    static let table: [String: ProtobufMessage] = {
        var table: [String: ProtobufMessage] = [:]
        var words: [Substring] = []
        func close() {
            guard let name = words.first else { return }
            table[String(name)] = ProtobufMessage(words.dropFirst())
        }
        for text in [pods, core, cluster] {
            for line in text.split(separator: "\n") {
                if !line.hasPrefix(" ") {
                    close()
                    words = []
                }
                words += line.split(separator: " ")
            }
        }
        close()
        return table
    }()
}
