// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SluiceNative

@Suite("The back-off of restarts") struct RestartBackOffTests {
    @Test("the first failure costs no wait, later ones twice as much each, up to 30 s; a success forgets them")
    func waits() {
        var backOff = RestartBackOff()
        let waits = (0..<12).map { _ in backOff.failed() }
        #expect(waits.prefix(5) == [.zero, .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2)])
        #expect(waits.last == .seconds(30))
        backOff.succeeded()
        #expect(backOff.failed() == .zero)
    }

    @Test("text from a worker is visible ASCII and bounded")
    func text() {
        #expect(ScanText.visible("Win.A\r\n250 ok\u{E9}") == "Win.A??250 ok??")
        #expect(ScanText.visible(String(repeating: "a", count: 1000)).utf8.count == 100)
    }
}
