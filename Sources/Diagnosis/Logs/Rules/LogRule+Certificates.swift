/// Certificates: those who issue them, and those who cannot use them.
extension LogRule {
    /// Objects and programs that get certificates.
    private static let issuing = LogPattern.words(
        "cert-manager", "certmanager", "certificaterequest", "clusterissuer", " issuer", "issuernotfound", "acme",
        "letsencrypt", "let\"s encrypt", "managedcertificate", "order/", "certificate/", "challenge", " solver",
        "/solver",
        "certificatestatus", "domainstatus")

    static let certificates: [LogRule] = [
        LogRule(
            .certain, "ING-05",
            when: .words(
                "failednotvisible", "failedcaachecking", "failedcaaforbidden", "failedratelimited", "acme:error:")),
        LogRule(
            .likely, "ING-05", "ING-06",
            when: .all([
                issuing,
                .any([
                    .absent, .timeout,
                    .words(
                        "fail", "error", "invalid", "denied", "rate limit", "ratelimited", "not ready", "errored",
                        "is not set", "unable", "could not", "cannot", "no zones", "found no zones", "expired",
                        "from expiry", "unauthorized", "issuernotready"),
                ]),
                .not(
                    .words(
                        "webhook", "conversion", "level=info", "[info]", "secret does not exist", "is forbidden",
                        "exit code 0", "x509:", "object has been modified")),
            ]), needs: "the status of the Order and its Challenges"),
        LogRule(
            .possible, "ING-05", "ING-06",
            when: .all([
                .words("cert", "certificate"), .words("renew", "from expiry", "expires in", "about to expire"),
                .words("fail", "error", "should have", "unable", "overdue", "soon", "not "),
                .not(.words("kubelet", "kubeadm", "leader", "lease", "apiserver")),
            ]), needs: "the status of the Order and its Challenges"),
        // Who verifies has nothing to verify with.
        LogRule(
            .possible, "API-01", "ING-06", "WHK-01", "INS-01",
            when: .all([
                .words("ca bundle", "cabundle", "ca-bundle", "cafile", "root ca", "client ca", "trust bundle"),
                .any([.absent, .words("fail", "empty", "invalid", "error", "unable", "could not")]),
            ]), needs: "which ConfigMap or Secret holds the authority, and who should have written it"),
        // A key and a certificate that do not belong together, or are none.
        LogRule(
            .likely, "ING-06", "ING-05", "API-01",
            when: .any([
                .words(
                    "private key does not match", "key values mismatch", "no start line", "failed to find any pem",
                    "pem_read_bio", "bad end line", "no certificates configured", "asn1: structure error",
                    "asn1: syntax error", "x509: malformed", "ssl_ctx_use_privatekey", "too many certificates in"),
                .all([
                    .words("pem", "x509 keypair", "x509 key pair", "keypair", "tls.crt", "tls.key"),
                    .words(
                        "fail", "invalid", "mismatch", "not match", "no data", "unable", "error", "missing", "empty"),
                ]),
            ]), needs: "the Secret's certificate and key, side by side"),
        LogRule(
            .likely, "ING-06", "ING-07", "MSH-02", "ING-04",
            when: .words(
                "unrecognized_name", "unrecognized name", "unrecognised name", "ssl_error_bad_cert_domain",
                "err_cert_common_name", "ssl_error_unrecognized", "sec_error_", "no certificate found for",
                "no matching certificate", "err_ssl_unrecognized")),
        // TLS's own alerts: which of the two did not like what is often not said.
        LogRule(
            .possible, "ING-06", "MSH-02", "ING-04", "API-01", "WHK-01",
            when: .all([
                .any([
                    .words(
                        "bad certificate", "certificate required", "certificate unknown", "unknown certificate",
                        "handshake failure", "handshake_failure", "peer did not return a certificate",
                        "no peer certificate", "alert number", "sslv3 alert", "tlsv1 alert", "tlsv13 alert",
                        "err_ssl_", "ssl_error_", "remote error: tls", "sslhandshakeexception", "sslexception",
                        "certificate chain", "incompatible key usage", "sslerror", "schannel", "ssl routines",
                        "received fatal alert", "tls alert", "protocol version not supported"),
                    .all([.words("x509:"), .words("certificate", "cannot", "unknown")]),
                ]), .not(.any([.webhook, .words("wrong_version_number", "wrong version number")])),
            ]), needs: "what each side asks of the other: names, dates, a client's certificate, versions of TLS"),
    ]
}
