// SPDX-License-Identifier: Apache-2.0

/// The octets of a zip archive that stand around its files; these are stored as they are. Sums are left out: nobody
/// looks at them who unpacks it.
struct ZipEntries {
    private var central: [UInt8] = []
    private var count = 0
    private var name: [UInt8] = []
    private var start = 0
    private var size = 0
    /// The length of the archive so far.
    private var length = 0

    /// Where the sizes stand in the head of a file, from its start.
    private static let sizePlace = 18

    /// Begins a file.
    ///
    /// - Returns: its head, to be written first.
    mutating func begin(_ name: String) -> [UInt8] {
        self.name = Array(name.utf8)
        (start, size) = (length, 0)
        let head = [0x50, 0x4B, 3, 4] + common
        length += head.count
        return head
    }

    /// So many octets of the file were written.
    mutating func wrote(_ octets: Int) {
        size += octets
        length += octets
    }

    /// Ends the file.
    ///
    /// - Returns: its sizes, and where they belong in the archive.
    mutating func end() -> (sizes: [UInt8], place: Int) {
        central += [0x50, 0x4B, 1, 2, 20, 0] + common.dropLast(name.count) + [UInt8](repeating: 0, count: 10)
        central += Self.little(start, 4) + name
        count += 1
        return (Self.little(size, 4) + Self.little(size, 4), start + Self.sizePlace)
    }

    /// The end of the archive.
    func directory() -> [UInt8] {
        let number = Self.little(min(count, 65535), 2)
        return central + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + number + number + Self.little(central.count, 4)
            + Self.little(length, 4) + [0, 0]
    }

    /// What both heads of a file have: version, flags (names in UTF-8), method, time, date, sum, sizes, name.
    private var common: [UInt8] {
        [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0] + Self.little(size, 4) + Self.little(size, 4)
            + Self.little(name.count, 2) + [0, 0] + name
    }

    private static func little(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
