// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
package import SluiceCore

/// Verifies the DKIM signatures of a message (RFC 6376 §6).
///
/// Signatures and key records are read by a strict parser of our own, keys are fetched by the resolver, and only then
/// each signature is verified by itself with its key: nothing here asks the network, and one signature that can't be
/// read spoils no other.
package struct DKIMVerifier: Sendable {
    /// How much is done for one message.
    package struct Limits: Hashable, Sendable {
        /// So many signatures are verified; further ones are reported as neutral.
        package var signatures = 20
        /// So many octets of body are hashed for all signatures together.
        package var bodyOctets = 256 << 20
        /// So many key records of one name are tried.
        package var keyRecords = 4

        package init() {}
    }

    /// Up to so many octets a body is hashed on the task's own thread, for so many attempts to verify a signature: at
    /// most 0.3 ms each. A sender may choose keys that take a hundred times that.
    private static let smallBody = 65536
    private static let shortAttempts = 2

    private let pool: CPUPool
    private let limits: Limits
    private let keys = DKIMPublicKeyCache()

    package init(pool: CPUPool, limits: Limits = Limits()) {
        self.pool = pool
        self.limits = limits
    }

    /// One DKIM-Signature field as it was read.
    private struct Candidate {
        var place: Int
        var result: DKIMSignatureResult
        /// `nil` where the result is final.
        var signature: DKIMSignature?
    }

    /// Verifies every signature.
    ///
    /// - Parameters:
    ///   - message: as received: the octets of its header fields are what was signed.
    ///   - now: what `t=` and `x=` are held against.
    /// - Returns: an entry for every DKIM-Signature field, from the top.
    /// - Throws: ``StorageError`` where the body can't be read, ``CPUPoolError`` where there is too much to do.
    package func verify(
        message: Message, resolver: any Resolver, now: Timestamp
    ) async throws -> [DKIMSignatureResult] {
        var candidates = message.header.fields.enumerated().compactMap { place, field in
            field.isNamed("DKIM-Signature") ? Self.read(field, at: place, now: now) : nil
        }
        limit(&candidates, bodyLength: message.body.length)
        let answers = await resolver.answers(to: Set(candidates.compactMap(\.signature).map(Self.question)))
        let fields = SignedFields(message.header)
        var attempts = 0
        for index in candidates.indices {
            guard let signature = candidates[index].signature else { continue }
            let place = candidates[index].place
            let answer = answers[Self.question(signature)] ?? DNSAnswer(.serverFailure)
            try await verify(
                signature, at: place, fields, message.body, answer, now, &attempts, into: &candidates[index].result)
        }
        return candidates.map(\.result)
    }

    private static func read(_ field: HeaderField, at place: Int, now: Timestamp) -> Candidate {
        var result = DKIMSignatureResult(result: .permerror)
        do throws(DKIMSyntaxError) {
            let tags = try DKIMTagList(field.rawValue.readableBytesView)
            result.domain = tags.text("d").map { $0.asciiLowercased() }
            result.selector = tags.text("s").map { $0.asciiLowercased() }
            result.algorithm = tags.text("a")
            result.identity = tags.text("i") ?? result.domain.map { "@" + $0 }
            result.signaturePrefix = tags["b"].map { value in
                String(decoding: value.filter { $0 > 0x20 }.prefix(8), as: UTF8.self)
            }
            let signature = try DKIMSignature(tags)
            result.identity = signature.identity
            try signature.check(at: now)
            return Candidate(place: place, result: result, signature: signature)
        } catch {
            result.reason = error.reason
            return Candidate(place: place, result: result, signature: nil)
        }
    }

    /// Sets aside what is too much.
    private func limit(_ candidates: inout [Candidate], bodyLength: Int) {
        let affordable = min(limits.signatures, max(1, limits.bodyOctets / max(1, bodyLength)))
        var count = 0
        for index in candidates.indices where candidates[index].signature != nil {
            count += 1
            guard count > affordable else { continue }
            candidates[index].signature = nil
            candidates[index].result.result = .neutral
            candidates[index].result.reason = "not verified: \(affordable) signatures of this message were"
        }
    }

    private static func question(_ signature: DKIMSignature) -> DNSQuestion {
        DNSQuestion(DKIMName.keyName(selector: signature.selector, domain: signature.domain), .txt)
    }

    private func verify(
        _ signature: DKIMSignature, at place: Int, _ fields: SignedFields, _ body: any ContentSource,
        _ answer: DNSAnswer, _ now: Timestamp, _ attempts: inout Int, into result: inout DKIMSignatureResult
    ) async throws {
        let records: [[UInt8]]
        switch answer.outcome {
        case .records: records = Array(answer.texts.prefix(limits.keyRecords))
        case .noData, .nameError: records = []
        case .serverFailure, .timedOut:
            result.result = .temperror
            result.reason = answer.outcome == .timedOut ? "the DNS did not answer in time" : "the DNS failed"
            return
        }
        guard !records.isEmpty else {
            result.reason = "there is no key at \(Self.question(signature).name)"
            return
        }
        // Several records at one name are "undefined"; the verifier may try them in turn (RFC 6376 §3.6.2.2, §6.1.2).
        // What the first one says is told, unless a later one verifies or at least can be used.
        var best: DKIMSignatureResult?
        for record in records {
            var attempt = result
            attempts += 1
            let usable = try await verify(
                signature, at: place, fields, body, now, record: record,
                isShort: attempts <= Self.shortAttempts && body.length <= Self.smallBody, into: &attempt)
            if best == nil || usable { best = attempt }
            if attempt.result == .pass { break }
        }
        if let best { result = best }
    }

    /// What came of one key record.
    private enum Attempt: Sendable {
        case unusable(String)
        /// `l=` says more than any body has.
        case tooLong
        case verified(DKIMPublicKey, DKIMVerificationOutcome)
    }

    /// Verifies a signature by one key record.
    ///
    /// - Parameter isShort: it takes less than waking a thread of the pool, and then this one again.
    /// - Returns: whether the record could be used.
    private func verify(
        _ signature: DKIMSignature, at place: Int, _ fields: SignedFields, _ body: any ContentSource,
        _ now: Timestamp, record: [UInt8], isShort: Bool, into result: inout DKIMSignatureResult
    ) async throws -> Bool {
        let published: DKIMKeyRecord
        do throws(DKIMSyntaxError) {
            published = try DKIMKeyRecord(record)
            result.testing = published.testing
            try published.check(for: signature)
        } catch {
            return Self.noteUnusable(error.reason, in: &result)
        }
        let work = { @Sendable [keys] () throws -> Attempt in
            let key: DKIMPublicKey
            do throws(DKIMSyntaxError) {
                key = try keys.key(published, for: signature.algorithm)
            } catch {
                return .unusable(error.reason)
            }
            if signature.bodyLength == Int.max { return .tooLong }
            return .verified(
                key, try DirectVerification.verify(signature, at: place, of: fields, body: body, key: key))
        }
        switch isShort ? try work() : try await pool.run(work) {
        case .unusable(let reason): return Self.noteUnusable(reason, in: &result)
        case .tooLong:
            result.bodyLengthUsed = signature.bodyLength
            result.reason = "l= is larger than the body"
        case .verified(let key, let outcome):
            result.bodyLengthUsed = signature.bodyLength
            var told = outcome
            if outcome != .pass {
                told = try await pool.run {
                    try Self.secondOpinion(on: signature, at: place, fields, body, key) ?? outcome
                }
            }
            Self.note(told, signature, at: now, in: &result)
        }
        return true
    }

    private static func noteUnusable(_ reason: String, in result: inout DKIMSignatureResult) -> Bool {
        result.result = .permerror
        result.reason = "the key record can't be used: \(reason)"
        return false
    }

    /// What libopendkim says of a signature that does not fit; `nil` where it can't process it.
    ///
    /// libopendkim reads a key anew from its text for each signature, which costs several times what the verification
    /// does. So mail whose signatures are good, which is most, does not pay for it, and none is told to be broken by one
    /// implementation alone.
    private static func secondOpinion(
        on signature: DKIMSignature, at place: Int, _ fields: SignedFields, _ body: any ContentSource,
        _ key: DKIMPublicKey
    ) throws -> DKIMVerificationOutcome? {
        guard let drift = clockDrift(signature, machine: Int64(Date().timeIntervalSince1970)),
            let prepared = fields.forOpenDKIM(signature, at: place),
            let verification = OpenDKIMVerification(key: key, clockDrift: drift)
        else { return nil }
        return try verification.verify(fields: prepared, body: body)
    }

    private static func note(
        _ outcome: DKIMVerificationOutcome, _ signature: DKIMSignature, at now: Timestamp,
        in result: inout DKIMSignatureResult
    ) {
        switch outcome {
        case .pass:
            result.result = .pass
            let notes = [
                signature.bodyLength.map { "only the first \($0) octets of the body are signed (l=)" },
                signature.isFromTheFuture(at: now) ? "it is from the future (t=)" : nil,
            ].compactMap(\.self)
            result.reason = notes.isEmpty ? nil : notes.joined(separator: "; ")
        case .fail(let reason):
            result.result = .fail
            result.reason = reason
        case .permanentError(let reason):
            result.result = .permerror
            result.reason = reason
        }
    }

    /// The clock drift with which libopendkim, which goes by the machine's clock, has nothing against a signature that
    /// is good at the time given.
    ///
    /// - Returns: `nil` where there is none: it subtracts the drift from `t=`, without a sign.
    static func clockDrift(_ signature: DKIMSignature, machine: Int64) -> UInt64? {
        let margin: Int64 = 3600
        var drift: Int64 = 0
        if let expiration = signature.expiration { drift = max(drift, machine - Int64(expiration) + margin) }
        if let timestamp = signature.timestamp {
            drift = max(drift, Int64(timestamp) - machine + margin)
            // A drift that is not needed must not take the time below zero.
            if drift > Int64(timestamp) { return nil }
        }
        return UInt64(max(0, drift))
    }
}
