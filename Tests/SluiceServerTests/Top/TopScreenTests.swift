// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The screen of sluice top") struct TopScreenTests {
    private func full(refusals: Int = 3, stages: Int = 2) -> TopScreen {
        let earlier = TopFixture.snapshot(3600)
        let later = TopFixture.snapshot(3601) { snapshot in
            snapshot.messages = ["deliver": 120, "quarantine": 2, "reject": 3]
            snapshot.sessions = 12
            snapshot.queue = ["queued": 7, "held": 1, "quarantined": 30]
            snapshot.queueOctets = 1_234_567
            snapshot.oldestQueued = 130_000
            snapshot.deliveries = ["delivered": 118, "deferred": 1]
            snapshot.deliveryAttempts = 4
            snapshot.pipelinesRunning = 5
            snapshot.workersBusy = 1
            snapshot.workersIdle = 2
            snapshot.workerFailures = 3
            snapshot.syncs = 80
            snapshot.syncMicroseconds = 96_000
            snapshot.memory = 70_500_000
            snapshot.processorMilliseconds = 230
            snapshot.stages = (0..<stages).map {
                TopFixture.stage("stage\($0)", ran: 100, failed: 1, microseconds: 1000 * Int64($0 + 1) * 101)
            }
            snapshot.refusals = (0..<refusals).map { TopFixture.refusal("r\($0)") }
        }
        return TopScreen(later, since: earlier)
    }

    @Test("says how much mail passes, what waits, which stages are slow and what was refused last")
    func screen() {
        #expect(
            full().lines(width: 100, height: 40)
                == [
                    "sluice 0.1.0 on mx.example.org, up 1h, 12:06:41",
                    "messages   125/s: deliver 120, quarantine 2, reject 3, defer 0, discard 0",
                    "sessions   12, 0/s refused; 5 messages in the chain, 0 before it",
                    "queue      queued 7, held 1, quarantined 30; 1.2 MB; oldest 2m10s",
                    "delivery   delivered 118, deferred 1, bounced 0 a second; 4 under way",
                    "journal    80 syncs/s, 1.2 ms each",
                    "workers    1 busy, 2 idle, 3 failed so far",
                    "process    70.5 MB, 23% of a processor",
                    "",
                    "STAGE   RUNS/S  MEAN  FAILED  TIMED OUT",
                    "stage1     101  2 ms       1          0",
                    "stage0     101  1 ms       1          0",
                    "",
                    "LAST REFUSALS  ID  CLIENT     REPLY                    FROM",
                    "11:06:47       r0  192.0.2.1  550 5.7.1 held to be spam  <s@client.test>",
                    "11:06:47       r1  192.0.2.1  550 5.7.1 held to be spam  <s@client.test>",
                    "11:06:47       r2  192.0.2.1  550 5.7.1 held to be spam  <s@client.test>",
                ].map { $0.replacing("REPLY                    FROM", with: "REPLY                      FROM") })
    }

    @Test("of nothing at all has no stages and no refusals")
    func empty() {
        let lines = TopScreen(TopFixture.snapshot(0)).lines(width: 80, height: 24)
        #expect(lines.count == 8)
        #expect(lines[1] == "messages   0/s: deliver 0, quarantine 0, reject 0, defer 0, discard 0")
        #expect(lines[3] == "queue      queued 0, held 0, quarantined 0; 0 B; oldest -")
        #expect(lines[5] == "journal    0 syncs/s")
    }

    @Test("fits into any size, and shows no line by half where a row is missing")
    func sizes() {
        let screen = full(refusals: 20, stages: 12)
        for height in 0...60 {
            for width in [0, 1, 7, 40, 79, 80, 200] {
                let lines = screen.lines(width: width, height: height)
                #expect(lines.count <= height)
                #expect(lines.allSatisfy { $0.unicodeScalars.count <= width })
            }
            let lines = screen.lines(width: 200, height: height)
            for (place, line) in lines.enumerated() where line.hasPrefix("STAGE ") || line.hasPrefix("LAST ") {
                #expect(place + 1 < lines.count && !lines[place + 1].isEmpty, "a heading without a row at \(height)")
            }
            #expect(lines.last != "")
        }
    }

    @Test("keeps room for the last refusals however many stages there are, and for stages however many refusals")
    func sharedRoom() {
        let lines = full(refusals: 20, stages: 30).lines(width: 80, height: 24)
        #expect(lines.filter { $0.hasPrefix("stage") }.count >= 4)
        #expect(lines.filter { $0.contains("held to be spam") }.count >= 4)
        #expect(lines.count == 24)
        #expect(lines.first { $0.hasPrefix("stage") }?.hasPrefix("stage29 ") == true, "the slowest is the first")
    }

    @Test("has no control character in it, whatever strangers say")
    func hostile() {
        var generator = SeededGenerator(seed: 11)
        let alphabet: [Character] = [
            "\u{1B}", "[", "2", "J", "\u{7}", "\n", "\r\n", "\u{9B}", "é", "漢", "\u{202E}", "a",
        ]
        for _ in 0..<200 {
            let text = String((0..<20).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
            var snapshot = TopFixture.snapshot(10) {
                $0.stages = [TopFixture.stage(text, ran: 1)]
                $0.refusals = [TopFixture.refusal(text, client: text, reply: text)]
            }
            snapshot.hostname = text
            let screen = TopScreen(snapshot)
            for line in screen.lines(width: 500, height: 30) + [screen.line] {
                #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && ($0.value < 0x7F || $0 == "µ") })
            }
            #expect(screen.json.written.utf8.allSatisfy { $0 >= 0x20 })
        }
    }

    @Test("is one line where there is no terminal")
    func line() {
        #expect(
            full().line
                == "2026-11-18T12:06:41.000Z  125 messages/s  deliver 120 quarantine 2 reject 3 defer 0 discard 0  "
                + "queued 7 held 1 quarantined 30  oldest 2m10s  slowest stage1 2 ms  "
                + "last refusal r0 550 5.7.1 held to be spam (id r0)")
        #expect(TopScreen(TopFixture.snapshot(1)).line.hasSuffix("oldest -  slowest -  last refusal -"))
    }

    @Test("is an object for programs: rates a second, and counts since the start")
    func json() {
        let json = full().json
        #expect(json["messages_per_second"]?.integerValue == 125)
        #expect(json["dispositions_per_second"]?["reject"]?.integerValue == 3)
        #expect(json["messages"]?["deliver"]?.integerValue == 120)
        #expect(json["messages"]?["discard"]?.integerValue == 0)
        #expect(json["queue"]?["quarantined"]?.integerValue == 30)
        #expect(json["oldest_queued_seconds"]?.integerValue == 130)
        #expect(json["stages"]?.arrayValue?.first?["name"] == "stage1")
        #expect(json["stages"]?.arrayValue?.first?["milliseconds"]?.integerValue == 2)
        #expect(json["refusals"]?.arrayValue?.count == 3)
        #expect(json["sync_milliseconds"]?.written == "1.2")
        #expect(json["processors"]?.written == "0.23")
    }
}
