// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceDelivery
import Testing

@testable import SluiceServer

@Suite("The closed relay") struct RelayPolicyTests {
    private func policy(
        _ recipients: RelayConfiguration.Recipients = .nextHop, defaultRoute: Route? = .mx
    ) throws -> RelayPolicy {
        RelayPolicy(
            RelayConfiguration(
                domains: [
                    "example.org": .init(route: try #require(Route("smtp://192.0.2.5:25")), recipients: recipients)
                ], trustedNetworks: [], postmaster: Mailbox("postmaster@example.org"), defaultRoute: defaultRoute))
    }

    /// The recipient of a RCPT command.
    private func recipient(_ path: String) throws -> Mailbox {
        var parser = PathParser(Array("<\(path)>".utf8))
        let mailbox = parser.forwardPath()
        return try #require(mailbox)
    }

    private func code(_ path: String, isTrusted: Bool = false) throws -> String {
        switch try policy().judge(try recipient(path), isTrusted: isTrusted) {
        case .accept(let mailbox): "accept \(mailbox)"
        case .ask(let mailbox): "ask \(mailbox)"
        case .refuse(let reply): "\(reply.code) \(reply.enhanced.map { "\($0)" } ?? "")"
        }
    }

    @Test(
        "refuses every known open-relay trick to a stranger, though the domain behind the last @ is ours",
        arguments: [
            "victim%elsewhere.test@example.org", "\"victim%elsewhere.test\"@example.org",
            "\"victim@elsewhere.test\"@example.org", "elsewhere.test!victim@example.org",
            "\"elsewhere.test!victim\"@example.org", "victim%elsewhere.test%third.test@example.org",
            "\"victim\\@elsewhere.test\"@example.org", "@example.org,@elsewhere.test:a%b@example.org",
            "postmaster%elsewhere.test@example.org", "\"postmaster@elsewhere.test\"@example.org",
        ])
    func tricks(_ path: String) throws {
        #expect(try code(path) == "550 5.7.1")
    }

    @Test(
        "refuses other domains to a stranger",
        arguments: [
            "victim@elsewhere.test", "victim@[127.0.0.1]", "victim@[192.0.2.5]", "victim@[IPv6:::1]",
            "@example.org:victim@elsewhere.test", "victim@sub.example.org", "victim@example.org.elsewhere.test",
            "postmaster@elsewhere.test", "victim@localhost", "abuse@org",
        ])
    func otherDomains(_ path: String) throws {
        #expect(try code(path) == "550 5.7.1")
    }

    @Test("judges a source route by its last hop (RFC 5321 §4.1.1.3)")
    func sourceRoute() throws {
        #expect(try code("@elsewhere.test:anna@example.org") == "ask anna@example.org")
        #expect(try code("@a.test,@b.test:anna@example.org") == "ask anna@example.org")
    }

    @Test("takes our domains in any case, and asks whether the mailbox exists")
    func ours() throws {
        #expect(try code("Anna@EXAMPLE.ORG") == "ask Anna@example.org")
    }

    @Test("lets trusted clients send anywhere, but asks for our own domains all the same")
    func trusted() throws {
        #expect(try code("victim@elsewhere.test", isTrusted: true) == "accept victim@elsewhere.test")
        #expect(try code("victim@[192.0.2.9]", isTrusted: true) == "accept victim@[192.0.2.9]")
        #expect(try code("a%b@elsewhere.test", isTrusted: true) == "accept a%b@elsewhere.test")
        #expect(try code("anna@example.org", isTrusted: true) == "ask anna@example.org")
    }

    @Test("refuses a trusted client where there is no route")
    func noRoute() throws {
        let decision = try policy(defaultRoute: nil).judge(try recipient("a@elsewhere.test"), isTrusted: true)
        #expect(decision == .refuse(Reply(550, EnhancedStatusCode(5, 4, 4), "there is no route to elsewhere.test")))
    }

    @Test("always takes the postmaster, alone or of one of our domains (RFC 5321 §4.5.1)")
    func postmaster() throws {
        #expect(try code("postmaster") == "accept postmaster@example.org")
        #expect(try code("PostMaster") == "accept postmaster@example.org")
        #expect(try code("Postmaster@example.org") == "accept Postmaster@example.org")
        let listed = try policy(.listed([]))
        #expect(
            listed.judge(try recipient("postmaster@example.org"), isTrusted: false)
                == .accept(try recipient("postmaster@example.org")))
    }

    @Test("knows from a list who exists, whatever the case of the local-part")
    func listed() throws {
        let policy = try policy(.listed([try recipient("anna@example.org")]))
        #expect(
            policy.judge(try recipient("ANNA@example.org"), isTrusted: false)
                == .accept(try recipient("ANNA@example.org")))
        #expect(
            policy.judge(try recipient("bert@example.org"), isTrusted: true)
                == .refuse(Reply(550, EnhancedStatusCode(5, 1, 1), "there is no such mailbox here")))
    }

    @Test("takes whoever is named where the configuration says any")
    func any() throws {
        #expect(
            try policy(.any).judge(try recipient("x@example.org"), isTrusted: false)
                == .accept(try recipient("x@example.org")))
    }
}
