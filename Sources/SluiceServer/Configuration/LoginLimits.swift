// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// `limits.logins:` what becomes of failed logins.
package struct LoginLimits: Sendable, ConfigurationReadable {
    /// Failures of one client, whatever login it tried; then none of its logins is checked for a while.
    package var failuresPerClient: Int
    /// Failures of one client with one login; then that login isn't checked for that client for a while. What other
    /// clients do with the same login does not count: a stranger can't lock its owner out.
    package var failuresPerLogin: Int
    /// How long failures count, and how long a client is locked out.
    package var lockout: Duration

    package init(failuresPerClient: Int, failuresPerLogin: Int, lockout: Duration) {
        self.failuresPerClient = failuresPerClient
        self.failuresPerLogin = failuresPerLogin
        self.lockout = lockout
    }

    package init(reading section: ConfigurationSection) {
        failuresPerClient = section.integer("failures_per_client", default: 20, in: 1...10_000)
        failuresPerLogin = section.integer("failures_per_login", default: 5, in: 1...10_000)
        lockout = section.duration("lockout", default: .seconds(900), in: .seconds(1) ... .seconds(86400))
    }
}
