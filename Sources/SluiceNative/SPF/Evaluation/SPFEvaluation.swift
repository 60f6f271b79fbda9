// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// `check_host()` of RFC 7208 §4: walks the records of a domain, with libspf2 as the judge of each directive.
///
/// One evaluation belongs to one task. Look-ups are awaited between the runs of libspf2, never within.
final class SPFEvaluation {
    /// RFC 7208 §4.6.4: terms that ask the DNS.
    static let lookupLimit = 10
    /// RFC 7208 §4.6.4: look-ups that find nothing.
    static let voidLookupLimit = 2

    /// What a record says, and where it stands.
    struct Verdict {
        var result: SPFResult
        var mechanism: String?
        /// Why there is nothing to check.
        var reason: String?
        /// Where an explanation is to be had: of the record that gave the result (RFC 7208 §6.2).
        var explanation: SPFMacroString?
        var domain: String

        static func none(_ reason: String, domain: SPFDomainName) -> Verdict {
            Verdict(result: .none, reason: reason, domain: domain.text)
        }
    }

    private let resolver: any Resolver
    private let library: LibSPF2
    private var context: SPFMacroContext
    private var answers: [DNSQuestion: DNSAnswer] = [:]
    /// When the evaluation has taken too long (RFC 7208 §4.6.4).
    private let deadline: ContinuousClock.Instant

    private(set) var lookups = 0
    private(set) var voidLookups = 0

    /// - Returns: `nil` where memory is out.
    init?(resolver: any Resolver, context: SPFMacroContext, timeLimit: Duration) {
        guard let library = LibSPF2() else { return nil }
        self.library = library
        self.resolver = resolver
        self.context = context
        deadline = .now + timeLimit
    }

    /// Evaluates the record of a domain. The limit on look-ups bounds the recursion.
    func check(_ domain: SPFDomainName, for term: String? = nil) async throws(SPFFailure) -> Verdict {
        guard domain.isFullyQualified else {
            return .none("'\(domain.shown)' is no domain name with more than one label", domain: domain)
        }
        guard let record = try await record(of: domain, for: term) else {
            return .none("\(domain.shown) has no SPF record", domain: domain)
        }
        for directive in record.directives {
            if let result = try await match(directive, domain) {
                return Verdict(
                    result: result, mechanism: directive.written, explanation: record.explanation, domain: domain.text)
            }
        }
        guard let redirect = record.redirect else {
            return Verdict(result: .neutral, domain: domain.text)
        }
        let written = "redirect="
        try countLookup(written)
        let target = try await expand(redirect, domain)
        let verdict = try await check(target, for: written)
        guard verdict.result != .none else {
            throw .permanent("\(written): \(verdict.reason ?? "no record")")
        }
        return verdict
    }

    /// The explanation of a `fail`, or `nil`: whatever goes wrong with it changes nothing (RFC 7208 §6.2).
    func explanation(of verdict: Verdict) async -> String? {
        guard verdict.result == .fail, let modifier = verdict.explanation,
            let target = try? await expand(modifier, SPFDomainName(identity: verdict.domain)), target.isFullyQualified
        else { return nil }
        guard let answer = try? await answer(DNSQuestion(target.text, .txt)), answer.texts.count == 1,
            let text = try? SPFMacroString(explainString: answer.texts[0])
        else { return nil }
        guard let context = try? await context(for: text, SPFDomainName(identity: verdict.domain)) else { return nil }
        return text.explanation(in: context)
    }

    // MARK: - Records

    /// - Parameter term: the term that needs the record; its look-up may be void.
    private func record(of domain: SPFDomainName, for term: String?) async throws(SPFFailure) -> SPFRecord? {
        let answer = try await answer(DNSQuestion(domain.text, .txt))
        switch answer.outcome {
        case .records: break
        case .noData, .nameError:
            if let term { try countVoidLookups(1, term) }
            return nil
        case .serverFailure, .timedOut:
            throw .temporary("the DNS did not answer for the record of \(domain.shown)")
        }
        let records = answer.texts.filter { SPFRecord.isRecord($0) }
        guard let octets = records.first else { return nil }
        guard records.count == 1 else {
            throw .permanent("\(domain.shown) has \(records.count) SPF records, one would be right")
        }
        do {
            return try SPFRecord(parsing: octets)
        } catch {
            throw .permanent("record of \(domain.shown): \(error.description)")
        }
    }

    // MARK: - Directives

