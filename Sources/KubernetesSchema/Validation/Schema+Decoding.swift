import JSONTree

/// A value of a built-in kind that Go could not read into its struct. The API server answers 400 with this text.
public struct DecodingMistake: Error, Hashable, Sendable, CustomStringConvertible {
    /// Such as `spec.ports[0].port`.
    public let path: String
    public let description: String
}

extension Schema {
    /// The first place where a built-in kind's object has a value of the wrong type, in the words of Go's decoder.
    ///
    /// - Parameter kind: the name of the struct at the root.
    public func decodingMistake(in value: JSONValue, kind: String) -> DecodingMistake? {
        mistake(in: value, structName: kind, fieldName: "", path: FieldPath(), names: "")
    }

    /// - Parameters:
    ///   - structName: the innermost struct, and
    ///   - fieldName: the member of it the value is, or is inside of.
    ///   - names: the path of members without list positions, as Go prints it.
    private func mistake(
        in value: JSONValue, structName: String, fieldName: String, path: FieldPath, names: String
    ) -> DecodingMistake? {
        if value.isNull { return nil }
        func wrong(_ found: String, _ type: String) -> DecodingMistake {
            let place = names.isEmpty ? "Go value" : "Go struct field \(structName).\(names)"
            return DecodingMistake(
                path: path.text, description: "json: cannot unmarshal \(found) into \(place) of type \(type)")
        }
        let found = Self.goName(of: value)
        switch (kind, value.kind) {
        case (.any, _), (.boolean, .bool): return nil
        case (.intOrString, .number), (.intOrString, .string): break
        case (.string, .string): return textMistake(value.stringValue ?? "", path)
        case (.string, .number) where format == "quantity": return nil
        case (.number, .number): return nil
        case (.integer, .number):
            let isInside = value.intValue.map { format != "int32" || Int32(exactly: $0) != nil } ?? false
            return isInside ? nil : wrong("number \(value.text)", goType)
        case (.array, .array):
            guard let items else { return nil }
            let inner = items.definitionName.map(Self.lastName)
            for (index, element) in value.elements.enumerated() {
                let mistake = items.mistake(
                    in: element, structName: inner ?? structName, fieldName: fieldName, path: path.element(index),
                    names: names)
                if let mistake { return mistake }
            }
            return nil
        case (.object, .object):
            let inner = definitionName.map(Self.lastName) ?? structName
            for member in value.members {
                let property = property(member.key)
                guard let child = property?.schema ?? additionalProperties else { continue }
                // Go names the field that holds the map, not the key.
                let inside =
                    property == nil ? names : names.isEmpty ? member.key : "\(names).\(member.key)"
                let mistake = child.mistake(
                    in: member.value, structName: inner, fieldName: member.key, path: path.field(member.key),
                    names: inside)
                if let mistake { return mistake }
            }
            return nil
        default: return wrong(found, goType)
        }
        return nil
    }

    /// Times, quantities and bytes have decoders of their own.
    private func textMistake(_ text: String, _ path: FieldPath) -> DecodingMistake? {
        guard let format, StringFormat.holds(format, for: text) == false else { return nil }
        let quoted = JSONValue.string(text).text
        switch format {
        case "quantity":
            return DecodingMistake(
                path: path.text,
                description: "quantities must match the regular expression "
                    + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
        case "date-time", "date-time-micro":
            return DecodingMistake(
                path: path.text, description: "parsing time \(quoted) as \"2006-01-02T15:04:05Z07:00\": cannot parse")
        case "byte":
            return DecodingMistake(path: path.text, description: "illegal base64 data in \(path)")
        default: return nil
        }
    }

    private static func lastName(_ name: String) -> String {
        name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
    }

    private static func goName(of value: JSONValue) -> String {
        switch value.kind {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The type the API's Go structs have here, as far as the decoder's message shows it.
    private var goType: String {
        switch kind {
        case .any: return "interface {}"
        case .string: return format == "byte" ? "[]uint8" : "string"
        case .integer: return format == "int32" ? "int32" : "int64"
        case .number: return "float64"
        case .boolean: return "bool"
        case .intOrString: return "intstr.IntOrString"
        case .array: return "[]" + (items?.goType ?? "interface {}")
        case .object:
            if let additionalProperties { return "map[string]" + additionalProperties.goType }
            guard let definitionName else { return "map[string]interface {}" }
            let name = Self.lastName(definitionName)
            let package = BuiltinSchemas.library.qualifiedName(of: definitionName).split(separator: ".")
            return package.count > 1 ? "\(package[package.count - 2]).\(name)" : name
        }
    }
}
