// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative

/// SPF records: our grammar, and what libspf2 makes of what passes it. The first octet chooses the client; then comes a
/// record a line: of the domain itself, of `a.example.test`, and the explanation.
enum SPFRecordFuzz {
    static func run(_ octets: [UInt8]) {
        guard let client = octets.first else { return }
        let records = octets.dropFirst().split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
        for record in records { parse(record) }
        let texts = (records + [[], [], []]).map { DNSRecordData.text([$0]) }
        let outcome = CallingThread.run {
            await SPFChecker(resolver: zone(texts), receivingHost: "mx.test").check(
                ip: IPAddress(client & 1 == 0 ? "192.0.2.1" : "2001:db8::1") ?? .unspecified, helo: "helo.example.test",
                mailFrom: "a+b@example.test", now: Timestamp(seconds: 1_790_000_000))
        }
        check(outcome, record: records.first ?? [])
    }

    private static func parse(_ octets: [UInt8]) {
        let record: SPFRecord
        do {
            record = try SPFRecord(parsing: octets)
        } catch {
            precondition(error.description.utf8.isPrintable && error.description.utf8.count < 300, "\(error)")
            return
        }
        precondition(octets.isPrintable && octets.count <= SPFRecord.octetLimit, "a record that is not ASCII passed")
        precondition(SPFRecord.isRecord(octets), "what is no record passed")
        let terms = octets.split(separator: 0x20)
        precondition(terms.count <= SPFRecord.termLimit + 1, "\(terms.count) terms passed")
        let spaced = Array(terms.joined(separator: [0x20, 0x20, 0x20])) + [0x20]
        precondition(Self.record(spaced) == record, "spaces between terms count")
        precondition(Self.record(octets + Array(" a:".utf8)) == nil, "a broken term passed")
    }

    /// `nil` where the grammar is broken.
    private static func record(_ octets: [UInt8]) -> SPFRecord? { try? SPFRecord(parsing: octets) }

    private static func zone(_ texts: [DNSRecordData]) -> ZoneResolver {
        func records(_ type: DNSRecordType, _ addresses: String...) -> [ZoneResolver.Entry] {
            addresses.compactMap { IPAddress($0) }.map { .record(type, .address($0)) }
        }
        return ZoneResolver([
            "example.test": [
                .record(.txt, texts[0]), .record(.mx, .mailExchange(preference: 10, exchange: "mx.example.test")),
            ] + records(.a, "192.0.2.7"),
            "a.example.test": [.record(.txt, texts[1])] + records(.a, "192.0.2.1") + records(.aaaa, "2001:db8::1"),
            "exp.example.test": [.record(.txt, texts[2])],
            "mx.example.test": records(.a, "192.0.2.1", "192.0.2.2") + records(.aaaa, "2001:db8::2"),
            "1.2.0.192.in-addr.arpa": [.record(.ptr, .name("a.example.test"))],
            "timeout.test": [.timeout],
        ])
    }

    private static func check(_ outcome: SPFOutcome, record: [UInt8]) {
        precondition(outcome.lookups <= 10 && outcome.voidLookups <= 3, "\(outcome)")
        for text in [outcome.mechanism, outcome.explanation, outcome.reason].compactMap({ $0 }) {
            precondition(text.utf8.isPrintable && text.utf8.count <= 1300, "\(text)")
        }
        switch outcome.result {
        case .temperror, .permerror, .none: precondition(outcome.reason != nil, "\(outcome) says no reason")
        case .pass, .softfail, .fail, .neutral:
            precondition(
                SPFRecord.isRecord(record) && Self.record(record) != nil, "\(outcome) of no record")
        }
        precondition(outcome.explanation == nil || outcome.result == .fail, "\(outcome)")
    }

    static var seeds: [[UInt8]] {
        [
            "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", "v=spf1 a mx ptr ~all",
            "v=spf1 include:a.example.test ?all\nv=spf1 a -all",
            "v=spf1 redirect=a.example.test\nv=spf1 mx/24//64 -all",
            "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all exp=exp.example.test\n\n%{s} is not %{c} at %{t}: %% %_ %-",
            "v=spf1 a:%{l1r-}.%{d}/8 a:a.example.test//128 -all", "v=spf1 include:example.test -all",
            "v=spf1 a:timeout.test -all",
            "V=SPF1 IP4:192.0.2.1 moo=x%{h} ALL", "v=spf1 ptr:example.test exists:%{p}.test +all",
            "v=spf1 ip4:192.0.2.1/33 -all",
            "v=spf1 ip6:::ffff:192.0.2.1 a:x.test a:y.test a:z.test -all", "v=spf1 mx:a.example.test/0 all",
            "v=spf10 all", "v=spf1",
            "v=spf1 -all exp=a.example.test\nwhy", "v=spf1 a:%{S}%{L}%{O}%{D9R+-._/,=}.test -all",
        ].flatMap { text in [[0], [1]].map { $0 + Array(text.utf8) } }
    }
}
