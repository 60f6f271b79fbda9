// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

@Suite("ESMTP parameters (RFC 5321 §4.1.2)") struct ESMTPParametersTests {
    @Test("keywords stand in capitals, values as they were written")
    func reads() throws {
        let parameters = try #require(ESMTPParameters("  notify=Never \tX-y ORCPT=rfc822;a+40b".utf8))
        #expect(parameters.written == "NOTIFY=Never X-Y ORCPT=rfc822;a+40b")
        #expect(parameters["NOTIFY"] == "Never" && parameters["X-Y"] == nil && parameters["RET"] == nil)
        #expect(parameters.filter { $0.keyword != "X-Y" }?.written == "NOTIFY=Never ORCPT=rfc822;a+40b")
        #expect(parameters.filter { _ in false } == nil)
    }

    @Test(
        "what is malformed, twice there or too long is none",
        arguments: [
            "", " ", "=a", "A=", "A=b=c", "-A", "A_B=1", "A=\u{E9}", "A=1 a=2", "A=b\r\nRCPT TO:<x>", "A=\u{7F}", "A\0",
            "A=" + String(repeating: "b", count: ESMTPParameters.lengthLimit),
        ])
    func refuses(text: String) { #expect(ESMTPParameters(text.utf8) == nil) }

    @Test("whatever octets come, what is read is written so that it reads the same, and can't end a command")
    func property() {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("aB1-=+; \t,\r\n\0é".utf8)
        var count = 0
        for _ in 0..<5000 {
            let octets = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            guard let parameters = ESMTPParameters(octets) else { continue }
            count += 1
            #expect(ESMTPParameters(parameters.written.utf8) == parameters)
            #expect(parameters.written.utf8.allSatisfy { 32...126 ~= $0 })
        }
        #expect(count > 20)
    }

    @Test("a record keeps them as text; an edit of an earlier version, which has none, is read")
    func coding() throws {
        let edits: [MessageEdit] = [
            .addRecipient(Mailbox(localPart: "a", domain: "b"), parameters: ESMTPParameters("NOTIFY=NEVER".utf8)),
            .addRecipient(Mailbox(localPart: "a", domain: "b")), .changeReversePath(.null),
            .changeReversePath(.null, parameters: ESMTPParameters("RET=FULL".utf8)),
        ]
        #expect(try JSONDecoder().decode([MessageEdit].self, from: JSONEncoder().encode(edits)) == edits)
        let earlier = #"[{"addRecipient": {"_0": "a@b"}}, {"changeReversePath": {"_0": ""}}]"#
        #expect(try JSONDecoder().decode([MessageEdit].self, from: Data(earlier.utf8)) == Array(edits[1...2]))
        let broken = #"[{"addRecipient": {"_0": "a@b", "parameters": "A=B=C"}}]"#
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([MessageEdit].self, from: Data(broken.utf8)) }
    }
}
