// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceMilter
import Testing

@testable import SluiceServer

@Suite("What an MTA tells of its client") struct MilterClientTests {
    private func client(_ name: String = "a.test") throws -> MilterClient {
        let address = try #require(IPAddress("192.0.2.1"))
        return MilterClient(hostname: ByteBuffer(string: name), .address(address, port: 25))
    }

    @Test("login and TLS come from macros; a session that lacks them still works")
    func macros() throws {
        let bare = try client().info(MilterMacros())
        #expect(bare.address == IPAddress("192.0.2.1") && bare.name == "a.test")
        #expect(bare.login == nil && bare.tls == nil && bare.isExtended)
        let told = try client().info(
            MilterMacros(["auth_authen": "anna", "tls_version": "TLSv1.3", "cipher": "TLS_AES_128_GCM_SHA256"]))
        #expect(told.login == "anna" && told.tls == "TLSv1.3 TLS_AES_128_GCM_SHA256")
        #expect(try client().info(MilterMacros(["auth_authen": ""])).login == nil)
        #expect(try client().info(MilterMacros(["tls_version": "TLSv1.2"])).tls == "TLSv1.2")
        #expect(try client().info(MilterMacros(["r": "SMTP"])).isExtended == false)
    }

    @Test("a name counts only where it leads back to the address")
    func name() throws {
        for unknown in ["unknown", "[192.0.2.1]", ""] { #expect(try client(unknown).info(MilterMacros()).name == nil) }
        #expect(try client().info(MilterMacros(["client_resolve": "OK"])).name == "a.test")
        for result in ["FAIL", "FORGED", "TEMP"] {
            #expect(try client().info(MilterMacros(["client_resolve": result])).name == nil)
        }
    }

    @Test("the MTA's own command line is a client without an address")
    func commandLine() {
        for address in [MilterClientAddress.unknown, .unix(ByteBuffer(string: "/run/x"))] {
            let client = MilterClient(hostname: ByteBuffer(string: "localhost"), address)
            #expect(client.address == nil && client.info(MilterMacros()).name == nil)
        }
    }

    @Test(
        "paths are read with angle brackets or without; a local user belongs to the MTA's domain",
        arguments: [
            ("<anna@Example.org>", "anna@example.org"), ("anna@example.org", "anna@example.org"),
            ("<root>", "root@mta.test"), ("root", "root@mta.test"), ("<\"a b\"@c.test>", "\"a b\"@c.test"),
            ("<@hop.test:anna@example.org>", "anna@example.org"), ("<postmaster>", "postmaster@mta.test"),
        ])
    func path(_ written: String, _ mailbox: String) {
        #expect(MilterPath.mailbox(ByteBuffer(string: written), domain: "mta.test")?.written == mailbox)
    }

    @Test(
        "what is no mailbox is none",
        arguments: ["", "<>", "<a@b", "<a@@b>", "<a b@c.test>", "<a@b.test> x", "<a\u{0}@b.test>"])
    func noPath(_ written: String) {
        #expect(MilterPath.mailbox(ByteBuffer(string: written), domain: "mta.test") == nil)
    }

    @Test("the null reverse-path is one")
    func null() {
        #expect(MilterPath.reversePath(ByteBuffer(string: "<>"), domain: "mta.test") == .null)
        #expect(MilterPath.reversePath(ByteBuffer(), domain: "mta.test") == .null)
        #expect(MilterPath.reversePath(ByteBuffer(string: "<a@@b>"), domain: "mta.test") == nil)
    }

    @Test("of the parameters, size, body and SMTPUTF8 are read; others are the MTA's")
    func parameters() {
        let parameters = MilterParameters(
            ["size=1000", "BODY=8bitmime", "SMTPUTF8", "RET=HDRS", "X"].map { ByteBuffer(string: $0) })
        #expect(parameters.size == 1000 && parameters.is8BitMIME && parameters.isInternationalized)
        let none = MilterParameters(["SIZE=", "SIZE=x", "BODY=7BIT"].map { ByteBuffer(string: $0) })
        #expect(none.size == nil && !none.is8BitMIME && !none.isInternationalized)
    }
}
