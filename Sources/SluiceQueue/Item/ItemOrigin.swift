// SPDX-License-Identifier: Apache-2.0

/// Where an item came from that was taken over from an MTA: it leaves by the listener's own route, which is looked up
/// when it is delivered.
package struct ItemOrigin: Hashable, Sendable {
    /// The name of the listener.
    package var listener: String
    /// SHA-256 over envelope and content, by which the same message is known when it comes again; empty where nothing
    /// is to be known again (a notification about such an item).
    package var digest: [UInt8]

    package init(listener: String, digest: [UInt8] = []) {
        self.listener = listener
        self.digest = digest
    }
}
