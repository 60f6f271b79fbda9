// SPDX-License-Identifier: Apache-2.0

/// What the sender of a message asks of the notifications about it (RFC 3461 §4).
package struct DSNParameters: Hashable, Sendable, Codable {
    /// `RET`: how much of the message comes back with a notification of failure (§4.3).
    package enum Returned: String, Hashable, Sendable, Codable {
        case full = "FULL"
        case headers = "HDRS"
    }

    package var returned: Returned?
    /// `ENVID`: the sender's own name for the transaction, as xtext (§4.4).
    package var envelopeID: String?
    /// Only those that say something.
    package private(set) var recipients: [Mailbox: RecipientDSNParameters] = [:]

    /// The most characters of an ENVID, as it is written (§4.4).
    package static let envelopeIDLimit = 100

    package init(returned: Returned? = nil, envelopeID: String? = nil) {
        self.returned = returned
        self.envelopeID = envelopeID
    }

    /// Whether nothing is asked for.
    package var isEmpty: Bool { returned == nil && envelopeID == nil && recipients.isEmpty }

    package subscript(recipient: Mailbox) -> RecipientDSNParameters {
        get { recipients[recipient] ?? RecipientDSNParameters() }
        set { recipients[recipient] = newValue == RecipientDSNParameters() ? nil : newValue }
    }

    /// Takes RET and ENVID of MAIL's parameters; what is malformed is as if it were not there.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    package mutating func take(_ parameters: ESMTPParameters) -> Bool {
        var hasTaken = false
        if let value = parameters["RET"], let returned = Returned(rawValue: value.uppercased()) {
            self.returned = returned
            hasTaken = true
        }
        if let value = parameters["ENVID"], value.utf8.count <= Self.envelopeIDLimit, XText.decode(value) != nil {
            envelopeID = value
            hasTaken = true
        }
        return hasTaken
    }

    /// What concerns these recipients; `nil` where it is nothing.
    package func only(_ mailboxes: some Sequence<Mailbox>) -> DSNParameters? {
        var part = DSNParameters(returned: returned, envelopeID: envelopeID)
        for mailbox in mailboxes { part[mailbox] = self[mailbox] }
        return part.isEmpty ? nil : part
    }

    /// RET and ENVID as parameters of MAIL.
    package var written: [String] {
        var parameters: [String] = []
        if let returned { parameters.append("RET=\(returned.rawValue)") }
        if let envelopeID { parameters.append("ENVID=\(envelopeID)") }
        return parameters
    }
}

/// What the sender asks of the notifications about one recipient.
package struct RecipientDSNParameters: Hashable, Sendable, Codable {
    /// `NOTIFY`: what is to be told (RFC 3461 §4.1); none of it is `NEVER`.
    package struct Notify: OptionSet, Hashable, Sendable, Codable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let success = Notify(rawValue: 1)
        package static let failure = Notify(rawValue: 2)
        package static let delay = Notify(rawValue: 4)

        fileprivate static let names: [(name: String, value: Notify)] = [
            ("SUCCESS", .success), ("FAILURE", .failure), ("DELAY", .delay),
        ]

        /// Reads `NEVER`, or a list with commas; `nil` where it is neither.
        package init?(_ text: String) {
            self = []
            if text.uppercased() == "NEVER" { return }
            for word in text.uppercased().split(separator: ",", omittingEmptySubsequences: false) {
                guard let value = Self.names.first(where: { $0.name == word })?.value else { return nil }
                insert(value)
            }
        }

        package var written: String {
            isEmpty ? "NEVER" : Self.names.filter { contains($0.value) }.map(\.name).joined(separator: ",")
        }
    }

    package var notify: Notify?
    /// `ORCPT`: the recipient as the sender wrote it, as `addr-type;xtext` (RFC 3461 §4.2).
    package var originalRecipient: String?

    /// The most characters of an ORCPT (RFC 3461 §4.2).
    package static let originalRecipientLimit = 500

    package init(notify: Notify? = nil, originalRecipient: String? = nil) {
        self.notify = notify
        self.originalRecipient = originalRecipient
    }

    /// Takes NOTIFY and ORCPT of RCPT's parameters; what is malformed is as if it were not there.
    package init(_ parameters: ESMTPParameters) {
        notify = parameters["NOTIFY"].flatMap { Notify($0) }
        originalRecipient = parameters["ORCPT"].flatMap { Self.decodedOriginalRecipient($0) == nil ? nil : $0 }
    }

    /// Without NOTIFY failure is told, and delay (RFC 3461 §4.1 leaves the latter to us).
    package var wantsFailure: Bool { notify?.contains(.failure) ?? true }
    package var wantsDelay: Bool { notify?.contains(.delay) ?? true }
    package var wantsSuccess: Bool { notify?.contains(.success) ?? false }

    /// NOTIFY and ORCPT as parameters of RCPT.
    package var written: [String] {
        var parameters: [String] = []
        if let notify { parameters.append("NOTIFY=\(notify.written)") }
        if let originalRecipient { parameters.append("ORCPT=\(originalRecipient)") }
        return parameters
    }

    /// Reads `addr-type;xtext`; `nil` where it is malformed.
    package static func decodedOriginalRecipient(_ text: String) -> (type: String, address: String)? {
        guard text.utf8.count <= originalRecipientLimit, let semicolon = text.firstIndex(of: ";") else { return nil }
        let type = text[..<semicolon]
        guard !type.isEmpty, type.utf8.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }),
            let address = XText.decode(text[text.index(after: semicolon)...]), !address.isEmpty
        else { return nil }
        return (String(type), address)
    }
}
