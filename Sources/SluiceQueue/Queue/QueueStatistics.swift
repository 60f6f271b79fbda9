// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// The queue in figures.
package struct QueueStatistics: Hashable, Sendable {
    /// Recipients by state; the three that are not final.
    package var recipients: [RecipientStep.State: Int]
    package var items: Int
    package var messages: Int
    /// Octets of content, counted once a message.
    package var octets: Int64
    package var quarantinedOctets: Int64
    /// When the oldest item was accepted.
    package var oldest: Timestamp?
}
