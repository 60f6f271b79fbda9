// SPDX-License-Identifier: Apache-2.0

/// How much a filter may answer about one message.
package struct MilterClientLimits: Hashable, Sendable {
    /// Modifications, pieces of a new body not counted.
    package var modifications: Int
    /// Octets of their names, values, paths and reasons together.
    package var octets: Int
    /// Octets of a new body.
    package var body: Int

    package init(modifications: Int = 1000, octets: Int = 1 << 20, body: Int = 4 << 20) {
        self.modifications = modifications
        self.octets = octets
        self.body = body
    }
}
