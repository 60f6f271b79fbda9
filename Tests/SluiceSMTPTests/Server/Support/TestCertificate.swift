// SPDX-License-Identifier: Apache-2.0
import NIOSSL

/// A self-signed certificate for `mx.test`, made for these tests alone; its key is no secret.
enum TestCertificate {
    static func serverContext() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: Array(certificatePEM.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    }

    static func clientContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    private static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIBjzCCATWgAwIBAgIUMmjmuGO9YxevHn9Ff7UN5X+5dpUwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHbXgudGVzdDAgFw0yNjExMjQwNzQ3MjBaGA8yMTI2MTAzMTA3
        NDcyMFowEjEQMA4GA1UEAwwHbXgudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABEYxqTNYPzVOl/zF+YphFuvZOGe7HxyoK2vldiVUxs2jR1Gg7GOYB36LUBqM
        BEjfUHX+Ea9P2Hk7JUYnPQE/gHKjZzBlMB0GA1UdDgQWBBQf7VEofghNxt42mq0t
        mN1KbqyEGTAfBgNVHSMEGDAWgBQf7VEofghNxt42mq0tmN1KbqyEGTAPBgNVHRMB
        Af8EBTADAQH/MBIGA1UdEQQLMAmCB214LnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIh
        AIx+dJXWi53x/Xood8GErtAIEOFIG+itepum7jz5GDU4AiBsnIjR6mBTFBpagVT4
        fUWuT61g0T4pdITfGkpSjfmZMA==
        -----END CERTIFICATE-----
        """

    private static let keyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxSbwGjenbSiMYM9S
        rKfGBwewcie5pWW0SRl08PdRibahRANCAARGMakzWD81Tpf8xfmKYRbr2Thnux8c
        qCtr5XYlVMbNo0dRoOxjmAd+i1AajARI31B1/hGvT9h5OyVGJz0BP4By
        -----END PRIVATE KEY-----
        """
}
