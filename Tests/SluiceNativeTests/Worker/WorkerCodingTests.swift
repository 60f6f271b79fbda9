// SPDX-License-Identifier: Apache-2.0
import SluiceWorkerProtocol
import Testing

@Suite("Messages between relay and worker") struct WorkerCodingTests {
    private static let limits = ScanLimits(
        scanSize: 1, fileSize: 2, recursion: 3, files: 4, milliseconds: 5, processorSeconds: 4, mailLines: 1000,
        mailSize: 1 << 20)
    private static let setup = WorkerSetup(
        embeddedDatabase: "/a", officialDatabase: nil, temporaryDirectory: "/t", memoryLimit: 1 << 32,
        lookMilliseconds: 30_000, user: 65_534)
    private static let versions = WorkerVersions(
        engine: "1.4.6", embeddedSignatures: 3,
        official: .init(daily: 27_000, main: 62, signatures: 8_700_000, made: 1_700_000_000), officialFault: nil,
        confinement: WorkerConfinement(user: 65_534, isWithoutCapabilities: true, systemCalls: 90, landlock: nil))

    @Test("requests arrive as they were sent", arguments: [WorkerRequest.setup(setup), .scan(limits), .attempt])
    func requests(request: WorkerRequest) throws {
        #expect(try WorkerCoding.decode(WorkerRequest.self, from: WorkerCoding.encode(request)) == request)
    }

    @Test(
        "answers arrive as they were sent",
        arguments: [
            WorkerReply.ready(versions), .unusable("why “ü”\n"), .renewing, .outcome(.clean),
            .attempts([WorkerAttempt(name: "fork", error: 1)]),
            .outcome(.infected("A.B")),
            .outcome(.limitExceeded("L")), .outcome(.failed("F")),
        ])
    func replies(reply: WorkerReply) throws {
        #expect(try WorkerCoding.decode(WorkerReply.self, from: WorkerCoding.encode(reply)) == reply)
    }

    @Test("a message that is too long is neither sent nor read")
    func tooLong() {
        let long = WorkerReply.unusable(String(repeating: "a", count: WorkerCoding.packetLimit))
        #expect(throws: WorkerCodingError.self) { try WorkerCoding.encode(long) }
        let octets = [UInt8](repeating: 0x20, count: WorkerCoding.packetLimit + 1)
        #expect(throws: WorkerCodingError.tooLong(octets.count)) {
            try WorkerCoding.decode(WorkerReply.self, from: octets)
        }
    }

    @Test(
        "what is no message is refused",
        arguments: ["", "{", "{}", "[]", "null", #"{"outcome":{}}"#, #"{"infected":{"_0":"x"}}"#, "\u{0}"])
    func garbage(text: String) {
        #expect(throws: (any Error).self) { try WorkerCoding.decode(WorkerReply.self, from: Array(text.utf8)) }
    }

    @Test("octets of a message that were changed are read as a message or refused", arguments: [UInt64(7), 8])
    func mutations(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let original = try WorkerCoding.encode(WorkerReply.ready(Self.versions))
        var refused = 0
        for _ in 0..<2000 {
            var octets = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                octets[Int.random(in: octets.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            do { _ = try WorkerCoding.decode(WorkerReply.self, from: octets) } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }
}
