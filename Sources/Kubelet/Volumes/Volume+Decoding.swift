import JSONTree
import KubernetesModel

extension Volume {
    init(reading fields: FieldReader) throws(FieldError) {
        name = try fields.string("name") ?? ""
        source = try Self.source(fields)
    }

    private static func source(_ fields: FieldReader) throws(FieldError) -> Source {
        if let host = try fields.object("hostPath") {
            return .hostPath(path: try host.string("path") ?? "", type: try host.string("type") ?? "")
        }
        if let empty = try fields.object("emptyDir") {
            return .emptyDirectory(isMemory: try empty.string("medium") == "Memory")
        }
        if let map = try fields.object("configMap") {
            return .projected([try configMap(map)], mode: try map.int("defaultMode") ?? 0o644)
        }
        if let secret = try fields.object("secret") {
            // The volume has `secretName`, the projection `name`.
            let part = Projection.secret(
                name: try secret.string("secretName") ?? "", items: try items(secret),
                isOptional: try secret.bool("optional") ?? false)
            return .projected([part], mode: try secret.int("defaultMode") ?? 0o644)
        }
        if let downward = try fields.object("downwardAPI") {
            return .projected([try downwardPart(downward)], mode: try downward.int("defaultMode") ?? 0o644)
        }
        if let projected = try fields.object("projected") {
            var parts: [Projection] = []
            for source in try projected.objects("sources") {
                if let map = try source.object("configMap") { parts.append(try configMap(map)) }
                if let secret = try source.object("secret") {
                    parts.append(
                        .secret(
                            name: try secret.string("name") ?? "", items: try items(secret),
                            isOptional: try secret.bool("optional") ?? false))
                }
                if let downward = try source.object("downwardAPI") { parts.append(try downwardPart(downward)) }
                if let token = try source.object("serviceAccountToken") {
                    parts.append(
                        .token(
                            path: try token.string("path") ?? "token", audience: try token.string("audience") ?? "",
                            expirationSeconds: try token.int("expirationSeconds") ?? 3600))
                }
            }
            return .projected(parts, mode: try projected.int("defaultMode") ?? 0o644)
        }
        // An empty source is an emptyDir (the API's default).
        let kind = fields.node.members.first { $0.key != "name" && !$0.value.isNull }?.key
        return kind.map { .unsupported($0) } ?? .emptyDirectory(isMemory: false)
    }

    private static func configMap(_ map: FieldReader) throws(FieldError) -> Projection {
        .configMap(
            name: try map.string("name") ?? "", items: try items(map), isOptional: try map.bool("optional") ?? false)
    }

    private static func items(_ fields: FieldReader) throws(FieldError) -> [Item] {
        try fields.objects("items") { item throws(FieldError) in
            Item(key: try item.string("key") ?? "", path: try item.string("path") ?? "", mode: try item.int("mode"))
        }
    }

    private static func downwardPart(_ fields: FieldReader) throws(FieldError) -> Projection {
        .downward(
            try fields.objects("items") { item throws(FieldError) in
                (
                    path: try item.string("path") ?? "",
                    value: try ContainerPart.EnvironmentEntry.Value(reading: item), mode: try item.int("mode")
                )
            })
    }
}
