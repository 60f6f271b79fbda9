// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// An MTA's side of a milter connection: negotiates, tells the milter of one message after the other, and does to each
/// what the milter says.
///
/// With ``send(_:)`` whole messages go through; ``exchange(_:payload:message:recipient:)`` takes single steps.
package actor MTASession {
    /// Called around each packet; what it throws ends the message there, with the packet unsent or its reply unread.
    package typealias Hook = @Sendable (MTAStep, MTAStep.Moment) async throws -> Void

    package let connection: MTAConnection
    package let model: MTAModel
    /// What the milter answered to the offer.
    package let agreed: MTAOffer
    /// What it asked to be told, by number of the step.
    package let symbolLists: [UInt32: [String]]
    /// How long to wait for the reply at the end of a message.
    private let contentTimeout: TimeAmount
    private let hook: Hook?
    private var isConnected = false
    /// The milter's word on the whole SMTP session.
    private var sessionDisposition: (MTAOutcome.Disposition, MTAStep)?
    private var progress = 0
    private var longestSilence = Duration.zero
    private var violations: [String] = []

    private init(
        connection: MTAConnection, model: MTAModel, agreed: MTAOffer, symbolLists: [UInt32: [String]],
        contentTimeout: TimeAmount, hook: Hook?
    ) {
        self.connection = connection
        self.model = model
        self.agreed = agreed
        self.symbolLists = symbolLists
        self.contentTimeout = contentTimeout
        self.hook = hook
    }

    /// Connects and negotiates.
    ///
    /// - Throws: ``MTAConnection/Failure`` where the milter is not there, or answers more than was offered.
    package static func open(
        _ address: MTAAddress, offer: MTAOffer = .full, model: MTAModel = .postfix, timeout: TimeAmount = .seconds(20),
        contentTimeout: TimeAmount? = nil, hook: Hook? = nil
    ) async throws -> MTASession {
        let connection = try await MTAConnection.connect(to: address, timeout: timeout)
        do {
            try await hook?(.negotiation, .before)
            let numbers = [offer.version, offer.actions, offer.steps].flatMap(MTAPacket.integer)
            try await connection.send(MTAPacket("O", numbers))
            try await hook?(.negotiation, .waiting)
            let answer = try await connection.receive()
            let agreed = MTAOffer(
                version: answer.integer(at: 0), actions: answer.integer(at: 4), steps: answer.integer(at: 8))
            guard answer.code == "O", answer.payload.count >= 12, (2...offer.version).contains(agreed.version),
                agreed.actions & ~offer.actions == 0, agreed.steps & ~offer.steps == 0
            else { throw MTAConnection.Failure.unexpected("\(answer) \(agreed) after \(offer)") }
            let canSetSymbols = agreed.actions & MTAAction.setSymbolList.rawValue != 0
            guard canSetSymbols || answer.payload.count == 12 else {
                throw MTAConnection.Failure.unexpected("a list of symbols where none was agreed on")
            }
            return MTASession(
                connection: connection, model: model, agreed: agreed, symbolLists: Self.symbolLists(in: answer),
                contentTimeout: contentTimeout ?? timeout, hook: hook)
        } catch {
            try await connection.close()
            throw error
        }
    }

    private static func symbolLists(in answer: MTAPacket) -> [UInt32: [String]] {
        var lists: [UInt32: [String]] = [:]
        var offset = 12
        while offset + 4 < answer.payload.count, let list = answer.strings(from: offset + 4).first {
            let names = String(decoding: list, as: UTF8.self).split { $0 == " " || $0 == "," }.map(String.init)
            lists[answer.integer(at: offset)] = names
            offset += 4 + list.count + 1
        }
        return lists
    }

    // MARK: Whole messages

    /// Tells the milter of a message and gives its outcome. What goes wrong is an outcome too: the MTA's default action
    /// then is a 4yz reply.
    package func send(_ message: MTAMessage) async -> MTAOutcome {
        var outcome = MTAOutcome(
            disposition: .accepted, step: .connect, sender: message.sender, recipients: message.recipients,
            content: MTAContent(message.content))
        progress = 0
        longestSilence = .zero
        violations = []
        do {
            try await transact(message, &outcome)
            violations += try await unasked()
        } catch let failure as MTAConnection.Failure {
            outcome.disposition = .failed(failure)
        } catch {
            outcome.disposition = .failed(.unexpected("\(error)"))
        }
        if outcome.disposition == .accepted, outcome.recipients.isEmpty { outcome.disposition = .discarded }
        outcome.content.fields.removeAll { !$0.isShown }
        outcome.progress = progress
        outcome.longestSilence = longestSilence
        outcome.violations += violations
        return outcome
    }

    private func transact(_ message: MTAMessage, _ outcome: inout MTAOutcome) async throws {
        try await greet(message, &outcome)
        if let (disposition, step) = sessionDisposition {
            outcome.disposition = disposition
            outcome.step = step
            return
        }
        guard try await tellEnvelope(message, &outcome), try await tellContent(message, &outcome) else {
            return try await abort()
        }
        try await finish(message, &outcome)
    }

    /// Connection and greeting, once for each SMTP session.
    private func greet(_ message: MTAMessage, _ outcome: inout MTAOutcome) async throws {
        guard !isConnected else { return }
        for step in [MTAStep.connect, .helo] where sessionDisposition == nil {
            outcome.step = step
            let payload = step == .connect ? message.client.payload : Array(message.helo.utf8) + [0]
            if let disposition = try await exchange(step, payload: payload, message: message).disposition(at: step) {
                sessionDisposition = (disposition, step)
            }
        }
        isConnected = true
    }

    /// Whether the message goes on.
    private func tellEnvelope(_ message: MTAMessage, _ outcome: inout MTAOutcome) async throws -> Bool {
        func strings(_ path: MTAMessage.Path) -> [UInt8] {
            MTAPacket(" ", strings: ["<\(path.address)>"] + path.parameters).payload
        }
        guard try await tell(.mail, strings(message.sender), message, &outcome) != nil else { return false }
        if agreed.steps & MTAStepFlag.rejectedRecipients.rawValue != 0 {
            for path in message.refusedByMTA {
                var told = message
                told.macros["{rcpt_mailer}"] = "error"
                told.macros["{rcpt_host}"] = "5.1.1"
                told.macros["{rcpt_addr}"] = "550 5.1.1 User unknown"
                _ = try await exchange(.recipient, payload: strings(path), message: told, recipient: path)
            }
        }
        outcome.step = .recipient
        var first: MTAOutcome.Disposition?
        for path in message.recipients {
            let reply = try await exchange(.recipient, payload: strings(path), message: message, recipient: path)
            switch reply.disposition(at: .recipient) {
            case nil: break
            case .rejected(let text), .deferred(let text):
                first = first ?? reply.disposition(at: .recipient)
                outcome.refused[path.address] = text
                outcome.recipients.removeAll { $0 == path }
            case let disposition?:
                outcome.disposition = disposition
                return false
            }
        }
        if outcome.recipients.isEmpty, let first {
            outcome.disposition = first
            return false
        }
        return agreed.version < 4 ? true : try await tell(.data, [], message, &outcome) != nil
    }

    private func tellContent(_ message: MTAMessage, _ outcome: inout MTAOutcome) async throws -> Bool {
        let keepsSpace = agreed.steps & MTAStepFlag.headerLeadingSpace.rawValue != 0
        for field in outcome.content.fields {
            let value = keepsSpace || field.value.first != 0x20 ? field.value[...] : field.value.dropFirst()
            let payload = Array(field.name.utf8) + [0] + value + [0]
            guard let reply = try await tell(.header, payload, message, &outcome) else { return false }
            if reply == .skip { break }
        }
        guard try await tell(.endOfHeader, [], message, &outcome) != nil else { return false }
        var rest = outcome.content.body[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(max(1, message.chunkSize)))
            guard let reply = try await tell(.body, chunk, message, &outcome) else { return false }
            if reply == .skip { break }
            rest = rest.dropFirst(chunk.count)
        }
        return true
    }

    /// One step; nil where the reply ended the message.
    private func tell(
        _ step: MTAStep, _ payload: [UInt8], _ message: MTAMessage, _ outcome: inout MTAOutcome
    ) async throws -> MTAReply? {
        outcome.step = step
        let reply = try await exchange(step, payload: payload, message: message)
        if reply == .skip { outcome.skipped.append(step) }
        if reply == .skip, agreed.steps & MTAStepFlag.skip.rawValue == 0 { violations.append("skip") }
        guard let disposition = reply.disposition(at: step) else { return reply }
        outcome.disposition = disposition
        return nil
    }

    /// The end of the message: modifications until the reply.
    private func finish(_ message: MTAMessage, _ outcome: inout MTAOutcome) async throws {
        outcome.step = .endOfMessage
        try await transmit(.endOfMessage, payload: [], message: message, recipient: nil)
        var edits = MTAEdits(model: model, keepsSpace: agreed.steps & MTAStepFlag.headerLeadingSpace.rawValue != 0)
        outcome.content.fields.insert(contentsOf: model.ownFields(queueID: message.queueID), at: 0)
        while true {
            let packet = try await receive(within: contentTimeout)
            if let modification = MTAModification(packet) {
                if let action = MTAModification.action(of: packet.code), agreed.actions & action.rawValue == 0 {
                    violations.append("\(action) was not agreed on")
                } else {
                    edits.apply(modification, to: &outcome)
                }
            } else if let reply = MTAReply(packet), let disposition = reply.disposition(at: .endOfMessage) {
                outcome.disposition = disposition
                if disposition == .accepted { edits.finish(&outcome) }
                return
            } else {
                throw MTAConnection.Failure.unexpected("\(packet)")
            }
        }
    }

    // MARK: Single steps

    /// Sends the step's macros and packet, and reads its reply; `.proceed` where the step or its reply is left out.
    package func exchange(
        _ step: MTAStep, payload: [UInt8], message: MTAMessage = MTAMessage(), recipient: MTAMessage.Path? = nil
    ) async throws -> MTAReply {
        if let omission = step.omission, agreed.steps & omission.rawValue != 0 { return .proceed }
        try await transmit(step, payload: payload, message: message, recipient: recipient)
        if let silence = step.silence, agreed.steps & silence.rawValue != 0 { return .proceed }
        let packet = try await receive(within: nil)
        guard let reply = MTAReply(packet) else { throw MTAConnection.Failure.unexpected("\(packet) at \(step)") }
        return reply
    }

    private func transmit(
        _ step: MTAStep, payload: [UInt8], message: MTAMessage, recipient: MTAMessage.Path?
    ) async throws {
        try await hook?(step, .before)
        violations += try await unasked()
        var octets: [UInt8] = []
        let values = message.values(for: recipient)
        let symbols = step.symbolList.flatMap { symbolLists[$0] } ?? model.symbols(at: step)
        let told = symbols.filter { $0 != "i" || model.knowsQueueID(at: step) }
        let macros = told.flatMap { name in values[name].map { [name, $0] } ?? [] }
        if !macros.isEmpty {
            octets += MTAPacket("D", [step.code.asciiValue ?? 0] + MTAPacket(" ", strings: macros).payload).octets
        }
        try await connection.send(octets: octets + MTAPacket(step.code, payload).octets)
        try await hook?(step, .waiting)
    }

    /// The next packet but progress.
    private func receive(within time: TimeAmount?) async throws -> MTAPacket {
        while true {
            let start = ContinuousClock.now
            defer { longestSilence = max(longestSilence, ContinuousClock.now - start) }
            let packet = try await connection.receive(within: time)
            if packet.code != "p" { return packet }
            progress += 1
        }
    }

    private func unasked() async throws -> [String] {
        let count = try await connection.unread()
        return count == 0 ? [] : ["\(count) packets that nobody asked for"]
    }

    /// An unknown SMTP command that the client said.
    package func unknown(_ line: String) async throws -> MTAReply {
        guard agreed.version >= 3, agreed.steps & MTAStepFlag.noUnknown.rawValue == 0 else { return .proceed }
        try await connection.send(MTAPacket("U", strings: [line]))
        if agreed.steps & MTAStepFlag.noReplyUnknown.rawValue != 0 { return .proceed }
        let packet = try await receive(within: nil)
        guard let reply = MTAReply(packet) else { throw MTAConnection.Failure.unexpected("\(packet)") }
        return reply
    }

    /// Gives the message up; the SMTP session goes on.
    package func abort() async throws { try await connection.send(MTAPacket("A")) }

    /// Ends the SMTP session; the connection serves the next one.
    package func quitForNewConnection() async throws {
        try await connection.send(MTAPacket("K"))
        isConnected = false
        sessionDisposition = nil
    }

    /// Ends the session and the connection.
    package func quit() async throws {
        try await connection.send(MTAPacket("Q"))
        try await connection.close()
    }
}
