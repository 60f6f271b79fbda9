// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("The log") struct JSONLogHandlerTests {
    private let time = Timestamp(milliseconds: 1_790_000_000_123)

    @Test("is a JSON line a message: time, level, message, the id, then what varies, sorted")
    func line() throws {
        var handler = JSONLogHandler(label: "sluice")
        handler[metadataKey: "client"] = "192.0.2.1"
        let line = handler.line(
            .info, "message decided", ["to": "<a@b.test>", "id": "abc", "client": "192.0.2.2"], at: time)
        #expect(
            line == #"{"time": "2026-09-21T14:13:20.123Z", "level": "info", "message": "message decided", "#
                + #""id": "abc", "client": "192.0.2.2", "to": "<a@b.test>"}"#)
    }

    @Test("stays one line and JSON whatever a stranger wrote")
    func hostile() throws {
        let handler = JSONLogHandler(label: "sluice")
        let text = "a\r\n{\"level\": \"error\"}\u{0}\u{2028}\u{1B}[31m\""
        let line = handler.line(.warning, "x", ["helo": "\(text)"], at: time)
        #expect(line.utf8.allSatisfy { $0 >= 32 && $0 != 127 })
        #expect(try JSONReader.read(line.utf8)["helo"]?.stringValue == text)
    }
}
