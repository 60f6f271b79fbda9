// SPDX-License-Identifier: Apache-2.0
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The text that Prometheus reads") struct ExpositionTests {
    @Test("names each metric once with what it is, in order, and its series below")
    func order() {
        let definitions: [MetricDefinition] = [
            .gauge("b_bytes", "The second."), .counter("a_total", by: ["kind"], "The first."),
            .gauge("c", "Not there."),
        ]
        let text = Exposition.text(
            [
                MetricSample("b_bytes", 1.5), MetricSample("a_total", by: ["y"], 2),
                MetricSample("a_total", by: ["x"], 3),
            ], definitions)
        #expect(
            text == """
                # HELP a_total The first.
                # TYPE a_total counter
                a_total{kind="x"} 3
                a_total{kind="y"} 2
                # HELP b_bytes The second.
                # TYPE b_bytes gauge
                b_bytes 1.5

                """)
    }

    @Test("a histogram's buckets hold all that is not above their bounds")
    func histogram() {
        let definition = MetricDefinition.histogram("t_seconds", by: ["kind"], buckets: [0.5, 1, 30], "Times.")
        let counts = HistogramCounts(buckets: [2, 0, 3], count: 6, sum: 70.25)
        #expect(
            Exposition.text([MetricSample("t_seconds", by: ["a"], .histogram(counts))], [definition]) == """
                # HELP t_seconds Times.
                # TYPE t_seconds histogram
                t_seconds_bucket{kind="a",le="0.5"} 2
                t_seconds_bucket{kind="a",le="1"} 2
                t_seconds_bucket{kind="a",le="30"} 5
                t_seconds_bucket{kind="a",le="+Inf"} 6
                t_seconds_sum{kind="a"} 70.25
                t_seconds_count{kind="a"} 6

                """)
    }

    @Test("backslash, quotation mark and line feed are escaped as the format says, each where it has to be")
    func escapes() {
        let definition = MetricDefinition.gauge("g", by: ["a", "b"], "With \"marks\", a \\ and a\nline feed.")
        #expect(
            Exposition.text([MetricSample("g", by: ["\"\\\n", "ü"], 1)], [definition]) == """
                # HELP g With "marks", a \\\\ and a\\nline feed.
                # TYPE g gauge
                g{a="\\"\\\\\\n",b="ü"} 1

                """)
    }

    @Test(
        "numbers are written as Go reads them",
        arguments: [
            (0.0, "0"), (-3, "-3"), (0.001, "0.001"), (1e-7, "1e-07"), (9_007_199_254_740_992, "9007199254740992"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"),
        ])
    func numbers(_ number: Double, _ written: String) {
        let text = Exposition.text([MetricSample("g", number)], [.gauge("g", "G.")])
        #expect(text.hasSuffix("\ng \(written)\n"))
    }

    @Test("whatever a label says, a line stays a line and ends in its number")
    func anyLabel() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("ab \\\"\n{}=,\u{0}\u{85}é\r")
        for _ in 0..<300 {
            let value = String(
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "a"
                })
            let text = Exposition.text([MetricSample("g", by: [value], 4)], [.gauge("g", by: ["l"], "G.")])
            // Characters would take CR LF for one.
            let lines = text.utf8.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
            #expect(lines.count == 3)
            let line = lines.last ?? ""
            #expect(line.hasPrefix("g{l=\"") && line.hasSuffix("\"} 4"))
            #expect(Self.unescaped(String(line.dropFirst(5).dropLast(4))) == value)
        }
    }

    /// What a reader makes of a label's value; `nil` where it would end before.
    private static func unescaped(_ text: String) -> String? {
        var value = String.UnicodeScalarView()
        var isEscape = false
        for scalar in text.unicodeScalars {
            switch (isEscape, scalar) {
            case (true, "n"): value.append("\n")
            case (true, "\\"), (true, "\""): value.append(scalar)
            case (true, _), (false, "\""): return nil
            case (false, "\\"):
                isEscape = true
                continue
            case (false, _): value.append(scalar)
            }
            isEscape = false
        }
        return isEscape ? nil : String(value)
    }
}
