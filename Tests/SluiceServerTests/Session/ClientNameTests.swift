// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("A client's name (iprev, RFC 8601 §3)") struct ClientNameTests {
    private let zone = TestZone([
        "1.2.0.192.in-addr.arpa": ["PTR liar.test", "PTR mail.client.test"],
        "liar.test": ["A 192.0.2.99"], "mail.client.test": ["A 192.0.2.1"],
        "2.2.0.192.in-addr.arpa": ["PTR liar.test"],
        "3.2.0.192.in-addr.arpa": ["TIMEOUT"],
    ])

    private func name(_ address: String) async throws -> String? {
        await ClientName.confirmedName(try #require(IPAddress(address)), zone)
    }

    @Test("is the first that leads back to its address")
    func confirmed() async throws {
        #expect(try await name("192.0.2.1") == "mail.client.test")
        #expect(try await name("192.0.2.2") == nil)
        #expect(try await name("192.0.2.3") == nil)
        #expect(try await name("192.0.2.4") == nil)
    }

    @Test("is asked for once a session, and nobody waits for it")
    func once() async throws {
        let client = ClientName()
        let address = try #require(IPAddress("192.0.2.1"))
        #expect(client.name == nil)
        for _ in 0..<3 { client.lookUp(address, zone) }
        let end = ContinuousClock.now + .seconds(10)
        while client.name == nil, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(2)) }
        #expect(client.name == "mail.client.test")
        #expect(zone.asked.filter { $0.type == .ptr }.count == 1)
    }
}
