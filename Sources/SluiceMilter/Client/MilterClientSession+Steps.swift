// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

extension MilterClientSession {
    /// Tells the steps from `run.step` on, until an answer or a piece of the body is needed.
    mutating func proceed(_ run: Run, _ first: [MilterCommand] = []) -> [Action] {
        var run = run
        var commands = first
        while true {
            if run.step == .data, run.isRefusedForAll { return finish(run, .proceed, commands) }
            if run.step.isTold(of: run.transaction) {
                let isOmitted = !options.steps.isDisjoint(with: run.step.omission)
                // As Sendmail does, macros are told even where the step is not; but not those of each recipient.
                if !isOmitted || !run.step.isRepeated, let macros = macros(of: run) { commands.append(macros) }
                if !isOmitted {
                    if case .body(let offset) = run.step {
                        let rest = run.transaction.body.length - offset
                        run.isReplyAwaited = false
                        state = .running(run)
                        let reading = Action.readBody(at: offset, count: min(rest, MilterPacket.chunkSize))
                        return commands.isEmpty ? [reading] : [.send(commands), reading]
                    }
                    commands.append(command(of: run))
                    if options.steps.isDisjoint(with: run.step.silence) {
                        run.isReplyAwaited = true
                        state = .running(run)
                        return [.send(commands)]
                    }
                }
            }
            run.step = run.step.next(in: run.transaction)
        }
    }

    private func command(of run: Run) -> MilterCommand {
        let transaction = run.transaction
        switch run.step {
        case .negotiation, .body: preconditionFailure("not told here")
        case .connect: return .connect(hostname: transaction.client.hostname, transaction.client.address)
        case .helo: return .helo(transaction.client.helo ?? ByteBuffer())
        case .mail: return .mail(transaction.reversePath)
        case .recipient(let index): return .recipient(transaction.recipients[index].arguments)
        case .data: return .data
        case .header(let index):
            let field = transaction.header[index]
            return .header(name: field.name, value: wireValue(field.value))
        case .endOfHeader: return .endOfHeader
        case .endOfMessage: return .endOfMessage(ByteBuffer())
        }
    }

    /// Without ``MilterSteps/leadingSpace`` the space after the colon is not part of the value.
    private func wireValue(_ value: ByteBuffer) -> ByteBuffer {
        guard !options.steps.contains(.leadingSpace), value.readableBytesView.first == UInt8(ascii: " ") else {
            return value
        }
        return value.getSlice(at: value.readerIndex + 1, length: value.readableBytes - 1) ?? value
    }

    private func macros(of run: Run) -> MilterCommand? {
        guard let step = run.step.macroStep, let code = run.step.code else { return nil }
        var known = run.transaction.client.macros
        switch run.step {
        case .negotiation, .connect, .helo: break
        case .mail, .data, .header, .endOfHeader, .body, .endOfMessage: known.merge(run.transaction.macros)
        case .recipient(let index):
            known.merge(run.transaction.macros)
            known.merge(run.transaction.recipients[index].macros)
        }
        let selected = macroLists.selected(step, from: known)
        // At MAIL an empty list is told too: it takes away what was told of the message before (libmilter keeps it).
        return selected.values.isEmpty && step != .mail ? nil : .macros(step: code, selected)
    }
}

extension MilterClientSession.Run {
    /// Whether no recipient is left.
    var isRefusedForAll: Bool {
        !transaction.recipients.isEmpty && refusedRecipients.count == transaction.recipients.count
    }
}

extension MilterClientStep {
    /// Whether there is anything to tell at this step.
    fileprivate func isTold(of transaction: MilterTransaction) -> Bool {
        switch self {
        case .negotiation: false
        case .connect, .mail, .data, .endOfHeader, .endOfMessage: true
        case .helo: transaction.client.helo != nil
        case .recipient(let index): index < transaction.recipients.count
        case .header(let index): index < transaction.header.count
        case .body(let offset): offset < transaction.body.length
        }
    }

    fileprivate var isRepeated: Bool {
        switch self {
        case .recipient, .header, .body: true
        case .negotiation, .connect, .helo, .mail, .data, .endOfHeader, .endOfMessage: false
        }
    }

    /// The step that follows when this one has been told, or is left out.
    fileprivate func next(in transaction: MilterTransaction) -> MilterClientStep {
        switch self {
        case .negotiation: .connect
        case .connect: .helo
        case .helo: .mail
        case .mail: .recipient(0)
        case .recipient(let index): index + 1 < transaction.recipients.count ? .recipient(index + 1) : .data
        case .data: .header(0)
        case .header(let index): index + 1 < transaction.header.count ? .header(index + 1) : .endOfHeader
        case .endOfHeader: .body(0)
        case .body, .endOfMessage: .endOfMessage
        }
    }

    /// What follows where the filter wants no more of this kind.
    func skipped() -> MilterClientStep? {
        switch self {
        case .recipient: .data
        case .header: .endOfHeader
        case .body: .endOfMessage
        case .negotiation, .connect, .helo, .mail, .data, .endOfHeader, .endOfMessage: nil
        }
    }

    /// The step after the one that was answered.
    func answered(in transaction: MilterTransaction) -> MilterClientStep {
        // The offset has been counted on already when the piece was told.
        if case .body = self { return self }
        return next(in: transaction)
    }

    fileprivate var code: UInt8? {
        switch self {
        case .negotiation: nil
        case .connect: MilterCommandCode.connect
        case .helo: MilterCommandCode.helo
        case .mail: MilterCommandCode.mail
        case .recipient: MilterCommandCode.recipient
        case .data: MilterCommandCode.data
        case .header: MilterCommandCode.header
        case .endOfHeader: MilterCommandCode.endOfHeader
        case .body: MilterCommandCode.body
        case .endOfMessage: MilterCommandCode.endOfMessage
        }
    }
}
