// SPDX-License-Identifier: Apache-2.0
import SluiceWorkerProtocol

/// Packets between the relay and its workers: what can be read can be written, and reads the same again. The first
/// octet says which way the packet goes.
enum WorkerProtocolFuzz {
    static func run(_ octets: [UInt8]) {
        guard let direction = octets.first else { return }
        let packet = Array(octets.dropFirst())
        if direction & 1 == 0 {
            check(WorkerRequest.self, packet)
        } else {
            check(WorkerReply.self, packet)
        }
        let long = packet + [UInt8](repeating: 0x20, count: WorkerCoding.packetLimit)
        if !packet.isEmpty {
            precondition(
                (try? WorkerCoding.decode(WorkerReply.self, from: long)) == nil, "a packet past the limit was read")
        }
    }

    private static func check<Message: Codable & Hashable>(_ type: Message.Type, _ packet: [UInt8]) {
        // What is no packet ends the worker, or the relay's trust in it; that is all that is to be said of it.
        guard let message = try? WorkerCoding.decode(type, from: packet) else { return }
        do {
            let written = try WorkerCoding.encode(message)
            precondition(written.count <= WorkerCoding.packetLimit, "\(written.count) octets were written")
            let again = try WorkerCoding.decode(type, from: written)
            precondition(again == message, "\(message) was written and read as \(again)")
        } catch {
            // Escaped, a text may take more than it came with.
            guard case WorkerCodingError.tooLong? = error as? WorkerCodingError, packet.count > 1000 else {
                preconditionFailure("\(message) can't be written: \(error)")
            }
        }
    }

    static var seeds: [[UInt8]] {
        let setup = WorkerSetup(
            embeddedDatabase: "/db", officialDatabase: "/var/lib/clamav", temporaryDirectory: "/tmp/1",
            memoryLimit: 4 << 30,
            lookMilliseconds: 30_000, user: 65534)
        let limits = ScanLimits(
            scanSize: 1 << 28, fileSize: 1 << 25, recursion: 16, files: 10_000, milliseconds: 60_000,
            processorSeconds: 20,
            mailLines: 100_000, mailSize: 1 << 25)
        let official = WorkerVersions.OfficialDatabase(
            daily: 27_000, main: 62, signatures: 8_000_000, made: 1_790_000_000)
        let confinement = WorkerConfinement(
            user: 65534, isWithoutCapabilities: true, systemCalls: 60, landlock: nil)
        let replies: [WorkerReply] = [
            .ready(
                WorkerVersions(
                    engine: "1.4.3", embeddedSignatures: 12, official: official, officialFault: nil,
                    confinement: confinement)),
            .ready(
                WorkerVersions(
                    engine: "1.4.3", embeddedSignatures: 12, official: nil, officialFault: "gone",
                    confinement: confinement)),
            .unusable("no memory"), .outcome(.clean), .outcome(.infected("Eicar-Test-Signature")),
            .outcome(.limitExceeded("Heuristics.Limits.Exceeded.MaxFiles")), .outcome(.failed("\u{1}\"\\/\u{FC}")),
            .renewing, .attempts([WorkerAttempt(name: "socket", error: 1)]),
        ]
        let requests: [WorkerRequest] = [.setup(setup), .scan(limits), .attempt]
        // What can't be encoded is no seed.
        return requests.compactMap { try? [0] + WorkerCoding.encode($0) }
            + replies.compactMap { try? [1] + WorkerCoding.encode($0) } + [
                [0] + Array("[[[[".utf8), [1] + Array("{\"ready\":{}}".utf8),
            ]
    }
}
