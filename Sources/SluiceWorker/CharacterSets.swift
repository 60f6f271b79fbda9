// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux

/// The converters of character sets that libclamav asks for by the names that documents give. glibc loads them as
/// libraries, which a confined worker can't: so they are loaded before.
enum CharacterSets {
    private static let names =
        [
            "EUC-JP", "SHIFT_JIS", "ISO-2022-JP", "EUC-KR", "BIG5", "GBK", "GB18030", "KOI8-R", "KOI8-U", "UTF-7",
            "UTF-16",
        ]
        + (1...16).filter { $0 != 12 }.map { "ISO-8859-\($0)" } + (1250...1258).map { "CP\($0)" }
        + [437, 850, 852, 866, 874, 932, 936, 949, 950].map { "CP\($0)" }

    /// Opens them all, and leaves them open so that glibc keeps them. One that is not installed is missing before as
    /// after: libclamav then reads such text as it comes.
    static func load() {
        for name in names { _ = iconv_open("UTF-8", name) }
    }
}
