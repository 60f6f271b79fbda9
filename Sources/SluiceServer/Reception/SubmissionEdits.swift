// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What a submission agent adds to a message that lacks it (RFC 6409 §8.1, 8.3).
enum SubmissionEdits {
    static func edits(for message: Message, id: String, hostname: String, now: Timestamp) -> [MessageEdit] {
        var edits: [MessageEdit] = []
        if message.header.first("Date") == nil {
            edits.append(.addField(name: "Date", value: now.rfc5322, position: nil))
        }
        if message.header.first("Message-ID") == nil {
            edits.append(.addField(name: "Message-ID", value: "<\(id)@\(hostname)>", position: nil))
        }
        return edits
    }
}
