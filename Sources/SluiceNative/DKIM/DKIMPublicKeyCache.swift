// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Public keys that were read lately: reading one costs OpenSSL 0.3 ms, and a few senders sign most of the mail.
///
/// A key is the same for the same octets, so nothing here can be out of date; the same holds for what is refused.
final class DKIMPublicKeyCache: Sendable {
    private struct Name: Hashable {
        var octets: [UInt8]
        var algorithm: DKIMAlgorithm
    }
    private struct State {
        var latest: [Name: Result<DKIMPublicKey, DKIMSyntaxError>] = [:]
        /// What `latest` was until it was full.
        var earlier: [Name: Result<DKIMPublicKey, DKIMSyntaxError>] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many keys are kept, up to twice.
    init(limit: Int = 1000) { self.limit = limit }

    /// - Throws: ``DKIMSyntaxError`` where the key can't be used: permerror.
    func key(_ published: DKIMKeyRecord, for algorithm: DKIMAlgorithm) throws(DKIMSyntaxError) -> DKIMPublicKey {
        let name = Name(octets: published.publicKey, algorithm: algorithm)
        let known = state.withLock { $0.latest[name] ?? $0.earlier[name] }
        if let known { return try known.get() }
        let key = Result { () throws(DKIMSyntaxError) in try DKIMPublicKey(published, for: algorithm) }
        state.withLock { state in
            if state.latest.count >= limit {
                state.earlier = state.latest
                state.latest = [:]
            }
            state.latest[name] = key
        }
        return try key.get()
    }
}
