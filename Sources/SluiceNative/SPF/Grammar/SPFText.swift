// SPDX-License-Identifier: Apache-2.0

/// A stranger's octets as people may be shown them. ASCII only, as it goes into header fields and replies.
enum SPFText {
    /// Printable ASCII, all else as `?`, cut after 80 octets.
    static func shown(_ octets: some Collection<UInt8>, limit: Int = 80) -> String {
        let cut = octets.count > limit
        return printable(octets.prefix(limit)) + (cut ? "..." : "")
    }

    /// Printable ASCII, all else as `?`: nothing that could end a line or command a terminal.
    static func printable(_ octets: some Sequence<UInt8>) -> String {
        String(decoding: octets.map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
