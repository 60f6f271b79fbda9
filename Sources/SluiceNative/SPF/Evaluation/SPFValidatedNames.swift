// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The client's names that resolve back to it (RFC 7208 §5.5), for `ptr` and `%{p}`.
enum SPFValidatedNames {
    /// The names that are looked at: the first 10.
    static func candidates(_ answer: DNSAnswer) -> [String] {
        var names: [String] = []
        for case .name(let name) in answer.records.prefix(SPFDirectiveRun.nameLimit) {
            let name = SPFDomainName(identity: name)
            if name.isWellFormed { names.append(name.text) }
        }
        return names
    }

    static func addressQuestions(_ names: [String], client: IPAddress) -> [DNSQuestion] {
        var seen: Set<DNSQuestion> = []
        return names.map { DNSQuestion($0, client.isIPv4 ? .a : .aaaa) }.filter { seen.insert($0).inserted }
    }

    /// What `%{p}` stands for: the domain itself if it is among the validated names, else a name below it, else any
    /// (RFC 7208 §7.3).
    static func preferred(_ validated: [String], domain: String) -> String {
        let domain = domain.asciiLowercased()
        return validated.first { $0 == domain } ?? validated.first { $0.hasSuffix("." + domain) } ?? validated.first
            ?? "unknown"
    }
}
