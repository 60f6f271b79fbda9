// SPDX-License-Identifier: Apache-2.0

/// A self-signed certificate for `mail.example.test` and its key, for tests only.
enum ClientTestCertificate {
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDlKyn5ighGZJKLS4
        vnVq6zFfxvG8S8J/0KF3sneeCf6hRANCAASmljx1Xj07LT/sjTaBlfPtunrUXAdh
        Sy3G/MbJ6SyevP6M+L0YscDUlg56FFaB0nPnWseMmsBaI5O8EiyH3bfO
        -----END PRIVATE KEY-----
        """

    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBbDCCAROgAwIBAgIULO8mAGVU2s1qFMAnaTzgLwDCZlowCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRbWFpbC5leGFtcGxlLnRlc3QwIBcNMjAwMTAxMDAwMDAwWhgP
        MjEyMDAxMDEwMDAwMDBaMBwxGjAYBgNVBAMMEW1haWwuZXhhbXBsZS50ZXN0MFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEppY8dV49Oy0/7I02gZXz7bp61FwHYUst
        xvzGyeksnrz+jPi9GLHA1JYOehRWgdJz51rHjJrAWiOTvBIsh923zqMxMC8wDwYD
        VR0TAQH/BAUwAwEB/zAcBgNVHREEFTATghFtYWlsLmV4YW1wbGUudGVzdDAKBggq
        hkjOPQQDAgNHADBEAiAtgB9m8++DbHXhXrI384Cwo2eG1MQiodzAkAhnnMhwVgIg
        H3E5wB8A/hX5ZCADWuZ5Jcsf2thjQQ9NjRUnCzJcAio=
        -----END CERTIFICATE-----
        """
}
