// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Finds which of many strings stand in a text, without regard to case, in one pass over the text however many they are.
///
/// Of each octet two tables are asked: whether a string begins with the three octets from there on, and whether one
/// begins with the four. Only where both say so are the few strings that begin so compared. Where all strings are long,
/// only every so many octets are asked whether some string has them. What a stranger writes can make more be compared,
/// but no more at an octet than the strings that share a hash.
struct OctetStringFinder: Sendable {
    private struct Entry {
        /// Where the string begins among ``octets``.
        var start: Int
        var count: Int
        var owner: Int
    }

    /// What stands in ``triples``: a string of more than three octets begins so, a string is this, or both.
    private static let begins: UInt8 = 1
    private static let isWhole: UInt8 = 2

    /// Shorter strings are looked for at every octet.
    private static let longString = 7
    /// How much of the start of a long string is known.
    private static let headLimit = 32

    private let mask: UInt32
    /// How many octets may be passed over: no string hides between four that are looked at and the next four.
    private let step: Int
    private let triples: [UInt8]
    /// Whether a string begins with these four octets; where ``step`` is more than one, whether they stand in its head.
    private let quadruples: [UInt8]
    /// For each hash of three octets the first of its ``entries``, and behind the last hash their number.
    private let starts: [Int32]
    private let entries: [Entry]
    /// All strings in lower case, one behind the other.
    private let octets: [UInt8]
    /// The owners of strings of one octet, and for each octet a bit that says whose it is.
    private let singles: [[Int]]
    private let singleBits: [UInt64]

    /// - Parameter strings: in lower case, each of one octet or of three or more, with the number of the one who looks
    ///   for it.
    /// - Returns: `nil` where there are none.
    init?(_ strings: [(octets: [UInt8], owner: Int)]) {
        guard !strings.isEmpty else { return nil }
        (singles, singleBits) = Self.singles(strings.filter { $0.octets.count < 3 })
        let long = strings.filter { $0.octets.count >= 3 }
        let shortest = min(long.map(\.octets.count).min() ?? 0, Self.headLimit)
        step = shortest >= Self.longString ? shortest - 3 : 1
        var size = 512
        while size < long.count * 16, size < 1 << 15 { size *= 2 }
        mask = UInt32(size - 1)
        var triples = [UInt8](repeating: 0, count: size)
        var quadruples = triples
        var chains = [[Int]](repeating: [], count: size)
        for (index, string) in long.enumerated() {
            let triple = Self.place(Self.number(string.octets[..<3]), mask)
            triples[triple] |= string.octets.count == 3 ? Self.isWhole : Self.begins
            chains[triple].append(index)
            for start in 0..<min(step, string.octets.count - 3) {
                quadruples[Self.place(Self.number(string.octets[start..<(start + 4)]), mask)] = Self.begins
            }
        }
        var starts: [Int32] = []
        var entries: [Entry] = []
        var octets: [UInt8] = []
        for chain in chains {
            starts.append(Int32(entries.count))
            for index in chain {
                entries.append(Entry(start: octets.count, count: long[index].octets.count, owner: long[index].owner))
                octets += long[index].octets
            }
        }
        self.triples = triples
        self.quadruples = quadruples
        self.starts = starts + [Int32(entries.count)]
        self.entries = entries
        self.octets = octets
    }

    private static func singles(_ strings: [(octets: [UInt8], owner: Int)]) -> (owners: [[Int]], bits: [UInt64]) {
        guard !strings.isEmpty else { return ([], []) }
        var owners: [[Int]] = []
        var bits = [UInt64](repeating: 0, count: 256)
        for string in strings {
            let octet = Int(string.octets[0])
            // Past 64 different octets the last bit stands for all others: their owners are found too often.
            if bits[octet] == 0 {
                if owners.count < 64 { owners.append([]) }
                bits[octet] = 1 << UInt64(owners.count - 1)
            }
            owners[bits[octet].trailingZeroBitCount].append(string.owner)
        }
        return (owners, bits)
    }

    /// Octets as one number in which the case of letters does not count (nor bit 5 of the others).
    private static func number(_ octets: some Collection<UInt8>) -> UInt32 {
        octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1 | 0x20) }
    }

    private static func place(_ octets: UInt32, _ mask: UInt32) -> Int { Int((octets &* 0x9E37_79B1) >> 15 & mask) }

    /// Marks the owners of the strings that stand in the text.
    func find(in text: [UInt8], _ found: inout [Bool]) {
        if !singles.isEmpty { findSingles(in: text, &found) }
        guard !entries.isEmpty, text.count >= 3 else { return }
        if step == 1 { findEverywhere(in: text.span, &found) } else { findLong(in: text.span, &found) }
    }

    private func findEverywhere(in text: Span<UInt8>, _ found: inout [Bool]) {
        let triples = triples.span
        let quadruples = quadruples.span
        let mask = mask
        var window = UInt32(text[0] | 0x20) << 16 | UInt32(text[1] | 0x20) << 8 | UInt32(text[2] | 0x20)
        for end in 3..<text.count {
            window = window << 8 | UInt32(text[end] | 0x20)
            let place = Self.place(window >> 8, mask)
            if triples[place] & (quadruples[Self.place(window, mask)] | Self.isWhole) != 0 {
                compare(at: end - 3, text, place, &found)
            }
        }
        compare(at: text.count - 3, text, Self.place(window & 0xFF_FFFF, mask), &found)
    }

    private func findLong(in text: Span<UInt8>, _ found: inout [Bool]) {
        let quadruples = quadruples.span
        var index = 0
        while index + 4 <= text.count {
            let first = UInt32(text[index] | 0x20) << 24 | UInt32(text[index + 1] | 0x20) << 16
            let number = first | UInt32(text[index + 2] | 0x20) << 8 | UInt32(text[index + 3] | 0x20)
            if quadruples[Self.place(number, mask)] != 0 {
                for start in max(0, index - step + 1)...index {
                    let head = UInt32(text[start] | 0x20) << 16 | UInt32(text[start + 1] | 0x20) << 8
                    compare(at: start, text, Self.place(head | UInt32(text[start + 2] | 0x20), mask), &found)
                }
            }
            index += step
        }
    }

    private func findSingles(in text: [UInt8], _ found: inout [Bool]) {
        let bits = singleBits.span
        var present: UInt64 = 0
        for octet in text { present |= bits[Int(octet)] }
        while present != 0 {
            for owner in singles[present.trailingZeroBitCount] { found[owner] = true }
            present &= present - 1
        }
    }

    /// Compares the strings of a hash with what stands in the text from that place on.
    @inline(never)
    private func compare(at start: Int, _ text: Span<UInt8>, _ place: Int, _ found: inout [Bool]) {
        for index in Int(starts[place])..<Int(starts[place + 1]) {
            let entry = entries[index]
            if found[entry.owner] || start + entry.count > text.count { continue }
            var length = 0
            while length < entry.count, text[start + length].asciiLowercased == octets[entry.start + length] {
                length += 1
            }
            if length == entry.count { found[entry.owner] = true }
        }
    }
}
