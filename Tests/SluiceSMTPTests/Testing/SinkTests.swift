// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceTesting
import Synchronization
import Testing

@Suite("The sink of the tests", .timeLimit(.minutes(1)))
struct SinkTests {
    @Test("it keeps what it acknowledged, the dots unstuffed")
    func keeps() async throws {
        let sink = try await Sink.start()
        let dialogue = try await DialogueRunner.connect(port: sink.port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO a", expect: "250")
        try await dialogue.send("MAIL FROM:<a@b.test> SIZE=3", expect: "250")
        try await dialogue.send("RCPT TO:<c@d.test>", expect: "250")
        try await dialogue.send("DATA", expect: "354")
        try await dialogue.send("X-A: 1\r\n\r\n..dot\r\n.", expect: "250")
        let messages = try await sink.messages(atLeast: 1)
        #expect(
            messages == [
                SinkMessage(
                    helo: "a", reversePath: "a@b.test", recipients: ["c@d.test"], content: "X-A: 1\r\n\r\n.dot\r\n",
                    mailParameters: " SIZE=3")
            ])
        #expect(messages.first?.field("x-a") == "1")
        #expect(messages.first?.field("x-b") == nil)
        try await sink.stop()
    }

    @Test("it misbehaves by script: replies, delays, drops, and a word a recipient in LMTP")
    func misbehaves() async throws {
        let script = SinkScript(isLMTP: true) { step in
            switch step {
            case .recipient("no@d.test"): .reply("550 5.1.1 no such user")
            case .recipient("slow@d.test"): .after(.milliseconds(20), .reply("250 at last"))
            case .content(let message) where message.recipients.count == 2: .reply(["250 one", "452 other"])
            case .command("NOOP"): .octets("rubbish\r\n")
            case .mail("drop@b.test"): .drop
            default: nil
            }
        }
        let sink = try await Sink.start(script)
        let dialogue = try await DialogueRunner.connect(port: sink.port)
        try await dialogue.expect("220")
        try await dialogue.send("LHLO a", expect: "250")
        try await dialogue.send("MAIL FROM:<a@b.test>", expect: "250")
        try await dialogue.send("RCPT TO:<no@d.test>", expect: "550")
        try await dialogue.send(octets: "RCPT TO:<slow@d.test>\r\nRCPT TO:<c@d.test>\r\n")
        try await dialogue.expect("250 at last")
        try await dialogue.expect("250")
        try await dialogue.send("DATA", expect: "354")
        try await dialogue.send("a\r\n.", expect: "250 one")
        try await dialogue.expect("452 other")
        try await dialogue.send("NOOP", expect: "rubbish")
        try await dialogue.send("MAIL FROM:<drop@b.test>")
        #expect(try await dialogue.isClosed())
        #expect(sink.messages.count == 1)
        try await sink.stop()
    }

    @Test("the load client notes no id that was refused or whose connection broke")
    func refusals() async throws {
        let count = Mutex(0)
        let script = SinkScript { step in
            guard case .content = step else { return nil }
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number % 5 == 0 { return .drop }
            return number % 3 == 0 ? .reply("554 5.7.1 no") : nil
        }
        let sink = try await Sink.start(script)
        var client = LoadClient(port: sink.port)
        client.connections = 4
        client.messages = 60
        client.messagesPerConnection = 10
        client.patience = .seconds(5)
        let noted = Mutex<[String]>([])
        let report = await client.run { id in noted.withLock { $0.append(id) } }
        #expect(report.unknown.count == 12 && report.refused.count == 16 && report.acknowledged.count == 32)
        #expect(Set(noted.withLock { $0 }) == Set(report.acknowledged))
        #expect(Set(sink.messages.compactMap { $0.field(LoadClient.idField) }) == Set(report.acknowledged))
        try await sink.stop()
    }
}
