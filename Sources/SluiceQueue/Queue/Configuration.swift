// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension MailQueue {
    /// The queue's limits.
    package struct Configuration: Hashable, Sendable {
        /// Content up to so many octets is appended whole; larger content has a file of its own.
        package var inlineLimit = 128 << 10
        /// A segment of that many octets is followed by a new one.
        package var segmentSize: Int64 = 64 << 20
        /// So is one of that age, so that what was delivered doesn't stand about on a quiet server.
        package var segmentAge = Duration.seconds(600)
        /// Content of what is still here after that long moves to a file of its own, so that segments are retired soon.
        /// With `segmentAge` it makes less than an hour, after which no segment keeps anything that is finished.
        package var moveAfter = Duration.seconds(1800)
        /// Octets of content that may be in quarantine; what would exceed it is refused.
        package var quarantineSize: Int64 = 10 << 30
        /// How long the ledger is kept.
        package var ledgerKeep = Duration.seconds(400 * 86400)
        package var ledgerFileSize: Int64 = 64 << 20
        /// Octets of state records, about, that are brought to the ledger at once.
        package var ledgerPart = 1 << 20
        /// How many commits may wait for the journal.
        package var waitingLimit = 10_000
        /// Nothing new is accepted when the volume has less than that left: the outcomes of deliveries need it.
        package var freeSpaceReserve: Int64 = 64 << 20

        package init() {}
    }
}
