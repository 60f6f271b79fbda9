// SPDX-License-Identifier: Apache-2.0

/// The character sets that mail is read in, by the names that mail gives them.
///
/// A stranger's name never reaches iconv: only what stands here does. Where writers commonly use characters of a larger
/// set under the name of a smaller one, the larger is named (GB 18030 for GB 2312, CP 949 for EUC-KR, …).
enum CharsetNames {
    /// iconv's name, or `nil` where the name is not known.
    static func iconvName(_ name: String) -> String? {
        if let alias = aliases[name] { return alias }
        for (prefix, target, numbers) in families {
            guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.utf8.count)),
                numbers.contains(number)
            else { continue }
            return target + String(number)
        }
        return nil
    }

    private static let codePages: Set<Int> = [
        437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 1250, 1251, 1252, 1253,
        1254, 1255, 1256, 1257, 1258,
    ]
    private static let families: [(prefix: String, target: String, numbers: Set<Int>)] = [
        // There is no ISO 8859-12.
        ("iso-8859-", "ISO-8859-", Set(1...16).subtracting([12])),
        ("iso8859-", "ISO-8859-", Set(1...16).subtracting([12])),
        ("iso_8859-", "ISO-8859-", Set(1...16).subtracting([12])), ("windows-", "CP", codePages),
        ("cp", "CP", codePages), ("cp-", "CP", codePages), ("ibm", "CP", codePages), ("x-cp", "CP", codePages),
    ]

    private static let aliases: [String: String] = [
        "latin2": "ISO-8859-2", "latin3": "ISO-8859-3", "latin4": "ISO-8859-4", "latin5": "ISO-8859-9",
        "latin9": "ISO-8859-15", "cyrillic": "ISO-8859-5", "greek": "ISO-8859-7", "hebrew": "ISO-8859-8",
        "arabic": "ISO-8859-6", "iso-8859-8-i": "ISO-8859-8", "iso-8859-6-i": "ISO-8859-6", "koi8-r": "KOI8-R",
        "koi8r": "KOI8-R", "koi8-u": "KOI8-U", "koi8-ru": "KOI8-U", "macintosh": "MACINTOSH",
        "x-mac-roman": "MACINTOSH", "tis-620": "TIS-620", "viscii": "VISCII",
        "gb2312": "GB18030", "gb_2312-80": "GB18030", "gbk": "GB18030", "x-gbk": "GB18030", "cp936": "GB18030",
        "gb18030": "GB18030", "euc-cn": "GB18030", "big5": "BIG5-HKSCS",
        "big5-hkscs": "BIG5-HKSCS", "cn-big5": "BIG5-HKSCS", "x-x-big5": "BIG5-HKSCS", "cp950": "BIG5-HKSCS",
        "euc-tw": "EUC-TW", "iso-2022-jp": "ISO-2022-JP", "iso-2022-jp-2": "ISO-2022-JP-2",
        "iso-2022-kr": "ISO-2022-KR", "euc-jp": "EUC-JP", "x-euc-jp": "EUC-JP", "shift_jis": "CP932",
        "shift-jis": "CP932", "sjis": "CP932", "x-sjis": "CP932", "cp932": "CP932", "windows-31j": "CP932",
        "euc-kr": "CP949", "ks_c_5601-1987": "CP949", "ksc5601": "CP949", "cp949": "CP949", "windows-949": "CP949",
        "utf-7": "UTF-7", "unicode-1-1-utf-7": "UTF-7", "utf-32": "UTF-32", "utf-32be": "UTF-32BE",
        "utf-32le": "UTF-32LE",
    ]
}
