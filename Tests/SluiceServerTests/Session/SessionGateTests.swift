// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("The limits on sessions") struct SessionGateTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test("hold for each client, and in all")
    func limits() throws {
        let gate = SessionGate(limit: 3, limitPerClient: 2, limitPerNetwork: 3)
        let one = try address("192.0.2.1")
        let two = try address("192.0.2.2")
        #expect(gate.enter(one) == nil)
        #expect(gate.enter(one) == nil)
        #expect(gate.enter(one)?.description.hasPrefix("421 4.7.0") == true)
        #expect(gate.enter(two) == nil)
        #expect(gate.enter(two)?.description.hasPrefix("421 4.3.2") == true)
        #expect(gate.count == 3)
        gate.leave(one)
        #expect(gate.enter(two) == nil)
        #expect(gate.enter(one)?.code == 421)
        for client in [one, two, two] { gate.leave(client) }
        #expect(gate.count == 0)
        #expect(gate.enter(one) == nil)
    }

    @Test(
        "hold for each network: /24, and /64 for IPv6",
        arguments: [
            ("192.0.2.1", "192.0.2.200", "192.0.3.1"), ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ])
    func network(_ first: String, _ neighbour: String, _ other: String) throws {
        let gate = SessionGate(limit: 10, limitPerClient: 2, limitPerNetwork: 3)
        #expect(gate.enter(try address(first)) == nil)
        #expect(gate.enter(try address(first)) == nil)
        #expect(gate.enter(try address(neighbour)) == nil)
        #expect(gate.enter(try address(neighbour))?.text.contains("your network") == true)
        #expect(gate.enter(try address(other)) == nil)
        gate.leave(try address(first))
        #expect(gate.enter(try address(neighbour)) == nil)
    }

    @Test("count who was let in, and who was refused by which of them")
    func figures() throws {
        let gate = SessionGate(limit: 3, limitPerClient: 1, limitPerNetwork: 2)
        let clients = [
            "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1", "203.0.113.1", "203.0.113.1",
        ]
        for client in clients { _ = gate.enter(try address(client)) }
        gate.leave(try address("192.0.2.1"))
        #expect(gate.figures.count == 2)
        #expect(gate.figures.opened == 3)
        #expect(gate.figures.refused == [.client: 1, .network: 1, .total: 2])
    }
}

@Suite("Refusals before DATA") struct RefusalSamplerTests {
    private let start = Timestamp(seconds: 1_790_000_000)

    private func records(_ sampler: inout RefusalSampler, _ client: IPAddress, _ time: Timestamp) -> Bool {
        sampler.shouldRecord(client, at: time)
    }

    @Test("past ten a minute from one client are only counted")
    func tenAMinute() throws {
        var sampler = RefusalSampler()
        let one = try #require(IPAddress("192.0.2.1"))
        let two = try #require(IPAddress("192.0.2.2"))
        let recorded = (0..<30).filter { sampler.shouldRecord(one, at: start + .seconds($0)) }
        #expect(recorded.count == 10)
        let recorded1 = records(&sampler, two, start)
        #expect(recorded1)
        let recorded2 = records(&sampler, one, start + .seconds(59))
        #expect(!recorded2)
        let recorded3 = records(&sampler, one, start + .seconds(60))
        #expect(recorded3)
    }

    @Test("from a flood of addresses take no more memory than a limit, and are recorded again")
    func flood() throws {
        var sampler = RefusalSampler()
        for number in 0..<25_000 {
            let address = try #require(IPAddress("10.\(number / 65536).\(number / 256 % 256).\(number % 256)"))
            let recorded4 = records(&sampler, address, start)
            #expect(recorded4)
        }
        #expect(sampler.clientCount <= 10_000)
    }

    @Test("are recorded again after the clock was set back")
    func clockSetBack() throws {
        var sampler = RefusalSampler()
        let one = try #require(IPAddress("192.0.2.1"))
        for _ in 0..<20 { _ = sampler.shouldRecord(one, at: start) }
        let recorded5 = records(&sampler, one, start - .seconds(3600))
        #expect(recorded5)
    }
}
