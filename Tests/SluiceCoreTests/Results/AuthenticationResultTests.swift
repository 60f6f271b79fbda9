// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@Suite("Authentication-Results (RFC 8601 §2.2)")
struct AuthenticationResultTests {
    private func written(_ value: String) -> String {
        AuthenticationResult(method: "m", result: "pass", properties: [.init("smtp", "mailfrom", value)]).written
    }

    @Test("a result is written with its properties in order")
    func order() {
        let result = AuthenticationResult(
            method: "dkim", result: "fail", reason: "body hash",
            properties: [.init("header", "d", "example.org"), .init("header", "s", "s1")])
        #expect(result.written == "dkim=fail reason=\"body hash\" header.d=example.org header.s=s1")
    }

    @Test(
        "a value that is no token is quoted",
        arguments: [
            ("example.org", "example.org"), ("a@example.org", "a@example.org"), ("@example.org", "@example.org"),
            ("a b", "\"a b\""), ("", "\"\""), ("a;b", "\"a;b\""), ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""),
            ("a(b)", "\"a(b)\""), ("a=b", "\"a=b\""), ("a/b", "\"a/b\""), ("ü@x", "\"ü@x\""),
            ("2001:db8::1", "\"2001:db8::1\""),
        ])
    func quoting(value: String, expected: String) {
        #expect(written(value) == "m=pass smtp.mailfrom=\(expected)")
    }

    @Test("line ends and other controls never get into the field")
    func controls() {
        #expect(written("a\r\nX: y\u{0}\u{7F}") == "m=pass smtp.mailfrom=\"aX: y\"")
        let result = AuthenticationResult(method: "m", result: "fail", reason: "a\r\n.\r\nb")
        #expect(result.written == "m=fail reason=\"a.b\"")
    }

    @Test("an empty reason is none")
    func emptyReason() {
        #expect(AuthenticationResult(method: "m", result: "none", reason: "").written == "m=none")
    }

    @Test("the field names the authserv-id and has one result a line, or none")
    func field() {
        let results = ["spf", "dkim"].map { AuthenticationResult(method: $0, result: "pass") }
        #expect(
            AuthenticationResult.fieldValue(authservID: "mx.example.org", results)
                == "mx.example.org;\r\n\tspf=pass;\r\n\tdkim=pass")
        #expect(AuthenticationResult.fieldValue(authservID: "mx.example.org", []) == "mx.example.org; none")
    }
}
