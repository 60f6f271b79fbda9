// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("The text of sluice top") struct TopTextTests {
    @Test(
        "a rate has as many places as say something",
        arguments: [
            (0.0, "0"), (0.001, "<0.1"), (0.26, "0.3"), (1, "1"), (12.54, "12.5"), (99.94, "99.9"), (99.96, "100"),
            (1234.6, "1235"),
        ])
    func rates(_ rate: Double, _ text: String) { #expect(TopText.rate(rate) == text) }

    @Test(
        "a time has the unit that fits",
        arguments: [(0.0, "0 µs"), (0.0567, "57 µs"), (2.34, "2.3 ms"), (1500, "1.5 s")])
    func times(_ milliseconds: Double, _ text: String) { #expect(TopText.milliseconds(milliseconds) == text) }

    @Test(
        "an age has its two greatest units",
        arguments: [
            (0, "0s"), (-5, "0s"), (59, "59s"), (60, "1m"), (61, "1m1s"), (3600, "1h"), (3601, "1h"), (90_061, "1d1h"),
            (8_640_000, "100d"),
        ])
    func ages(_ seconds: Int64, _ text: String) { #expect(TopText.age(.seconds(seconds)) == text) }

    @Test(
        "octets have the unit that fits",
        arguments: [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_234_567, "1.2 MB"), (Int64.max, "9223372 TB")])
    func octets(_ octets: Int64, _ text: String) { #expect(TopText.octets(octets) == text) }

    @Test("columns line up, text to the left and numbers to the right")
    func columns() {
        #expect(
            TopText.columns(["NAME", "N"], [["a", "100"], ["longer", "1"]]) == [
                "NAME      N", "a       100", "longer    1",
            ])
    }

    @Test("what is not visible ASCII becomes a question mark, and there is an end to it")
    func visible() {
        #expect(TopText.visible("a\u{1B}[1mé") == "a?[1m??")
        #expect(TopText.visible(String(repeating: "x", count: 5000)).count == 1000)
    }
}
