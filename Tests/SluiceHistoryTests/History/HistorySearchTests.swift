// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceHistory
import Testing

@Suite("The history finds") struct HistorySearchTests {
    private let fixture = HistoryFixture()
    private let history: History

    init() throws {
        history = try fixture.open()
        history.record(
            HistoryFixture.decision(
                "aaa", .deliver, after: 0, sender: "Sender@One.test", client: "192.0.2.1", name: "mail.one.test",
                helo: "HELO.one.test", messageID: "<id-1@one.test>"))
        history.record(
            HistoryFixture.decision(
                "bbb", .reject, after: 10, sender: "", recipients: [Mailbox(localPart: "bert", domain: "example.org")],
                client: "2001:db8::1", messageID: "bare-2@two.test"))
        var mixed = HistoryFixture.decision(
            "ccc", .quarantine, after: 20,
            recipients: [HistoryFixture.anna, Mailbox(localPart: "carl", domain: "example.org")], client: "192.0.2.9")
        mixed.recipients[0].disposition = .discard
        history.record(mixed)
    }

    private func find(_ change: (inout TraceQuery) -> Void) throws -> [String] {
        var query = TraceQuery()
        change(&query)
        return try history.find(query).map(\.id)
    }

    @Test("all, the latest first, and no more than the limit")
    func all() throws {
        #expect(try find { _ in } == ["ccc", "bbb", "aaa"])
        #expect(try find { $0.limit = 1 } == ["ccc"])
    }

    @Test("by id, whatever its case")
    func id() throws {
        #expect(try find { $0.id = "AAA" } == ["aaa"])
        #expect(try find { $0.id = "zzz" } == [])
    }

    @Test("by Message-ID, with and without its brackets")
    func messageID() throws {
        #expect(try find { $0.messageID = "<id-1@one.test>" } == ["aaa"])
        #expect(try find { $0.messageID = "id-1@one.test" } == ["aaa"])
        #expect(try find { $0.messageID = "<bare-2@two.test>" } == ["bbb"])
    }

    @Test("by sender without case, and the null reverse-path by <>")
    func sender() throws {
        #expect(try find { $0.sender = "sender@ONE.test" } == ["aaa"])
        #expect(try find { $0.sender = "<>" } == ["bbb"])
    }

    @Test("by recipient without case, whichever of several it is")
    func recipient() throws {
        #expect(try find { $0.recipient = "anna@example.org" } == ["ccc", "aaa"])
        #expect(try find { $0.recipient = "carl@example.org" } == ["ccc"])
    }

    @Test("by client: its address in any spelling, its name, or what it called itself")
    func client() throws {
        #expect(try find { $0.client = "192.0.2.1" } == ["aaa"])
        #expect(try find { $0.client = "2001:0DB8:0:0::1" } == ["bbb"])
        #expect(try find { $0.client = "mail.ONE.test" } == ["aaa"])
        #expect(try find { $0.client = "helo.one.test" } == ["aaa"])
    }

    @Test("by disposition, of the message or of one recipient")
    func disposition() throws {
        #expect(try find { $0.disposition = .reject } == ["bbb"])
        #expect(try find { $0.disposition = .quarantine } == ["ccc"])
        #expect(try find { $0.disposition = .discard } == ["ccc"])
        #expect(try find { $0.disposition = .defer } == [])
    }

    @Test("by time, from and until")
    func time() throws {
        #expect(try find { $0.since = HistoryFixture.start + .seconds(10) } == ["ccc", "bbb"])
        #expect(try find { $0.until = HistoryFixture.start + .seconds(10) } == ["aaa"])
    }

    @Test("by several at once, all of which must hold")
    func several() throws {
        #expect(
            try find {
                $0.recipient = "anna@example.org"
                $0.client = "192.0.2.9"
            } == ["ccc"])
    }

    @Test(
        "by one word that may be any of them",
        arguments: [
            ("AAA", "aaa"), ("<id-1@one.test>", "aaa"), ("id-1@one.test", "aaa"), ("sender@one.test", "aaa"),
            ("<carl@example.org>", "ccc"), ("2001:db8:0::1", "bbb"),
        ])
    func term(_ term: String, _ id: String) throws {
        #expect(try find { $0.term = term }.contains(id))
    }

    @Test("nothing by a text that would end the question")
    func injection() throws {
        for text in ["' OR 1=1 --", "%", "*", "aaa' --"] {
            #expect(try find { $0.term = text } == [])
            #expect(try find { $0.recipient = text } == [])
        }
    }

    @Test("what a line of the list needs")
    func summary() throws {
        let summary = try #require(try history.find(TraceQuery()).last)
        #expect(summary.time == HistoryFixture.start)
        #expect(summary.listener == "mx")
        #expect(summary.client == "192.0.2.1")
        #expect(summary.reversePath == "sender@one.test")
        #expect(summary.recipients == ["anna@example.org"])
        #expect(summary.disposition == .deliver)
        #expect(summary.reply == "250 2.0.0 said")
        #expect(summary.score == 1.5)
        #expect(summary.turnedOn == "ODD")
    }
}
