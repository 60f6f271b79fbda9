// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("A long message for the scanner", .timeLimit(.minutes(2))) struct PartArchiveTests {
    private static let line = "a line of text\r\n"

    /// What the scan says, where a mail may have so many lines.
    private func scan(_ message: String, lines: Int, seconds: Int = 20) async throws -> ScanAnswer {
        let pool = WorkerPool(
            try WorkerPoolTests.configuration(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        var limits = WorkerPool.Limits(processorSeconds: seconds)
        limits.mailLines = lines
        let result: Result<ScanAnswer, any Error>
        do {
            let content = try ScanContent(Message(MemoryContent(message)), limits: limits, nesting: 100)
            result = .success(try await pool.scan(content, limits: limits, deadline: .seconds(60)).answer)
        } catch { result = .failure(error) }
        await pool.shutdown()
        return try result.get()
    }

    private func isTakenApart(_ message: String, lines: Int, octets: Int = 16 << 20) throws -> Bool {
        var limits = WorkerPool.Limits()
        (limits.mailLines, limits.mailSize) = (lines, octets)
        switch try ScanContent(Message(MemoryContent(message)), limits: limits, nesting: 100) {
        case .mail: return false
        case .parts: return true
        }
    }

    @Test("a message past the limit of lines is taken apart by our reader", arguments: [988, 989, 990])
    func lines(_ count: Int) throws {
        // Ten lines are kept for what stands before the message, one is the field.
        let message = "Subject: a\r\n\r\n" + String(repeating: Self.line, count: count)
        #expect(try isTakenApart(message, lines: 1000) == (count > 988))
        let isLong = "\r\n" + String(repeating: "x", count: count)
        #expect(try isTakenApart(isLong, lines: 1000, octets: 1091) == (count > 988))
    }

    @Test("what it holds is found all the same: attached, in a message in it, by the name of a file in it")
    func found() async throws {
        let attached = TestMessage.attaching(TestVirus.octets)
        let inner = TestMessage.attaching(ZipArchive.of("e.com", TestVirus.octets))
        let forwarded = "Content-Type: message/rfc822\r\n\r\n" + inner
        for message in [attached, inner, forwarded] {
            #expect(try await scan(message, lines: 12) == .infected("Test.EICAR"))
        }
        #expect(try await scan(TestMessage.plain + String(repeating: Self.line, count: 100), lines: 50) == .clean)
    }

    @Test("a mail that is attached to it, and has too many lines itself, is never called clean")
    func attachedMail() async throws {
        let mail = Array(
            ("Received: from a\r\nFrom: a@b.test\r\nSubject: x\r\n\r\n" + String(repeating: Self.line, count: 200)).utf8
        )
        #expect(
            try await scan(TestMessage.attaching(mail), lines: 100)
                == .limitExceeded("Heuristics.Limits.Exceeded.MaxMailLines"))
    }

    @Test("a uuencoded file, a foreign encoding, and parts that were not read are named, not called clean")
    func unreadable() async throws {
        let uuencoded = "Subject: x\r\n\r\n" + String(repeating: Self.line, count: 100) + "begin 644 a\r\n"
        let foreign = "Content-Transfer-Encoding: x-uuencode\r\n\r\n" + String(repeating: Self.line, count: 100)
        let nested = String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 200)
        for (message, words) in [(uuencoded, "uuencoded"), (foreign, "x-uuencode"), (nested, "deeper than 100")] {
            await #expect {
                try await scan(message, lines: 50)
            } throws: {
                ($0 as? PartArchive.Unreadable)?.description.contains(words) == true
            }
        }
    }

    @Test("a scan that takes more processor time than it may ends with the limit's name")
    func processorTime() async throws {
        let lines = String(repeating: "begin 644 a.b\r\nM\r\n", count: 400_000)
        #expect(
            try await scan("Subject: x\r\n\r\n" + lines, lines: 1_000_000, seconds: 1)
                == .limitExceeded("Heuristics.Limits.Exceeded.ProcessorTime"))
    }

    @Test("the line that begins a uuencoded file is found however the octets are cut")
    func uuencode() {
        let texts: [(String, Bool)] = [
            ("begin 644 a", true), ("x\r\nbegin 0644 a", true), ("begin to 644", false), (" begin 644 a", false),
            ("xbegin 644", false), ("begin 64", false), ("begin 648 a", false), ("begin\nbegin 755", true),
        ]
        for (text, isFound) in texts {
            for size in 1...12 {
                var finder = UUEncodeFinder()
                var rest = ByteBuffer(string: text)
                while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                    finder.look(at: piece)
                }
                #expect(finder.isFound == isFound, "\(text) by \(size)")
            }
        }
    }
}
