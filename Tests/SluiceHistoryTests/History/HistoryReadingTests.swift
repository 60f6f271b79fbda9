// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import Testing

@testable import SluiceHistory

@Suite("A history that is only read") struct HistoryReadingTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func contents(_ directory: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            contents[name] = FileManager.default.contents(atPath: directory + "/" + name)
        }
        return contents
    }

    @Test("finds what is there and what it is told, and changes nothing", arguments: [true, false])
    func reading(hasIndex: Bool) throws {
        let fixture = HistoryFixture()
        var history: History? = try fixture.open()
        history?.record(HistoryFixture.decision("aaa"))
        history?.recordStep(HistoryFixture.step("aaa", .queued))
        try history?.synchronize()
        history = nil
        if !hasIndex { try fixture.remove() }
        let before = try contents(fixture.directory)
        let reading = try History(reading: fixture.directory, logger: logger)
        reading.recordStep(HistoryFixture.step("aaa", .queued))
        reading.recordStep(HistoryFixture.step("aaa", .delivered, after: 5, attempts: 1))
        reading.record(HistoryFixture.decision("bbb", after: 9))
        #expect(try reading.message("aaa")?.steps.map(\.state) == [.queued, .delivered])
        #expect(try reading.find(TraceQuery()).map(\.id) == ["bbb", "aaa"])
        #expect(try contents(fixture.directory) == before)
    }

    @Test("is empty where there is none yet") func none() throws {
        let fixture = HistoryFixture()
        let reading = try History(reading: fixture.directory, logger: logger)
        #expect(try reading.find(TraceQuery()).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: fixture.directory))
    }

    @Test("of a later version is refused, to read and to write, and stays as it is") func later() throws {
        let fixture = HistoryFixture()
        var history: History? = try fixture.open()
        history?.record(HistoryFixture.decision("aaa"))
        try history?.synchronize()
        history = nil
        let format = fixture.directory + "/format"
        #expect(try String(contentsOfFile: format, encoding: .utf8) == "1\n")
        try "2\n".write(toFile: format, atomically: true, encoding: .utf8)
        let before = try contents(fixture.directory)
        for open in [{ try History(reading: fixture.directory, logger: logger) }, { try fixture.open() }] {
            do {
                _ = try open()
                Issue.record("it was opened")
            } catch let error as HistoryError {
                #expect(error.isOtherVersion && error.description.contains("format 2"))
            }
        }
        #expect(try contents(fixture.directory) == before)
    }
}
