// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite struct AuditTests {
    /// A chain of records as the journal writes it.
    private struct Chain {
        private(set) var head = LedgerHead()
        private(set) var links: [LedgerLink] = []

        mutating func append(
            _ item: UInt64, _ state: RecipientStep.State, accepted: Bool = false, at seconds: Int64 = 100,
            recipient: UInt32 = 0
        ) throws {
            var buffer = ByteBuffer()
            head.append(
                LedgerRecord(
                    sequence: head.length + 1, time: Timestamp(seconds: seconds), item: QueueID(number: item),
                    recipient: recipient, state: state, isAcceptance: accepted, replyCode: 250, message: item,
                    messageID: accepted ? "m\(item)" : ""), to: &buffer)
            var reader = RecordReader(buffer)
            links.append(try reader.ledgerLink())
        }

        func account(
            _ links: [LedgerLink]? = nil, live: [UInt64: RecipientStep.State] = [:], since: Int64? = nil,
            after start: LedgerHead? = nil
        ) -> Account {
            var audit = Audit(since: since.map { Timestamp(seconds: $0) })
            if let start { audit.begin(after: start) }
            for link in links ?? self.links { audit.add(link) }
            let keys = live.map { (RecipientKey(item: QueueID(number: $0), recipient: 0), $1) }
            return audit.finish(
                live: Dictionary(uniqueKeysWithValues: keys), acceptedAt: { _ in Timestamp(seconds: 50) }, head: head)
        }
    }

    private static func sample() throws -> Chain {
        var chain = Chain()
        try chain.append(1, .queued, accepted: true)
        try chain.append(2, .quarantined, accepted: true, at: 200)
        try chain.append(1, .queued)
        try chain.append(3, .removed, accepted: true, at: 300)
        try chain.append(1, .delivered, at: 400)
        try chain.append(4, .queued, accepted: true, at: 500)
        try chain.append(4, .held, at: 600)
        return chain
    }

    @Test("every accepted recipient is in exactly one state")
    func addsUp() throws {
        let account = try Self.sample().account(live: [2: .quarantined, 4: .held])
        #expect(account.accepted == 4 && account.recipients == 4)
        #expect(account.delivered == 1 && account.quarantined == 1 && account.removed == 1 && account.held == 1)
        #expect(account.addsUp)
    }

    @Test("only what was accepted from then on is counted, but the whole chain is verified")
    func since() throws {
        let chain = try Self.sample()
        let account = chain.account(live: [2: .quarantined, 4: .held], since: 200)
        #expect(account.accepted == 3 && account.recipients == 3 && account.delivered == 0 && account.addsUp)
        let broken = chain.account(Array(chain.links.dropFirst()), live: [2: .quarantined, 4: .held], since: 200)
        #expect(broken.chain == .broken("records 1 to 1 are missing"))
    }

    @Test("a recipient that the queue has lost, or has in another state, is unaccounted for")
    func lost() throws {
        let chain = try Self.sample()
        #expect(chain.account(live: [4: .held]).unaccounted == 1)
        #expect(chain.account(live: [2: .queued, 4: .held]).unaccounted == 1)
        #expect(chain.account(live: [2: .quarantined, 4: .held, 9: .queued]).unaccounted == 1)
    }

    @Test("a record that was taken out, changed, put in or cut off breaks the chain, and the account says where")
    func tampered() throws {
        let chain = try Self.sample()
        let live: [UInt64: RecipientStep.State] = [2: .quarantined, 4: .held]
        var links = chain.links
        links.remove(at: 2)
        #expect(chain.account(links, live: live).chain == .broken("records 3 to 3 are missing"))
        #expect(chain.account(links, live: live).unaccounted == 1)

        links = chain.links
        links[4].record.state = .bounced
        links[4].encoded = links[4].record.encoded()
        #expect(
            chain.account(links, live: live).chain == .broken("record 5 does not follow from the one before it"))

        #expect(
            chain.account(Array(chain.links.dropLast(2)), live: live).chain == .broken("records 6 to 7 are missing"))
    }

    @Test("a change of a recipient that was never accepted, or is finished, does not add up")
    func strangeChange() throws {
        var chain = try Self.sample()
        try chain.append(1, .bounced)
        try chain.append(77, .delivered)
        let account = chain.account(live: [2: .quarantined, 4: .held])
        #expect(account.unaccounted == 2 && account.chain == .intact && !account.addsUp)
    }

    @Test("a chain whose beginning is past its time is followed from the head that its oldest file begins with")
    func pruned() throws {
        let chain = try Self.sample()
        let start = LedgerHead(length: 2, hash: chain.links[1].hash)
        let account = chain.account(
            Array(chain.links.dropFirst(2)), live: [2: .quarantined, 4: .held], after: start)
        #expect(account.chain == .intact && account.unaccounted == 0)
        #expect(account.quarantined == 1 && account.held == 1 && account.removed == 1)
    }

    @Test("records that a file of the ledger and a segment both have count once")
    func overlap() throws {
        let chain = try Self.sample()
        let account = chain.account(
            Array(chain.links[..<4]) + Array(chain.links[1...]), live: [2: .quarantined, 4: .held])
        #expect(account.addsUp && account.recipients == 4)
    }

    @Test("a record of the ledger holds no address and no text but the id of its message")
    func holdsNoAddress() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        let id = try await queue.commit(
            Sample.submission("id-of-message", to: [NewRecipient(Sample.mailbox("secret-address"))]))[0]
        try await queue.apply([
            StateChange(
                item: id, recipient: 0, state: .bounced, replyCode: 550, reply: "550 secret-text", by: "secret-name",
                why: "secret-reason")
        ])
        fixture.time.advance(by: .seconds(4000))
        try await queue.maintain(now: fixture.time.now)
        let files = fixture.disk.files.filter { $0.hasPrefix("/state/ledger/") }
        #expect(files.count == 1)
        let octets = String(decoding: fixture.disk.octets(of: files[0]) ?? [], as: UTF8.self)
        #expect(octets.contains("id-of-message"))
        #expect(!octets.contains("secret") && !octets.contains("example.org"))
    }
}
