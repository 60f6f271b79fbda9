// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer

/// A zone file: every mistake is told with its place, and what is read answers every question.
enum ZoneFileFuzz {
    static func run(_ octets: [UInt8]) {
        let text = String(decoding: octets, as: UTF8.self)
        switch ZoneFile.read(text, file: "zone.yml") {
        case .failure(let error):
            precondition(!error.diagnostics.isEmpty, "refused without a word")
            DiagnosticCheck.check(error.diagnostics, file: "zone.yml", text: text)
        case .success(let zone):
            for name in names(text) {
                for type in DNSRecordType.allCases {
                    let question = DNSQuestion(name, type)
                    check(CallingThread.run { await zone.resolve(question) }, type)
                }
            }
        }
    }

    /// Names that the zone may hold: its keys, and some that follow from them.
    private static func names(_ text: String) -> [String] {
        guard let node = try? YAMLReader.read(text, file: "zone.yml"), case .mapping(let entries) = node.value else {
            return ["example.test"]
        }
        return entries.prefix(8).flatMap { [$0.key, $0.key.uppercased() + "."] } + ["test"]
    }

    private static func check(_ answer: DNSAnswer, _ type: DNSRecordType) {
        precondition((answer.outcome == .records) == !answer.records.isEmpty, "\(answer)")
        for record in answer.records {
            switch (record, type) {
            case (.address(let address), .a): precondition(address.isIPv4, "\(address) is an A record")
            case (.address(let address), .aaaa): precondition(!address.isIPv4, "\(address) is an AAAA record")
            case (.mailExchange(let preference, _), .mx): precondition(0...65535 ~= preference, "\(preference)")
            case (.text, .txt), (.text, .spf), (.name, .ptr), (.name, .cname): break
            default: preconditionFailure("\(record) answers a question for \(type)")
            }
        }
        precondition(answer.texts.count <= answer.records.count, "\(answer)")
    }

    static var seeds: [[UInt8]] {
        [
            "example.test:\n  - A: 192.0.2.1\n  - AAAA: 2001:db8::1\n  - MX: [10, mx.example.test.]\n"
                + "  - TXT: \"v=spf1 -all\"\n  - TXT: [a, \"b\\xFC\"]\n",
            "a.test: [CNAME: b.test]\nb.test: [CNAME: a.test]\nc.test: [TIMEOUT]\n"
                + "d.test: [SERVFAIL, A: 192.0.2.1]\ne.test: []\n",
            "1.2.0.192.in-addr.arpa: [PTR: a.test]\nx.test: [MX: [0, .], SPF: x, A: ::1]\n", "a: b\n", "- a\n",
            "a: [b]\n", "a: [X: y]\n", "a: [A: [1, 2]]\n", "",
            "a.test: [{A: 192.0.2.1, TXT: x}]\nA.TEST.: [a: 192.0.2.2]\n", "a: [MX: [65536, b]]\n",
            "a: [TXT: {b: c}]\n", "a: [AAAA: \"::ffff:192.0.2.1\"]\n",
        ].map { Array($0.utf8) }
    }
}
