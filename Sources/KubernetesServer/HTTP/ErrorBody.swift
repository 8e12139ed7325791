import JSONTree

/// A `Status` for what fails below the API's own layers.
enum ErrorBody {
    static func response(_ code: Int, _ reason: String, _ message: String) -> ServerResponse {
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "reason": .string(reason), "code": .int(Int64(code)),
        ]
        return .json(Array(status.serialized()) + [UInt8(ascii: "\n")], status: code)
    }
}
