// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("AUTH exchange (RFC 4954, 4616)")
struct AuthenticationExchangeTests {
    private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func begin(_ mechanism: String, _ initial: String? = nil) throws -> AuthenticationExchange.Step {
        var exchange = try #require(AuthenticationExchange(mechanism: mechanism))
        return exchange.begin(initialResponse: initial.map(octets))
    }

    @Test("PLAIN takes an initial response or asks for it")
    func plain() throws {
        // NUL alice NUL secret
        let response = "AGFsaWNlAHNlY3JldA=="
        let credentials = Credentials(login: "alice", password: "secret")
        #expect(try begin("PLAIN", response) == .check(credentials))
        var exchange = try #require(AuthenticationExchange(mechanism: "PLAIN"))
        #expect(exchange.begin(initialResponse: nil) == .challenge(Reply(334, nil, "")))
        #expect(exchange.lineReceived(octets(response)) == .check(credentials))
    }

    @Test("LOGIN asks for the name and the password")
    func login() throws {
        var exchange = try #require(AuthenticationExchange(mechanism: "LOGIN"))
        #expect(exchange.begin(initialResponse: nil) == .challenge(Reply(334, nil, "VXNlcm5hbWU6")))
        #expect(exchange.lineReceived(octets("YWxpY2U=")) == .challenge(Reply(334, nil, "UGFzc3dvcmQ6")))
        #expect(exchange.lineReceived(octets("c2VjcmV0")) == .check(Credentials(login: "alice", password: "secret")))
        #expect(try begin("LOGIN", "YWxpY2U=") == .challenge(Reply(334, nil, "UGFzc3dvcmQ6")))
    }

    @Test("an authorization identity is let pass only where it is the login itself")
    func authorizationIdentity() throws {
        // alice NUL alice NUL secret; bob NUL alice NUL secret
        #expect(
            try begin("PLAIN", "YWxpY2UAYWxpY2UAc2VjcmV0") == .check(Credentials(login: "alice", password: "secret")))
        guard case .fail(let reply) = try begin("PLAIN", "Ym9iAGFsaWNlAHNlY3JldA==") else {
            Issue.record("not refused")
            return
        }
        #expect(reply.code == 535)
    }

    @Test(
        "what is malformed ends the exchange with 501",
        arguments: [
            "*", "A", "AAAA=", "====", "AGFsaWNl AHNlY3JldA==", "", "YWxpY2U=", "AABzZWNyZXQ=", "AGFsaWNlAA==",
            "AGH/AGI=",
        ])
    func malformed(line: String) throws {
        var exchange = try #require(AuthenticationExchange(mechanism: "PLAIN"))
        _ = exchange.begin(initialResponse: nil)
        guard case .fail(let reply) = exchange.lineReceived(octets(line)) else {
            Issue.record("not refused")
            return
        }
        #expect(reply.code == 501)
    }

    @Test("no other mechanism is known")
    func mechanisms() {
        for mechanism in ["CRAM-MD5", "plain", "", "XOAUTH2"] {
            #expect(AuthenticationExchange(mechanism: mechanism) == nil)
        }
    }

    @Test("printing credentials shows no password")
    func redacted() {
        let credentials = Credentials(login: "alice", password: "hunter2")
        var dumped = ""
        dump(credentials, to: &dumped)
        let texts = [
            "\(credentials)", String(reflecting: credentials), dumped, "\([credentials])",
            "\(Optional(credentials) as Any)",
        ]
        for text in texts { #expect(!text.contains("hunter2")) }
        #expect("\(AuthenticationExchange.Step.check(credentials))".contains("hunter2") == false)
    }

    @Test("base64 is read strictly")
    func base64() {
        #expect(Base64Decoder.decode([]) == [])
        #expect(Base64Decoder.decode(octets("Zg==")) == octets("f"))
        #expect(Base64Decoder.decode(octets("Zm8=")) == octets("fo"))
        #expect(Base64Decoder.decode(octets("Zm9v")) == octets("foo"))
        #expect(Base64Decoder.decode(octets("+/+/")) == [0xFB, 0xFF, 0xBF])
        for text in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm9v\r\n", "Zm-_", "=Zg="] {
            #expect(Base64Decoder.decode(octets(text)) == nil, "\(text)")
        }
    }

    @Test("random lines never trap it")
    func random() throws {
        var generator = SeededGenerator(seed: 4)
        let alphabet = octets("AGFz=+/*a\u{0}")
        for _ in 0..<2000 {
            var exchange = try #require(
                AuthenticationExchange(mechanism: Bool.random(using: &generator) ? "PLAIN" : "LOGIN"))
            var step = exchange.begin(initialResponse: nil)
            for _ in 0..<3 {
                guard case .challenge = step else { break }
                let length = Int.random(in: 0...16, using: &generator)
                step = exchange.lineReceived((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 })
            }
        }
    }
}
