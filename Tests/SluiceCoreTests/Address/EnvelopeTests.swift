// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@Suite("Edits of an envelope") struct EnvelopeEditTests {
    private let anna = Mailbox(localPart: "anna", domain: "example.org")
    private let bert = Mailbox(localPart: "bert", domain: "example.org")

    private var envelope: Envelope { Envelope(reversePath: .null, recipients: [anna, bert], is8BitMIME: true) }

    @Test("recipients are added once, deleted wherever they are, and the last word counts")
    func recipients() {
        let carl = Mailbox(localPart: "carl", domain: "example.org")
        #expect(envelope.applying([.addRecipient(carl), .addRecipient(carl)]).recipients == [anna, bert, carl])
        #expect(envelope.applying([.deleteRecipient(anna)]).recipients == [bert])
        #expect(envelope.applying([.deleteRecipient(anna), .addRecipient(anna)]).recipients == [bert, anna])
        #expect(envelope.applying([.addRecipient(carl), .deleteRecipient(carl)]).recipients == [anna, bert])
        #expect(envelope.applying([.deleteRecipient(carl)]) == envelope)
    }

    @Test("parameters of an added recipient and of a new reverse-path are what the sender asks of notifications")
    func parameters() {
        let carl = Mailbox(localPart: "carl", domain: "example.org")
        let never = ESMTPParameters("NOTIFY=NEVER X-OTHER".utf8)
        let added = envelope.applying([.addRecipient(carl, parameters: never), .addRecipient(anna, parameters: never)])
        #expect(added.dsn?[carl] == RecipientDSNParameters(notify: []))
        #expect(added.dsn?[anna] == RecipientDSNParameters())
        #expect(added.applying([.deleteRecipient(carl)]).dsn == nil)
        var asked = envelope
        asked.dsn = DSNParameters(returned: .full, envelopeID: "one")
        let changed = asked.applying([.changeReversePath(.null, parameters: ESMTPParameters("ENVID=two".utf8))])
        #expect(changed.dsn == DSNParameters(returned: .full, envelopeID: "two"))
        #expect(asked.applying([.changeReversePath(.null)]).dsn == asked.dsn)
    }

    @Test("the reverse-path changes, and edits of the content change nothing")
    func others() {
        #expect(envelope.applying([.changeReversePath(.mailbox(bert))]).reversePath == .mailbox(bert))
        let content: [MessageEdit] = [
            .addField(name: "X", value: "1", position: nil), .changeField(name: "X", occurrence: 1, value: "2"),
            .deleteField(name: "X", occurrence: 1), .replaceBody([]),
        ]
        #expect(envelope.applying(content) == envelope)
    }
}
