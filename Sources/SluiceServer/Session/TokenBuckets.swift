// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Token buckets, one a key: so many events at once, and as many again in each period. A pure value.
struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        var tokens: Double
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
            buckets = buckets.filter { filled($0.value, at: now).tokens < Double(rate.count) }
            if buckets.count >= keyLimit { buckets.removeAll() }
        }
        var bucket = buckets[key].map { filled($0, at: now) } ?? Bucket(tokens: Double(rate.count), filledAt: now)
        let isThere = bucket.tokens >= 1
        if isThere { bucket.tokens -= 1 }
        buckets[key] = bucket
        return isThere
    }

    private func filled(_ bucket: Bucket, at now: Timestamp) -> Bucket {
        // A clock that was set back gives nothing and takes nothing.
        guard now > bucket.filledAt else { return Bucket(tokens: bucket.tokens, filledAt: now) }
        let periods = Double((now - bucket.filledAt).wholeMilliseconds) / Double(max(1, rate.period.wholeMilliseconds))
        return Bucket(tokens: min(Double(rate.count), bucket.tokens + periods * Double(rate.count)), filledAt: now)
    }
}
