// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import SluiceMilter
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceStages

/// Runs the stage over a message, with a scripted filter.
enum MilterStageFixture {
    static let anna = Mailbox(localPart: "anna", domain: "example.org")
    static let bert = Mailbox(localPart: "bert", domain: "example.net")
    static let carl = Mailbox(localPart: "carl", domain: "example.net")
    static let content =
        "Received: by a.example\r\nSubject: hello\r\nX-Folded: one\r\n\ttwo\r\nMessage-ID: <1@example.org>\r\n\r\nHello.\r\n"

    struct NoAddress: Error {}

    static func services() -> StageServices {
        StageServices(
            resolver: TestZone([:]), time: SystemTime(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            pool: CPUPool(threads: 1), workers: nil)
    }

    static func stage(
        _ milter: ScriptedMilter, _ change: (inout MilterStage.Configuration) -> Void = { _ in }
    ) throws -> MilterStage {
        guard let address = MilterAddress(milter.address) else { throw NoAddress() }
        var configuration = MilterStage.Configuration(address: address)
        change(&configuration)
        return try MilterStage(configuration: configuration, services: services())
    }

    static func client() throws -> ClientInfo {
        ClientInfo(
            address: try #require(IPAddress("192.0.2.1")), name: "mail.example.org", helo: "helo.example.org",
            login: "anna", mechanism: "PLAIN", tls: "TLSv1.3 TLS_AES_128_GCM_SHA256")
    }

    static func context(
        client: ClientInfo? = nil, hasClientAddress: Bool = true, recipients: [Mailbox] = [bert, carl]
    ) throws -> StageContext {
        StageContext(
            id: "4711", now: Timestamp(seconds: 1_790_000_000), hostname: "mx.example.net",
            client: try client ?? Self.client(), isTrusted: false, hasClientAddress: hasClientAddress,
            envelope: Envelope(reversePath: .mailbox(anna), recipients: recipients, is8BitMIME: true),
            resolver: TestZone([:]))
    }

    static func evaluate(
        _ milter: ScriptedMilter, content: String = content, context: StageContext? = nil,
        _ change: (inout MilterStage.Configuration) -> Void = { _ in }
    ) async throws -> StageResult {
        try await stage(milter, change).evaluate(
            try Message(MemoryContent(content)), in: try context ?? Self.context())
    }

    /// What a filter that answers the end of the message so leads to.
    static func result(
        endOfMessage packets: [ScriptedMilter.Packet], steps: UInt32 = 0,
        _ change: (inout MilterStage.Configuration) -> Void = { _ in }
    ) async throws -> StageResult {
        let milter = try await ScriptedMilter { command in
            switch command.code {
            case "O": .reply([ScriptedMilter.negotiation(steps: steps)])
            case "E": .reply(packets)
            default: nil
            }
        }
        let result = try await evaluate(milter, change)
        try await milter.stop()
        return result
    }
}
