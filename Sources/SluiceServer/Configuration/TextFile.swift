// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

/// Small files of text that a configuration names: users, zone, recipients.
enum TextFile {
    /// - Throws: ``ServerError`` in words where the file can't be read or is no UTF-8.
    static func read(_ path: String) throws(ServerError) -> String {
        let octets: Data
        do { octets = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw ServerError(
                message: FileCheck.problem(path, isSecret: false) ?? "\(path) can't be read", isConfiguration: true)
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw ServerError(message: "\(path) is no text, UTF-8 would be right", isConfiguration: true)
        }
        return text
    }
}
