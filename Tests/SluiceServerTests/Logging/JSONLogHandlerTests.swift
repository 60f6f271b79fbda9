// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("The log") struct JSONLogHandlerTests {
    private let output = LogOutput(Pipe().fileHandleForWriting)
    private let time = Timestamp(milliseconds: 1_790_000_000_123)

    @Test("is a JSON line a message: time, level, message, the id, then what varies, sorted")
    func line() throws {
        var handler = JSONLogHandler(output)
        handler[metadataKey: "client"] = "192.0.2.1"
        let line = handler.line(
            .info, "message decided", ["to": "<a@b.test>", "id": "abc", "client": "192.0.2.2"], at: time)
        #expect(
            line == #"{"time": "2026-09-21T14:13:20.123Z", "level": "info", "message": "message decided", "#
                + #""id": "abc", "client": "192.0.2.2", "to": "<a@b.test>"}"#)
    }

    @Test("stays one line and JSON whatever a stranger wrote")
    func hostile() throws {
        let handler = JSONLogHandler(output)
        let text = "a\r\n{\"level\": \"error\"}\u{0}\u{2028}\u{1B}[31m\""
        let line = handler.line(.warning, "x", ["helo": "\(text)"], at: time)
        #expect(line.utf8.allSatisfy { $0 >= 32 && $0 != 127 })
        #expect(try JSONReader.read(line.utf8)["helo"]?.stringValue == text)
    }

    @Test("whose reader stalls holds nobody up: lines are dropped, and their number is told when it reads again")
    func stalledReader() throws {
        let pipe = Pipe()
        let output = LogOutput(pipe.fileHandleForWriting, limit: 4096)
        // More than the pipe takes (64 KiB) and the limit together.
        for number in 0..<2000 {
            output.write("{\"line\": \(number), \"text\": \"\(String(repeating: "x", count: 80))\"}")
        }
        let reader = Thread {
            output.close(within: .seconds(10))
            try? pipe.fileHandleForWriting.close()
        }
        reader.start()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        let lines = try text.split(separator: "\n").map { try JSONReader.read($0.utf8) }
        let written = lines.compactMap { $0["line"] }.count
        let dropped = lines.compactMap { $0["lines"]?.stringValue }.compactMap { Int($0) }.reduce(0, +)
        #expect(written >= 500)
        #expect(dropped > 0)
        #expect(written + dropped == 2000)
    }

    @Test("is written whole before it is closed")
    func close() throws {
        let pipe = Pipe()
        let output = LogOutput(pipe.fileHandleForWriting)
        for number in 0..<100 { output.write("\(number)") }
        output.close()
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(text == (0..<100).map { "\($0)\n" }.joined())
    }
}
