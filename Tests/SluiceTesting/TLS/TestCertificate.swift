// SPDX-License-Identifier: Apache-2.0
import Foundation
package import NIOSSL

/// A certificate for `mx.test`, made for these tests alone; its key is no secret.
package enum TestCertificate {
    package static func clientContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    /// Writes `mx.pem` and `mx.key`, which only we may read, to a folder.
    package static func write(toFolder path: String) throws {
        for (name, text) in [("mx.pem", certificate), ("mx.key", key)] {
            let file = path + "/" + name
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        }
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBkDCCATWgAwIBAgIUL04fyixuEezmH+Fq8IC+6yGkP/cwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHbXgudGVzdDAgFw0yNjExMjQwODM3MTRaGA8yMTI2MTAzMTA4
        MzcxNFowEjEQMA4GA1UEAwwHbXgudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABDE1lOuCY0aPKXaBKtX+87KGcfsPzdQcQaqfZxVcHT/OKfnERa0JyUChW8X4
        nR7prNapJOzRo1el3F7V7/tipFijZzBlMB0GA1UdDgQWBBRKX45/B4KXfAzcBU8U
        dFhDZ3gDJzAfBgNVHSMEGDAWgBRKX45/B4KXfAzcBU8UdFhDZ3gDJzAPBgNVHRMB
        Af8EBTADAQH/MBIGA1UdEQQLMAmCB214LnRlc3QwCgYIKoZIzj0EAwIDSQAwRgIh
        AOE6k5bvdrx5Wa9vynExI++LNDIFueXAjInhXq8spR51AiEAx3F+nLdHlSM+0tDT
        tKSlibsZXbxXAOttBg38kVpLj6M=
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6jyRxBsb2INAgeoj
        NMx5oOVsRhz++8pFdTGMPh8gZgmhRANCAAQxNZTrgmNGjyl2gSrV/vOyhnH7D83U
        HEGqn2cVXB0/zin5xEWtCclAoVvF+J0e6azWqSTs0aNXpdxe1e/7YqRY
        -----END PRIVATE KEY-----
        """
}
