// SPDX-License-Identifier: Apache-2.0

/// The record types that mail needs.
package enum DNSRecordType: String, Hashable, Sendable, Codable, CaseIterable {
    case a = "A"
    case aaaa = "AAAA"
    case mx = "MX"
    case txt = "TXT"
    case ptr = "PTR"
    case cname = "CNAME"
    /// The obsolete SPF type 99; asked for by nobody, but zone files may hold it.
    case spf = "SPF"

    /// The type's number in the protocol (RFC 1035 §3.2.2, RFC 3596).
    package var number: Int {
        switch self {
        case .a: 1
        case .cname: 5
        case .ptr: 12
        case .mx: 15
        case .txt: 16
        case .aaaa: 28
        case .spf: 99
        }
    }
}

/// What is asked: a name (without a final dot, any case) and a type.
package struct DNSQuestion: Hashable, Sendable, Codable {
    package let name: String
    package let type: DNSRecordType

    /// The name is lowered and a final dot dropped, so that questions compare.
    package init(_ name: String, _ type: DNSRecordType) {
        let lowered = name.asciiLowercased()
        self.name = lowered.utf8.last == UInt8(ascii: ".") ? String(lowered.dropLast()) : lowered
        self.type = type
    }
}

/// The data of one record.
package enum DNSRecordData: Hashable, Sendable, Codable {
    case address(IPAddress)
    /// Preference and exchange; an exchange of `""` is the root (null MX, RFC 7505).
    case mailExchange(preference: Int, exchange: String)
    /// The character-strings, as octets.
    case text([[UInt8]])
    /// The target of PTR or CNAME.
    case name(String)
}

/// What came of a question.
package struct DNSAnswer: Hashable, Sendable, Codable {
    package enum Outcome: String, Hashable, Sendable, Codable {
        /// At least one record of the type asked for.
        case records
        /// The name exists, without records of the type.
        case noData
        /// The name does not exist.
        case nameError
        /// The servers failed (SERVFAIL and all else that is no answer).
        case serverFailure
        /// Nothing came before the deadline.
        case timedOut
    }

    package var outcome: Outcome
    package var records: [DNSRecordData]
    /// Seconds for which the answer may be kept.
    package var timeToLive: Int
    /// Whether DNSSEC proved it.
    package var isSecure: Bool

    package init(_ outcome: Outcome, _ records: [DNSRecordData] = [], timeToLive: Int = 0, isSecure: Bool = false) {
        self.outcome = outcome
        self.records = records
        self.timeToLive = timeToLive
        self.isSecure = isSecure
    }

    /// Whether asking again later may help.
    package var isTemporary: Bool { outcome == .serverFailure || outcome == .timedOut }

    /// The addresses among the records.
    package var addresses: [IPAddress] {
        records.compactMap { if case .address(let address) = $0 { address } else { nil } }
    }

    /// The text records, each with its character-strings joined without a space (RFC 7208 §3.3, RFC 6376 §3.6.2.2).
    package var texts: [[UInt8]] {
        records.compactMap { if case .text(let strings) = $0 { Array(strings.joined()) } else { nil } }
    }
}

/// Answers DNS questions. The only way by which anything in Sluice asks the DNS.
package protocol Resolver: Sendable {
    /// Asks, and returns within the resolver's deadline whatever happens.
    func resolve(_ question: DNSQuestion) async -> DNSAnswer
}

extension Resolver {
    /// Asks all of them at once.
    package func answers(to questions: some Collection<DNSQuestion>) async -> [DNSQuestion: DNSAnswer] {
        // One question needs no task of its own.
        if questions.count == 1, let only = questions.first { return [only: await resolve(only)] }
        return await withTaskGroup(of: (DNSQuestion, DNSAnswer).self) { group in
            for question in questions { group.addTask { (question, await resolve(question)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
