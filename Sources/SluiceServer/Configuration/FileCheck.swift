// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

/// Checks the files that a configuration names, so that mistakes show before the first message.
package enum FileCheck {
    /// Reports a file that is missing, can't be read, or is open to others though it holds a secret.
    static func readable(_ path: String, key: String, _ section: ConfigurationSection, isSecret: Bool = false) {
        if let problem = problem(path, isSecret: isSecret) { section.report(key, "\(key): \(problem)") }
    }

    /// What is wrong with a file, in words; `nil` where nothing is.
    package static func problem(_ path: String, isSecret: Bool) -> String? {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return "\(path) does not exist"
        }
        guard !isDirectory.boolValue else { return "\(path) is a folder, a file would be right" }
        guard FileManager.default.isReadableFile(atPath: path) else {
            return "\(path) can't be read, check its owner and mode"
        }
        guard isSecret else { return nil }
        let mode: Int
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
        } catch {
            return "\(path): \(error.localizedDescription)"
        }
        return mode & 0o007 == 0
            ? nil : "\(path) is open to everybody (mode \(String(mode & 0o777, radix: 8))), chmod 600 would be right"
    }
}
