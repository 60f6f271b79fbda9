// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Token buckets, one a key: so many events at once, and as many again in each period. A pure value.
struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        /// In parts of a token, of which one takes as many as the period has milliseconds.
        var parts: Int64
        var filledAt: Timestamp
    }

    let rate: Rate
    /// Keys remembered at once. Full buckets are forgotten first; a flood of more keys than this starts over, so that
    /// memory stays bounded.
    private let keyLimit: Int
    private var buckets: [Key: Bucket] = [:]

    init(_ rate: Rate, keyLimit: Int = 50_000) {
        self.rate = rate
        self.keyLimit = keyLimit
    }

    /// How many keys are remembered.
    var keyCount: Int { buckets.count }

    /// Takes a token; `false` where there is none.
    mutating func take(_ key: Key, at now: Timestamp) -> Bool {
        if buckets[key] == nil, buckets.count >= keyLimit {
            buckets = buckets.filter { filled($0.value, at: now).parts < capacity }
            if buckets.count >= keyLimit { buckets.removeAll() }
        }
        var bucket = buckets[key].map { filled($0, at: now) } ?? Bucket(parts: capacity, filledAt: now)
        let isThere = bucket.parts >= token
        if isThere { bucket.parts -= token }
        buckets[key] = bucket
        return isThere
    }

    /// The period, in milliseconds.
    private var token: Int64 { max(1, rate.period.wholeMilliseconds) }
    private var capacity: Int64 { Int64(rate.count) * token }

    private func filled(_ bucket: Bucket, at now: Timestamp) -> Bucket {
        // A clock that was set back gives nothing and takes nothing.
        guard now > bucket.filledAt else { return Bucket(parts: bucket.parts, filledAt: now) }
        // What is longer than the period fills it whole.
        let elapsed = min((now - bucket.filledAt).wholeMilliseconds, token)
        return Bucket(parts: min(capacity, bucket.parts + elapsed * Int64(rate.count)), filledAt: now)
    }
}
