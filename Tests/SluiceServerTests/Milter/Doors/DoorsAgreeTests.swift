// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

/// The same mail through the SMTP listener and through the milter listener.
@Suite("Same verdict at both doors", .timeLimit(.minutes(10))) struct DoorsAgreeTests {
    /// How many messages: 110, or as `SLUICE_DOORS_MESSAGES` says (`make milter-faults`).
    private static let count =
        ProcessInfo.processInfo.environment["SLUICE_DOORS_MESSAGES"].flatMap { Int($0) } ?? 110

    /// What the protocol can't tell (docs/milter.md): where a message has no header or no empty line behind it, the MTA
    /// puts that line there, which counts as two octets.
    private static func isLimit(_ difference: String, of kind: GeneratedMail.Kind) -> Bool {
        kind == .noEndOfHeader && (difference.hasPrefix("size:") || difference.hasPrefix("body:"))
    }

    @Test("disposition, reply, findings, added fields, recipients and body are equal")
    func agree() async throws {
        let keys = try BothDoors.Keys()
        let all = try await GeneratedMail.all(Self.count, seed: 500, signer: keys.signer)
        try await BothDoors.run(keys) { doors in
            let counts = try await withThrowingTaskGroup(of: [String: Int].self) { group in
                for part in 0..<6 {
                    let share = all.filter { $0.number % 6 == part }
                    group.addTask { try await Self.compare(share, doors) }
                }
                return try await group.reduce(into: [String: Int]()) { $0.merge($1, uniquingKeysWith: +) }
            }
            print("both doors, \(all.count) messages: \(counts)")
            #expect(counts["deliver", default: 0] > all.count / 2)
            #expect(counts["reject", default: 0] > 0 && counts["quarantine", default: 0] > 0)
        }
    }

    /// Sends each to both doors; counts what was decided.
    private static func compare(_ share: [GeneratedMail], _ doors: BothDoors) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        let session = try await MTASession.open(.port(doors.server.ports["mta"] ?? 0))
        for mail in share {
            let smtp = try await doors.bySMTP(mail)
            let milter = try await doors.byMilter(mail, over: session)
            let differences = smtp.differences(from: milter).filter { !isLimit($0, of: mail.kind) }
            #expect(differences.isEmpty, "\(mail.kind) \(mail.number)")
            counts[smtp.disposition, default: 0] += 1
        }
        try await session.quit()
        return counts
    }

    @Test("a difference in any part is found")
    func differences() {
        var one = BothDoors.Result(["disposition": "deliver", "reply": ["code": 250], "findings": []])
        one.add(MTAContent(Array("Received: from client.test by a\r\nA: 1\r\n\r\nbody\r\n".utf8)))
        one.delivered = ["anna@example.org"]
        #expect(one.differences(from: one).isEmpty && one.fields == ["A: 1"])
        var others = [BothDoors.Result](repeating: one, count: 6)
        others[0].disposition = "reject"
        others[1].reply = "550 5.7.1"
        others[2].record["findings"] = "[1]"
        others[3].delivered = []
        others[4].fields = ["A:  1"]
        others[5].body = "body\r\n\r\n"
        for other in others { #expect(one.differences(from: other).count == 1) }
    }
}