    /// What a directive says of the client; `nil` where it does not match.
    private func match(_ directive: SPFDirective, _ domain: SPFDomainName) async throws(SPFFailure) -> SPFResult? {
        let specification: SPFMacroString?
        switch directive.mechanism {
        case .all, .ip4, .ip6:
            return try await run(directive, target: SPFDomainName([]))
        case .include(let target):
            try countLookup(directive.written)
            return try await include(directive, try await expand(target, domain))
        case .address(let target, _), .mailExchange(let target, _), .pointer(let target): specification = target
        case .exists(let target): specification = target
        }
        try countLookup(directive.written)
        guard let specification else { return try await run(directive, target: domain) }
        let target = try await expand(specification, domain)
        // RFC 7208 §4.8 leaves open what a name means that the DNS can't hold; nothing has it, so it does not match.
        return target.isWellFormed ? try await run(directive, target: target) : nil
    }

    /// RFC 7208 §5.2.
    private func include(_ directive: SPFDirective, _ target: SPFDomainName) async throws(SPFFailure) -> SPFResult? {
        let verdict = try await check(target, for: directive.written)
        switch verdict.result {
        case .pass: return directive.qualifier.result
        case .fail, .softfail, .neutral: return nil
        // The errors are thrown, and never come as a result.
        case .none, .temperror, .permerror:
            throw .permanent("\(directive.written): \(verdict.reason ?? "no record")")
        }
    }

    /// Lets libspf2 evaluate a directive, as often as there are answers missing.
    private func run(_ directive: SPFDirective, target: SPFDomainName) async throws(SPFFailure) -> SPFResult? {
        while true {
            let state = RunState(
                SPFDirectiveRun(directive, target: target, client: context.client, answers: answers))
            let outcome = library.evaluate(record: state.run.record, client: context.client) { name, type in
                state.run.lookUp(name, type)
            }
            if !state.run.missing.isEmpty {
                try await resolve(state.run.missing)
                continue
            }
            try countVoidLookups(state.run.voidLookups, directive.written)
            if let failure = state.run.failure { throw failure }
            switch outcome {
            case .matched(let result): return result
            case .notMatched: return nil
            case .ended(let code):
                throw .permanent("\(directive.written): libspf2 can't evaluate it (error \(code))")
            }
        }
    }

    /// Holds the run while libspf2 calls back into it.
    private final class RunState {
        var run: SPFDirectiveRun
        init(_ run: SPFDirectiveRun) { self.run = run }
    }

    // MARK: - Limits

    private func countLookup(_ term: String) throws(SPFFailure) {
        guard lookups < Self.lookupLimit else {
            throw .permanent("\(term): more than \(Self.lookupLimit) terms ask the DNS")
        }
        lookups += 1
    }

    private func countVoidLookups(_ count: Int, _ term: String) throws(SPFFailure) {
        voidLookups += count
        guard voidLookups <= Self.voidLookupLimit else {
            throw .permanent("\(term): more than \(Self.voidLookupLimit) look-ups found nothing")
        }
    }

    // MARK: - Macros

    private func expand(_ text: SPFMacroString, _ domain: SPFDomainName) async throws(SPFFailure) -> SPFDomainName {
        text.targetName(in: try await context(for: text, domain))
    }

    /// The values of the macros, that of `%{p}` only where it is needed.
    private func context(
        for text: SPFMacroString, _ domain: SPFDomainName
    ) async throws(SPFFailure) -> SPFMacroContext {
        var context = context
        context.domain = domain.text
        guard text.needsValidatedName else { return context }
        let pointers = try await answer(DNSQuestion(context.client.reverseName, .ptr))
        let names = SPFValidatedNames.candidates(pointers)
        let questions = SPFValidatedNames.addressQuestions(names, client: context.client)
        try await resolve(questions.filter { answers[$0] == nil })
        let validated = names.filter { name in
            let question = SPFValidatedNames.addressQuestions([name], client: context.client)
            return question.contains { answers[$0]?.addresses.contains(context.client) ?? false }
        }
        context.validatedName = SPFValidatedNames.preferred(validated, domain: domain.text)
        return context
    }

    // MARK: - Answers

    private func answer(_ question: DNSQuestion) async throws(SPFFailure) -> DNSAnswer {
        if let known = answers[question] { return known }
        try await resolve([question])
        return answers[question] ?? DNSAnswer(.serverFailure)
    }

    /// Asks, all at once, what is not known yet.
    private func resolve(_ questions: [DNSQuestion]) async throws(SPFFailure) {
        guard !questions.isEmpty else { return }
        guard ContinuousClock.now < deadline else { throw .temporary("the check took too long") }
        answers.merge(await resolver.answers(to: questions)) { _, new in new }
    }
}
