// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceFilter
import SluiceServer
import SluiceTesting
import Testing

/// Dispatches what a chain concluded about a message.
struct DispatchFixture {
    static let anna = Mailbox(localPart: "anna", domain: "example.org")
    static let bert = Mailbox(localPart: "bert", domain: "example.org")

    var content = "Subject: hello\r\nMessage-ID: <m@a.test>\r\n\r\nHello.\r\n"
    var client = ClientInfo(address: .unspecified, helo: "client.test")
    var hasClientAddress = true
    var isTrusted = false
    var recipients = [anna]
    var stages: [StageRecord] = []
    var verdicts: [(Verdict, [Mailbox: Verdict])] = []
    var edits: [MessageEdit] = []
    var score: StageResult.Score?

    func record() throws -> DecisionRecord {
        var client = client
        if client.address == .unspecified { client.address = try #require(IPAddress("192.0.2.1")) }
        let request = PipelineRequest(
            id: "0123456789ab", now: Timestamp(seconds: 1_790_000_000), hostname: "mx.example.org", client: client,
            isTrusted: isTrusted, hasClientAddress: hasClientAddress,
            envelope: Envelope(reversePath: .null, recipients: recipients), resolver: TestZone([:]))
        var merge = VerdictMerge(recipients: recipients)
        for (verdict, others) in verdicts { merge.merge(verdict, others, from: stages.first?.name ?? "stage") }
        return Dispatch(listener: "mx", pipeline: "inbound", request: request).decide(
            try Message(MemoryContent(content)), size: content.utf8.count,
            PipelineOutcome(recipients: merge.settled, stages: stages, edits: edits, score: score))
    }

    /// The header section as the next hop gets it.
    func fields() throws -> [(name: String, value: String)] {
        try Message(MemoryContent(content)).applying(try record().edits).header.fields.map {
            ($0.name, String(buffer: $0.rawValue))
        }
    }

    func value(_ name: String) throws -> String? { try fields().first { $0.name == name }?.value }
}
