// SPDX-License-Identifier: Apache-2.0

extension ArraySlice<UInt8> {
    /// The octets of a range, which stand for events, each for itself, and what stands between them.
    func split(at events: ClosedRange<UInt8>) -> [ArraySlice<UInt8>] {
        var runs: [ArraySlice<UInt8>] = []
        var start = startIndex
        for index in indices where events.contains(self[index]) {
            if start < index { runs.append(self[start..<index]) }
            runs.append(self[index...index])
            start = index + 1
        }
        if start < endIndex { runs.append(self[start...]) }
        return runs
    }
}
