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
