// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative

/// The DNS as the commands use it: without a network it gives up within 2 seconds.
enum CommandResolver {
    /// - Throws: ``CommandFailure`` (69) where libunbound can't be had.
    static func dns() throws -> any Resolver {
        do {
            return try UnboundResolver(UnboundResolver.Configuration(deadline: .seconds(2)))
        } catch {
            throw CommandFailure(.serviceMissing, "no resolver: \(error)")
        }
    }
}
