// SPDX-License-Identifier: Apache-2.0

/// Does to a message what the milter says, at the end of it.
struct MTAEdits {
    let model: MTAModel
    /// Whether values come with the space behind the colon.
    let keepsSpace: Bool
    private var body: [UInt8]?
    private var reason: String?

    init(model: MTAModel, keepsSpace: Bool) {
        self.model = model
        self.keepsSpace = keepsSpace
    }

    mutating func apply(_ modification: MTAModification, to outcome: inout MTAOutcome) {
        outcome.modifications.append(modification)
        switch modification {
        case .addHeader(let name, let value):
            model.add(field(name, value), to: &outcome.content.fields)
        case .insertHeader(let index, let name, let value):
            model.insert(field(name, value), at: index, in: &outcome.content.fields)
        case .changeHeader(let name, let occurrence, let value):
            let field = value.isEmpty ? nil : field(name, value)
            model.change(name, occurrence: occurrence, to: field, in: &outcome.content.fields)
        case .replaceBody(let chunk): body = (body ?? []) + chunk
        case .addRecipient(let path): outcome.recipients.append(path)
        case .deleteRecipient(let address): outcome.recipients.removeAll { $0.address == address }
        case .changeSender(let path): outcome.sender = path
        case .quarantine(let reason): self.reason = reason
        }
    }

    /// The reply was positive.
    func finish(_ outcome: inout MTAOutcome) {
        if let body { outcome.content.body = body }
        if let reason { outcome.disposition = .held(reason) }
    }

    private func field(_ name: String, _ value: [UInt8]) -> MTAField {
        MTAField(name: name, value: model.folded(keepsSpace ? value : [0x20] + value), origin: .milter)
    }
}
