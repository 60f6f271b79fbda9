// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The forms in which header section and body are hashed (RFC 6376 §3.4): `c=`.
package struct DKIMCanonicalization: Hashable, Sendable, CustomStringConvertible {
    package enum Form: String, Hashable, Sendable, CaseIterable {
        case simple, relaxed
    }

    package var header: Form
    package var body: Form

    package init(header: Form, body: Form) {
        self.header = header
        self.body = body
    }

    /// The default for signing: a relaxed body costs four times as much and protects no more.
    package static let standard = Self(header: .relaxed, body: .simple)

    /// Reads `relaxed/simple`, or `relaxed` alone, which leaves the body simple (RFC 6376 §3.5).
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { $0.asciiLowercased() }
        guard parts.count <= 2, let header = parts.first.flatMap({ Form(rawValue: $0) }) else { return nil }
        guard parts.count == 2 else {
            self.init(header: header, body: .simple)
            return
        }
        guard let body = Form(rawValue: parts[1]) else { return nil }
        self.init(header: header, body: body)
    }

    package var description: String { "\(header.rawValue)/\(body.rawValue)" }
}
