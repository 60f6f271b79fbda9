// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What is known of a message besides its content.
package struct MessageCircumstances: Sendable {
    /// When it came.
    package var now: Timestamp
    /// `nil` where there is none (a stored message).
    package var envelope: Envelope?
    /// `nil` where no client is known.
    package var client: ClientInfo?
    /// What the stages before found.
    package var authentication: [AuthenticationResult]

    package init(
        now: Timestamp, envelope: Envelope? = nil, client: ClientInfo? = nil,
        authentication: [AuthenticationResult] = []
    ) {
        self.now = now
        self.envelope = envelope
        self.client = client
        self.authentication = authentication
    }
}
