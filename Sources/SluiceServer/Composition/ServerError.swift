// SPDX-License-Identifier: Apache-2.0

/// Why the server does not start.
package struct ServerError: Error, CustomStringConvertible {
    package let message: String
    /// Whether the configuration would have to change.
    package let isConfiguration: Bool

    package init(message: String, isConfiguration: Bool = false) {
        self.message = message
        self.isConfiguration = isConfiguration
    }

    package var description: String { message }
}
