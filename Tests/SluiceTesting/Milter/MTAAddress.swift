// SPDX-License-Identifier: Apache-2.0

/// Where a milter listens.
package enum MTAAddress: Sendable, Equatable {
    /// A TCP port of the loopback address.
    case port(Int)
    /// The path of a Unix socket.
    case path(String)
}
