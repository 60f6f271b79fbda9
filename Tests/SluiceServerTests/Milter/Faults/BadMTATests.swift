// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

/// MTAs in great number, and such as send what no MTA sends.
@Suite("Bad MTAs", .timeLimit(.minutes(30)), .serialized) struct BadMTATests {
    private static let rounds =
        ProcessInfo.processInfo.environment["SLUICE_MILTER_ROUNDS"].flatMap { Int($0) } ?? 1

    /// How many connections at once: 300, or a thousand with `make milter-faults`.
    private static let connections = ProcessInfo.processInfo.environment["SLUICE_MILTER_ROUNDS"] == nil ? 300 : 1000

    @Test("hundreds of connections are served at once, a thousand in the long form")
    func manyConnections() async throws {
        try await MilterServer.run { doors in
            let descriptors = try OpenDescriptors.count
            let sessions = try await withThrowingTaskGroup(of: MTASession.self) { group in
                for _ in 0..<Self.connections {
                    group.addTask { try await MTASession.open(doors.address, timeout: .seconds(60)) }
                }
                return try await group.reduce(into: [MTASession]()) { $0.append($1) }
            }
            #expect(sessions.count == Self.connections)
            let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
                for session in sessions {
                    group.addTask {
                        let outcome = await session.send(MTAMessage())
                        try await session.quit()
                        return outcome.isAccepted && outcome.isJudged ? 1 : 0
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(accepted == Self.connections)
            try await OpenDescriptors.expect(atMost: descriptors + 10)
        }
    }

    /// The packets of a whole message.
    private static func dialogue(_ generator: inout SeededGenerator) -> [MTAPacket] {
        func strings(_ code: Character, _ strings: String...) -> MTAPacket { MTAPacket(code, strings: strings) }
        let negotiation = MTAPacket("O", [6, 0x1FF, 0x1F_FFFF].flatMap(MTAPacket.integer))
        var packets = [
            negotiation, strings("D", "Cj", "mta.test"),
            MTAPacket("C", Array("client.test".utf8) + [0, 0x34, 0x9C, 0x40] + Array("192.0.2.7".utf8) + [0]),
            strings("H", "client.test"), strings("D", "Mi", "4gBAD"), strings("M", "<a@client.test>", "SIZE=100"),
            strings("R", "<anna@example.org>"), strings("R", "<bert@example.org>", "NOTIFY=NEVER"), MTAPacket("T"),
        ]
        for number in 0..<Int.random(in: 1...4, using: &generator) {
            packets.append(strings("L", "X-Field-\(number)", " value\n\tfolded"))
        }
        packets.append(MTAPacket("N"))
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            packets.append(MTAPacket("B", generator.octets(Int.random(in: 1...2000, using: &generator))))
        }
        return packets + [MTAPacket("E")]
    }

    /// The octets of a dialogue in which something is wrong.
    private static func malformed(_ generator: inout SeededGenerator) -> [UInt8] {
        var packets = dialogue(&generator)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: 0..<packets.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: packets.remove(at: place)
            case 1: packets.insert(packets[place], at: Int.random(in: 0...packets.count, using: &generator))
            case 2: packets.swapAt(place, Int.random(in: 0..<packets.count, using: &generator))
            case 3: packets[place].payload = Array(packets[place].payload.dropLast())
            case 4: packets[place].payload = generator.octets(Int.random(in: 0...40, using: &generator))
            default: packets[place].code = "ABCDEHKLMNOQRTUxyz".randomElement(using: &generator) ?? "A"
            }
            if packets.isEmpty { packets = dialogue(&generator) }
        }
        var octets = packets.flatMap(\.octets)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            octets[Int.random(in: 0..<octets.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        case 1: octets.removeLast(Int.random(in: 0..<octets.count, using: &generator))
        default: break
        }
        return octets
    }

    @Test("packets that are malformed, missing, doubled or out of order end in a clean close; nothing is left of them")
    func malformedDialogues() async throws {
        let seed = UInt64.random(in: 0 ..< .max)
        try await MilterServer.run { doors in
            _ = try await doors.send(MTAMessage())
            let descriptors = try OpenDescriptors.count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for part in 0..<8 {
                    group.addTask {
                        var generator = SeededGenerator(seed: seed &+ UInt64(part))
                        for _ in 0..<50 * Self.rounds {
                            let connection = try await MTAConnection.connect(to: doors.address)
                            let octets = Self.malformed(&generator)
                            do {
                                for piece in octets.count < 500 ? octets.randomPieces(using: &generator) : [octets] {
                                    try await connection.send(octets: piece)
                                }
                                try await connection.send(MTAPacket("Q"))
                                // One whose length is wrong waits for more: then we are the one that goes.
                                _ = try await connection.isClosed(within: .milliseconds(30))
                            } catch MTAConnection.Failure.closed {}
                            try await connection.close()
                        }
                    }
                }
                try await group.waitForAll()
            }
            let outcome = try await doors.send(MTAMessage())
            #expect(outcome.isAccepted && outcome.isJudged, "seed \(seed)")
            try await OpenDescriptors.expect(atMost: descriptors)
            try await doors.server.expectNoStagedContent()
            #expect(try await doors.server.ask("account").first?["unaccounted"] == 0, "seed \(seed)")
        }
    }

    @Test(
        "a packet longer than any is refused by its length, before its octets are read",
        arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0, 0, 0], [0, 0, 0, 0], [0x10, 0, 0, 0]] as [[UInt8]])
    func oversized(_ length: [UInt8]) async throws {
        try await MilterServer.run { doors in
            let session = try await MTASession.open(doors.address)
            try await session.connection.send(octets: length + [0x42])
            #expect(try await session.connection.isClosed())
            let outcome = try await doors.send(MTAMessage())
            #expect(outcome.isAccepted)
        }
    }
}
