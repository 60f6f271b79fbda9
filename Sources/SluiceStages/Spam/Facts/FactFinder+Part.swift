// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension FactFinder {
    /// Endings of files that a double click runs.
    private static let executables: Set<String> = [
        "ade", "adp", "app", "appx", "bat", "cab", "chm", "cmd", "com", "cpl", "dll", "exe", "hta", "img", "inf", "ins",
        "iso", "jar", "js", "jse", "lnk", "mde", "msc", "msi", "msp", "mst", "one", "pif", "ps1", "reg", "scr", "sct",
        "shs", "udl", "url", "vb", "vbe", "vbs", "vhd", "wsc", "wsf", "wsh", "xll",
    ]
    private static let documents: Set<String> = [
        "doc", "docx", "gif", "htm", "html", "jpeg", "jpg", "mp3", "mpg", "pdf", "png", "ppt", "rtf", "txt", "xls",
        "xlsx",
        "zip",
    ]

    /// What is odd about the parts and their names.
    func partFacts() -> [Fact] {
        var facts: [Fact] = []
        for defect in structure.defects { facts.append(Fact("mime-defect", "\(defect)")) }
        for defect in reading.defects {
            switch defect {
            case .unknownCharset(let name): facts.append(Fact("unknown-charset", name))
            case .decodeLimit: break
            default: facts.append(Fact("mime-defect", "\(defect)"))
            }
        }
        for part in parts where part.children.isEmpty {
            guard let name = part.fileName else { continue }
            facts.append(Fact("attachment", "\(name) (\(part.mediaType))"))
            let endings = name.asciiLowercased().split(separator: ".").dropFirst()
            guard let last = endings.last else { continue }
            let ending = String(last.prefix { !$0.isWhitespace })
            if Self.executables.contains(ending) {
                facts.append(Fact("attachment-executable", name))
                if let before = endings.dropLast().last, Self.documents.contains(String(before)) {
                    facts.append(Fact("attachment-double-ending", name))
                }
            }
            if ["htm", "html", "shtml", "xhtml", "svg", "mht"].contains(ending) {
                facts.append(Fact("attachment-page", name))
            }
            if name.contains("      ") || name.unicodeScalars.contains(where: TextFolding.isInvisible) {
                facts.append(Fact("attachment-disguised", name))
            }
        }
        return facts
    }
}
