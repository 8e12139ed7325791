/// Which names say that what they name is secret.
public enum SecretName {
    /// Members of objects (`spec.password` of a MetalLB BGPPeer, `data.db-password` of a ConfigMap) whose text is the
    /// secret itself. `secretName` and `auth-secret` are names of Secrets.
    public static func holdsSecret(_ key: String) -> Bool {
        let word = key.uppercased().filter { $0.isLetter || $0.isNumber }
        return [
            "PASSWORD", "PASSWD", "PASSPHRASE", "PRIVATEKEY", "PRESHAREDKEY", "PSK", "CLIENTSECRET", "SECRETKEY",
            "SECRETACCESSKEY", "APIKEY", "BEARERTOKEN", "ACCESSTOKEN", "REFRESHTOKEN", "AUTHTOKEN",
            "IDENTITYTOKEN", "ACCOUNTKEY", "ACCESSKEY",
        ].contains { word.hasSuffix($0) }
    }

    /// `example.com/api-token` among annotations, `token` of a ConfigMap. In a line of a log `token: expired` is evidence.
    public static func isToken(_ key: String) -> Bool { key.lowercased().hasSuffix("token") }

    /// Of environment variables more goes: nothing of the network is read from those of these names.
    public static func isSecretVariable(_ name: String) -> Bool {
        let upper = name.uppercased().replacing("-", with: "_")
        if isSecretName(name) || holdsSecret(name) { return true }
        return ["_PASS", "_PWD", "_KEY", "_DSN", "_AUTH", "_CREDENTIALS", "_SALT", "_COOKIE"].contains {
            upper.hasSuffix($0)
        } || ["CONNECTION_STRING", "ENCRYPTION_KEY", "SIGNING"].contains { upper.contains($0) }
    }

    /// Names of environment variables and of keys as people give them to what is secret.
    public static func isSecretName(_ name: String) -> Bool {
        let upper = name.uppercased().replacing("-", with: "_")
        return [
            "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY",
            "PRIVATEKEY", "PRESHAREDKEY", "PRESHARED_KEY", "CREDENTIAL",
        ].contains { upper.contains($0) }
            // Where a secret lies is none.
            && !["FILE", "PATH", "NAME", "DIR", "REF", "KIND"].contains { upper.hasSuffix($0) }
    }
}
