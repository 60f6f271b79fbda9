// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@Suite("Replies and enhanced status codes")
struct ReplyTests {
    @Test("an enhanced status code has a class, a subject and a detail (RFC 3463 §2)")
    func enhanced() {
        #expect(EnhancedStatusCode("5.7.1") == EnhancedStatusCode(5, 7, 1))
        #expect(EnhancedStatusCode("4.999.0")?.description == "4.999.0")
        for text in [
            "", "5", "5.7", "5.7.1.1", "3.0.0", "1.1.1", "5.7.x", "5..1", "5.7.1000", "55.7.1", "5.-7.1", " 5.7.1",
        ] {
            #expect(EnhancedStatusCode(text) == nil, "\(text)")
        }
    }

    @Test(
        "a reply is positive, transient or permanent by its first digit (RFC 5321 §4.2.1)",
        arguments: [
            (250, [true, false, false]), (354, [false, false, false]), (451, [false, true, false]),
            (550, [false, false, true]), (600, [false, false, false]),
        ])
    func classes(code: Int, classes: [Bool]) {
        let reply = Reply(code, nil, "x")
        #expect([reply.isPositive, reply.isTransientNegative, reply.isPermanentNegative] == classes)
    }

    @Test("a reply is written on one line")
    func written() {
        #expect(Reply(550, EnhancedStatusCode(5, 1, 1), "no such user").description == "550 5.1.1 no such user")
        #expect(Reply(250, lines: ["a", "b"]).description == "250 a b")
        #expect(Reply(250, lines: []).lines == [""])
    }

    @Test("a reply is stored with all its lines")
    func codable() throws {
        for reply in [
            Reply(250, lines: ["a", "", "b"]), Reply(451, EnhancedStatusCode(4, 3, 0), "x"), Reply(250, nil, ""),
        ] {
            #expect(try JSONDecoder().decode(Reply.self, from: JSONEncoder().encode(reply)) == reply)
        }
    }
}
