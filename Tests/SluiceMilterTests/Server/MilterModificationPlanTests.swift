// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceMilter

@Suite("A plan of milter modifications") struct MilterModificationPlanTests {
    private static let all = MilterOptions(version: 6, actions: .version6, steps: .version6)
    private static let header = HeaderSection([
        HeaderField(name: "Received", value: "from a"), HeaderField(name: "Subject", value: "one"),
        HeaderField(name: "X-Spam-Flag", value: "NO"), HeaderField(name: "x-spam-flag", value: "YES"),
    ])

    private func rules(_ kind: MTAHeaderModel.Kind) -> MilterIndexRules { kind == .postfix ? .postfix : .sendmail }

    /// What the MTA would deliver, its own Received left out.
    private func delivered(
        _ header: HeaderSection, _ edits: [MessageEdit], _ kind: MTAHeaderModel.Kind
    ) -> [String] {
        let plan = MilterModificationPlan(header: header, edits: edits, options: Self.all, rules: rules(kind))
        var model = MTAHeaderModel(kind, header)
        for modification in plan.modifications { model.take(modification) }
        return Array(model.delivered.dropFirst())
    }

    private func expected(_ header: HeaderSection, _ edits: [MessageEdit]) -> [String] {
        Message(header: header, body: MemoryContent("")).applying(edits).header.fields.map {
            "\($0.name.lowercased()):\(String(buffer: $0.rawValue).replacing("\r\n", with: "\n"))"
        }
    }

    @Test(
        "trace fields stand right below the MTA's own Received, in their order", arguments: MTAHeaderModel.Kind.allCases
    )
    func trace(_ kind: MTAHeaderModel.Kind) {
        let edits: [MessageEdit] = [
            .deleteField(name: "x-spam-flag", occurrence: 2), .deleteField(name: "X-Spam-Flag", occurrence: 1),
            .addField(name: "A", value: "1", position: 0), .addField(name: "B", value: "2\r\n\tfolded", position: 1),
        ]
        #expect(delivered(Self.header, edits, kind) == ["a: 1", "b: 2\n\tfolded", "received: from a", "subject: one"])
    }

    @Test("edits that cancel each other out are not told")
    func nothing() {
        let edits: [MessageEdit] = [
            .addField(name: "X", value: "1", position: 2), .changeField(name: "Subject", occurrence: 1, value: "two"),
            .deleteField(name: "X", occurrence: 1), .changeField(name: "Subject", occurrence: 1, value: "one"),
        ]
        let plan = MilterModificationPlan(header: Self.header, edits: edits, options: Self.all)
        #expect(plan.modifications.isEmpty && plan.notes.isEmpty)
    }

