// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The DNS as the commands use it: without a network it gives up within 2 seconds.
enum CommandResolver {
    static func dns() throws -> any Resolver { ZoneResolver([:]) }
}
