// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative
import SluiceServer
import Testing

@Suite("A users file") struct UsersFileTests {
    private func verifier(_ password: String) throws -> SCRAMVerifier {
        try SCRAMVerifier(password: password, iterations: 4096)
    }

    @Test("is read back as it was written, with mode 0600, and passwords in it only as verifiers")
    func written() throws {
        let folder = try TemporaryFolder()
        var users = UsersFile()
        users.set("anna", try verifier("correct horse"))
        users.set("bert@example.org", try verifier("x"))
        let path = folder.path + "/users.txt"
        try users.write(to: path)
        let (read, diagnostics) = try UsersFile.read(path)
        #expect(diagnostics.isEmpty)
        #expect(read.users.map(\.name) == ["anna", "bert@example.org"])
        #expect(read.verifier(of: "anna")?.accepts(password: Array("correct horse".utf8)) == true)
        #expect(read.verifier(of: "anna")?.accepts(password: Array("wrong".utf8)) == false)
        #expect(read.verifier(of: "Anna") == nil)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("SCRAM-SHA-256$") && !text.contains("horse"))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    @Test("is replaced as a whole: another password, one login fewer")
    func changed() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/users.txt"
        var users = UsersFile()
        users.set("anna", try verifier("old"))
        users.set("bert", try verifier("b"))
        try users.write(to: path)
        users.set("anna", try verifier("new"))
        let removals = [users.remove("bert"), users.remove("bert")]
        #expect(removals == [true, false])
        try users.write(to: path)
        let read = try UsersFile.read(path).0
        #expect(read.users.map(\.name) == ["anna"])
        #expect(read.verifier(of: "anna")?.accepts(password: Array("new".utf8)) == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["users.txt"])
    }

    @Test("tells every line that is no login, with its place, and takes the others")
    func broken() throws {
        let folder = try TemporaryFolder()
        let good = "anna:\(try verifier("x").written)"
        let path = try folder.write("# logins\n\nno colon\n\(good)\n:nameless\nbert:plain\n", to: "users.txt")
        let (users, diagnostics) = try UsersFile.read(path)
        #expect(users.users.map(\.name) == ["anna"])
        #expect(diagnostics.map(\.mark.line) == [3, 5, 6])
        #expect(
            diagnostics.first?.description
                == "\(path):3:1: this is no login, name:SCRAM-SHA-256$… (sluice user add) would be right")
    }
}