    @Test("a change to an empty value stays a change, since an empty one would delete")
    func empty() {
        let plan = MilterModificationPlan(
            header: Self.header, edits: [.changeField(name: "Subject", occurrence: 1, value: "")], options: Self.all)
        #expect(
            plan.modifications == [
                .changeField(index: 1, name: ByteBuffer(string: "Subject"), value: ByteBuffer(string: " "))
            ])
    }

    @Test("a replaced body is told once, as the last one")
    func body() {
        let edits: [MessageEdit] = [.replaceBody(Array("a".utf8)), .replaceBody(Array("b".utf8))]
        let plan = MilterModificationPlan(header: Self.header, edits: edits, options: Self.all)
        #expect(plan.modifications == [.replaceBody(ByteBuffer(string: "b"))])
    }

    @Test("nothing is told that was not negotiated, and the notes say what is left out")
    func rights() {
        let edits: [MessageEdit] = [
            .addField(name: "A", value: "1", position: 0), .deleteField(name: "Subject", occurrence: 1),
            .deleteField(name: "Received", occurrence: 1), .replaceBody([]),
        ]
        var plan = MilterModificationPlan(
            header: Self.header, edits: edits, options: MilterOptions(version: 6, actions: [], steps: []))
        plan.changeReversePath(to: .null)
        plan.addRecipient(Mailbox(localPart: "a", domain: "b.test"))
        plan.deleteRecipient(ByteBuffer(string: "<c@d.test>"))
        #expect(plan.modifications.isEmpty)
        #expect(plan.notes.count == 6)
    }

    @Test("the envelope's modifications have angle brackets; a recipient is deleted as the MTA wrote it")
    func envelope() {
        var plan = MilterModificationPlan(header: Self.header, edits: [], options: Self.all)
        plan.changeReversePath(to: .null)
        plan.addRecipient(Mailbox(localPart: "a b", domain: "b.test"))
        plan.deleteRecipient(ByteBuffer(string: "<C@D.test>"))
        #expect(
            plan.modifications == [
                .changeReversePath(ByteBuffer(string: "<>"), parameters: nil),
                .addRecipient(ByteBuffer(string: "<\"a b\"@b.test>")),
                .deleteRecipient(ByteBuffer(string: "<C@D.test>")),
            ])
    }

    @Test(
        "of ESMTP parameters those are told that both MTAs take, where the MTA gave the right; the notes have the rest")
    func parameters() throws {
        let anna = Mailbox(localPart: "a", domain: "b.test")
        let recipient = try #require(ESMTPParameters("NOTIFY=NEVER ORCPT=rfc822;x@y X-OTHER=1".utf8))
        var plan = MilterModificationPlan(header: Self.header, edits: [], options: Self.all)
        plan.changeReversePath(
            to: .mailbox(anna), parameters: ESMTPParameters("ENVID=q SIZE=5 RET=HDRS".utf8))
        plan.addRecipient(anna, parameters: recipient)
        plan.addRecipient(anna, parameters: ESMTPParameters("NOTIFY=SOMETIMES".utf8))
        plan.leaveOut(recipient, of: anna)
        #expect(
            plan.modifications == [
                .changeReversePath(
                    ByteBuffer(string: "<a@b.test>"), parameters: ByteBuffer(string: "ENVID=q RET=HDRS")),
                .addRecipientWithParameters(
                    ByteBuffer(string: "<a@b.test>"),
                    parameters: ByteBuffer(string: "NOTIFY=NEVER ORCPT=rfc822;x@y")),
                .addRecipient(ByteBuffer(string: "<a@b.test>")),
            ])
        #expect(plan.notes.count == 4)
        #expect(plan.notes[0].hasSuffix("left out: SIZE=5") && plan.notes[1].hasSuffix("left out: X-OTHER=1"))
        #expect(plan.notes[2].hasSuffix("left out: NOTIFY=SOMETIMES"))
        let rights = MilterActions.version6.subtracting(.addRecipientsWithParameters)
        var lesser = MilterModificationPlan(
            header: Self.header, edits: [], options: MilterOptions(version: 6, actions: rights, steps: []))
        lesser.addRecipient(anna, parameters: ESMTPParameters("notify=NEVER".utf8))
        #expect(lesser.modifications == [.addRecipient(ByteBuffer(string: "<a@b.test>"))])
        #expect(
            lesser.notes == ["the MTA takes no parameters of a recipient: <a@b.test> is added without NOTIFY=NEVER"])
    }

    @Test("an MTA is known by its version")
    func version() {
        #expect(MilterIndexRules.of(version: "Postfix 3.7.11") == .postfix)
        #expect(MilterIndexRules.of(version: "8.17.1.9") == .sendmail)
        #expect(MilterIndexRules.of(version: nil) == .postfix)
    }

    @Test("any edits lead to the header section that applying them leads to", arguments: MTAHeaderModel.Kind.allCases)
    func property(_ kind: MTAHeaderModel.Kind) {
        var generator = SeededGenerator(seed: 5)
        let names = ["Subject", "subject", "X-A", "X-B", "Received", "Date"]
        for _ in 0..<2000 {
            let header = HeaderSection(
                (0..<Int.random(in: 0...6, using: &generator)).map { number in
                    HeaderField(
                        name: names.randomElement(using: &generator) ?? "X-A",
                        value: Bool.random(using: &generator) ? "v\(number)" : "v\(number)\r\n\tw")
                })
            let edits = (0..<Int.random(in: 0...8, using: &generator)).map { number in
                edit(number, names, &generator)
            }
            #expect(delivered(header, edits, kind) == expected(header, edits), "\(header.fields.map(\.name)) \(edits)")
        }
    }

    private func edit(_ number: Int, _ names: [String], _ generator: inout SeededGenerator) -> MessageEdit {
        let name = names.randomElement(using: &generator) ?? "X-A"
        let occurrence = Int.random(in: 1...3, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            let position: Int? = Bool.random(using: &generator) ? nil : Int.random(in: 0...7, using: &generator)
            return .addField(name: name, value: "new\(number)", position: position)
        case 1: return .changeField(name: name, occurrence: occurrence, value: "changed\(number)\r\n more")
        default: return .deleteField(name: name, occurrence: occurrence)
        }
    }
}
