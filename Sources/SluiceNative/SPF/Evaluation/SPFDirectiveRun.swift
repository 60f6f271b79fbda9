// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// One run of one directive by libspf2: what it is given to evaluate, and what its look-ups find.
///
/// Here stands what libspf2 gets wrong: prefix lengths of 0, more than 10 MX or PTR names, a null MX, DNS errors under
/// `ptr`, names that its own parser would not read. It knows no resolver: what is not among the answers is noted as
/// missing.
struct SPFDirectiveRun {
    /// RFC 7208 §4.6.4: names of one `mx` or `ptr`.
    static let nameLimit = 10
    /// Stands for a target-name that libspf2's parser can't be given.
    private static let alias = "target.invalid"

    let directive: SPFDirective
    /// The expanded domain-spec; empty where the mechanism has none.
    let target: SPFDomainName
    let client: IPAddress
    let answers: [DNSQuestion: DNSAnswer]

    /// What has to be asked before the directive can be evaluated.
    private(set) var missing: [DNSQuestion] = []
    /// Look-ups of the directive that found nothing.
    private(set) var voidLookups = 0
    /// Why it can't be evaluated at all.
    private(set) var failure: SPFFailure?

    init(
        _ directive: SPFDirective, target: SPFDomainName, client: IPAddress, answers: [DNSQuestion: DNSAnswer]
    ) {
        self.directive = directive
        self.target = target
        self.client = client
        self.answers = answers
    }

    /// The record that libspf2 is given.
    var record: String {
        let qualifier = String(decoding: [directive.qualifier.rawValue], as: UTF8.self)
        let terms: [String] =
            switch directive.mechanism {
            case .all: ["all"]
            case .ip4(let network, let prefix):
                prefix == 0 ? ["ip4:0.0.0.0/1", "ip4:128.0.0.0/1"] : ["ip4:\(network)/\(prefix)"]
            case .ip6(let network, let prefix):
                prefix == 0 ? ["ip6:::/1", "ip6:8000::/1"] : ["ip6:\(network)/\(prefix)"]
            case .address(_, let lengths): ["a:\(name)" + written(lengths)]
            case .mailExchange(_, let lengths): ["mx:\(name)" + written(lengths)]
            case .pointer: ["ptr:\(name)"]
            case .exists: ["exists:\(name)"]
            // Walked by ``SPFEvaluation``.
            case .include: []
            }
        return "v=spf1" + terms.map { " \(qualifier)\($0)" }.joined()
    }

    private var name: String { target.isHostName ? target.text : Self.alias }

    /// The length for the client's family; that of 0 is left to ``address(_:)``.
    private func written(_ lengths: SPFPrefixLengths) -> String {
        let length = lengths.length(for: client)
        return length == 0 ? "" : client.isIPv4 ? "/\(length)" : "//\(length)"
    }

    /// Answers a look-up of libspf2's; `nil` ends the run.
    mutating func lookUp(_ asked: String, _ type: DNSRecordType) -> DNSAnswer? {
        guard failure == nil, missing.isEmpty else { return nil }
        let question = DNSQuestion(asked == Self.alias && name == Self.alias ? target.text : asked, type)
        guard let answer = answers[question] else {
            missing.append(question)
            return nil
        }
        switch type {
        case .mx: return mailExchanges(answer, question)
        case .ptr: return pointers(answer)
        case .a, .aaaa: return address(answer, question)
        case .txt, .cname, .spf: return nil
        }
    }

    private mutating func address(_ answer: DNSAnswer, _ question: DNSQuestion) -> DNSAnswer? {
        if case .pointer = directive.mechanism {
            // The name is then skipped (RFC 7208 §5.5); it is the client's and not the domain's, so nothing is counted.
            return answer.isTemporary ? DNSAnswer(.noData) : answer
        }
        guard counted(answer, question) else { return nil }
        switch directive.mechanism {
        case .address(_, let lengths), .mailExchange(_, let lengths):
            guard lengths.length(for: client) == 0, !answer.addresses.isEmpty else { return answer }
            // Every address of the family matches, so any will do.
            return DNSAnswer(.records, [.address(client)])
        case .all, .include, .pointer, .ip4, .ip6, .exists: return answer
        }
    }

    private mutating func mailExchanges(_ answer: DNSAnswer, _ question: DNSQuestion) -> DNSAnswer? {
        guard counted(answer, question) else { return nil }
        guard answer.records.count <= Self.nameLimit else {
            failure = .permanent("\(directive.written): \(target.shown) has more than \(Self.nameLimit) MX records")
            return nil
        }
        var exchanges: [(preference: Int, name: String)] = []
        for case .mailExchange(let preference, let name) in answer.records
        where SPFDomainName(identity: name).isWellFormed {
            exchanges.append((preference, name))
        }
        exchanges.sort { $0.preference < $1.preference }
        return needingAddresses(
            exchanges.map(\.name), exchanges.map { .mailExchange(preference: $0.preference, exchange: $0.name) })
    }

    private mutating func pointers(_ answer: DNSAnswer) -> DNSAnswer? {
        if answer.outcome == .noData || answer.outcome == .nameError { voidLookups += 1 }
        // An error is no match, and names past the tenth are ignored (RFC 7208 §4.6.4, 5.5).
        let names = SPFValidatedNames.candidates(answer)
        return needingAddresses(names, names.map { .name($0) })
    }

    /// The answer, unless an address of its names is missing: then all that are, so that they are asked at once.
    private mutating func needingAddresses(_ names: [String], _ records: [DNSRecordData]) -> DNSAnswer? {
        missing = SPFValidatedNames.addressQuestions(names, client: client).filter { answers[$0] == nil }
        guard missing.isEmpty else { return nil }
        return records.isEmpty ? DNSAnswer(.noData) : DNSAnswer(.records, records)
    }

    /// Notes a void look-up; whether the evaluation goes on.
    private mutating func counted(_ answer: DNSAnswer, _ question: DNSQuestion) -> Bool {
        switch answer.outcome {
        case .records: return true
        case .noData, .nameError:
            voidLookups += 1
            return true
        case .serverFailure, .timedOut:
            failure = .temporary(
                "\(directive.written): the DNS did not answer for \(SPFDomainName(identity: question.name).shown) (\(question.type.rawValue))"
            )
            return false
        }
    }
}
