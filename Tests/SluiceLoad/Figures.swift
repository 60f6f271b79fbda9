// SPDX-License-Identifier: Apache-2.0
import Foundation

extension Duration {
    var milliseconds: Double { self / .milliseconds(1) }
}

extension [Duration] {
    /// The latency that this share of all stays under; zero where there is none.
    func percentile(_ share: Double) -> Duration {
        let sorted = sorted()
        return sorted.isEmpty ? .zero : sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    var written: String {
        "p50 \(percentile(0.5).milliseconds.written) ms, p99 \(percentile(0.99).milliseconds.written) ms, at most \((self.max() ?? .zero).milliseconds.written) ms"
    }
}

extension Double {
    /// With a digit or two behind the point.
    var written: String { String(format: self < 10 ? "%.2f" : "%.1f", self) }
}

extension Collection<Int> {
    var median: Int { isEmpty ? 0 : sorted()[count / 2] }
}

extension Int {
    /// Octets in units of 1,024 × 1,024.
    var mebibytes: String { (Double(self) / 1_048_576).written + " MiB" }
}

/// How many processes wanted a processor in the last minute, by which figures of time are to be judged.
func machineLoad() -> String {
    let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? "?"  // it is a remark only
    return
        "load average \(text.split(separator: " ").first ?? "?") on \(ProcessInfo.processInfo.activeProcessorCount) processors"
}
