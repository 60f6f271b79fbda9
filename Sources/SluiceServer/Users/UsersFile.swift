// SPDX-License-Identifier: Apache-2.0
import Foundation
package import SluiceCore
package import SluiceNative

/// The file of logins: `name:verifier` a line, the verifier as RFC 5803 writes it (SCRAM-SHA-256), so that later
/// mechanisms need no new passwords.
package struct UsersFile: Sendable {
    package private(set) var users: [(name: String, verifier: SCRAMVerifier)]

    package init(users: [(name: String, verifier: SCRAMVerifier)] = []) { self.users = users }

    /// Reads a users file.
    ///
    /// - Returns: what could be read, and a diagnostic for each line that could not.
    package static func read(_ path: String) throws -> (UsersFile, [Diagnostic]) {
        let text = try TextFile.read(path)
        var users: [(String, SCRAMVerifier)] = []
        var diagnostics: [Diagnostic] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let mark = SourceMark(file: path, line: index + 1, column: 1)
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
                let verifier = try? SCRAMVerifier(parsing: String(line[line.index(after: colon)...]))  // said below
            else {
                diagnostics.append(
                    Diagnostic(mark, "this is no login, name:SCRAM-SHA-256$… (sluice user add) would be right"))
                continue
            }
            users.append((String(line[..<colon]), verifier))
        }
        return (UsersFile(users: users), diagnostics)
    }

    package func verifier(of name: String) -> SCRAMVerifier? { users.first { $0.name == name }?.verifier }

    /// Adds a login, or gives it another password.
    package mutating func set(_ name: String, _ verifier: SCRAMVerifier) {
        users.removeAll { $0.name == name }
        users.append((name, verifier))
    }

    /// - Returns: whether there was one of that name.
    package mutating func remove(_ name: String) -> Bool {
        let count = users.count
        users.removeAll { $0.name == name }
        return users.count < count
    }

    /// Writes the file (mode 0600), at once or not at all.
    package func write(to path: String) throws {
        let text = users.map { "\($0.name):\($0.verifier.written)\n" }.joined()
        let temporary = path + ".new"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw ServerError(message: "\(temporary): can't be written") }
        try FileStorage().rename(temporary, to: path)
    }
}
