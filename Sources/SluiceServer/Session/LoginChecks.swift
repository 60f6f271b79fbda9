// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceNative
import SluiceSMTP
import Synchronization

/// Checks passwords: off the event loops, later and later for those who guess, and not at all for those locked out.
final class LoginChecks: Sendable {
    private let failures: Mutex<LoginGuard>
    private let pool: CPUPool
    private let time: any TimeSource
    private let logger: Logger

    init(_ limits: LoginLimits, pool: CPUPool, time: any TimeSource, logger: Logger) {
        failures = Mutex(LoginGuard(limits))
        self.pool = pool
        self.time = time
        self.logger = logger
    }

    func replaceLimits(by limits: LoginLimits) { failures.withLock { $0.limits = limits } }

    /// Checks credentials of a client at a listener.
    ///
    /// - Throws: where the check could not be made: the pool is too busy.
    func check(
        _ credentials: Credentials, from client: IPAddress, at listener: String, _ users: UsersFile?
    ) async throws -> AuthenticationOutcome {
        let login = credentials.login
        var metadata: Logger.Metadata = ["login": "\(login)", "client": "\(client)", "listener": "\(listener)"]
        if failures.withLock({ $0.isLockedOut(login, from: client, at: time.now) }) {
            LoginMetrics.count(.lockedOut)
            logger.notice("login not checked: locked out", metadata: metadata)
            return .unavailable
        }
        let password = Array(credentials.password.utf8)
        let isRight = try await pool.run {
            guard let verifier = users?.verifier(of: login) else {
                // As long as a real check takes: whether the login exists stays unknown.
                _ = SCRAMVerifier.nobody.accepts(password: password)
                return false
            }
            return verifier.accepts(password: password)
        }
        if isRight {
            LoginMetrics.count(.accepted)
            failures.withLock { $0.succeeded(login, from: client) }
            logger.info("login", metadata: metadata)
            return .accepted
        }
        LoginMetrics.count(.refused)
        let delay = failures.withLock { $0.failed(login, from: client, at: time.now) }
        metadata["answered_after"] = "\(delay.written)"
        logger.info("login refused", metadata: metadata)
        try await Task.sleep(for: delay)
        return .refused
    }
}
