// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import NIOCore
import SluiceCore
import Testing

@testable import SluiceNative

@Suite("What is handed to workers") struct WorkerFilesTests {
    private struct FailingContent: ContentSource {
        let length = 10
        func read(at offset: Int, count: Int) throws -> ByteBuffer {
            throw StorageError(call: "pread", path: "x", code: EIO, meaning: "Input/output error")
        }
    }

    @Test("a file in memory holds all parts, one behind the other")
    func memoryFile() throws {
        let long = [UInt8](repeating: 0x62, count: 3 << 20)
        let file = try MemoryFile([
            MemoryContent("abc"), MemoryContent(""), MemoryContent(ByteBuffer(bytes: long)), MemoryContent("d"),
        ])
        var octets = [UInt8](repeating: 0, count: long.count + 10)
        #expect(pread(file.descriptor, &octets, octets.count, 0) == long.count + 4)
        #expect(octets.prefix(4) == Array("abcb".utf8)[...])
        #expect(octets[long.count + 3] == UInt8(ascii: "d"))
    }

    @Test("content that can't be read is an error of the disk, and no file is left open")
    func failing() {
        let before = openDescriptors()
        for _ in 0..<200 {
            #expect(throws: StorageError.self) { _ = try MemoryFile([MemoryContent("abc"), FailingContent()]) }
        }
        // Other tests open some at the same time.
        #expect(openDescriptors() < before + 150)
    }

    private func openDescriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    private func mode(_ path: String) throws -> UInt32 {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    @Test("the pool's folder shows others the databases, and no process another one's folder")
    func directory() throws {
        let path: String
        do {
            let directory = try WorkerDirectory(in: "/tmp", databases: [("a.ndb", [1, 2, 3])])
            path = directory.path
            #expect(try mode(path) == 0o711)
            #expect(try mode(directory.database) == 0o755)
            #expect(try mode(directory.database + "/a.ndb") == 0o644)
            #expect(try Data(contentsOf: URL(filePath: directory.database + "/a.ndb")) == Data([1, 2, 3]))
            let first = try directory.makeFolder(owner: nil)
            let second = try directory.makeFolder(owner: nil)
            #expect(first != second)
            #expect(try mode(first) == 0o700)
            withExtendedLifetime(directory) {}
        }
        #expect(!FileManager.default.fileExists(atPath: path), "it goes with its owner")
    }

    @Test("a place that is not there, and a database's name that is no file name, are named")
    func badPlace() {
        #expect {
            _ = try WorkerDirectory(in: "/nowhere", databases: [])
        } throws: {
            "\($0)".contains("/nowhere: mkdtemp: No such file or directory")
        }
        #expect(throws: WorkerPoolError.self) {
            _ = try WorkerDirectory(in: "/tmp", databases: [("no/such/folder.ndb", [1])])
        }
    }

    @Test("the edition of our databases changes with name and content")
    func edition() {
        func edition(_ name: String, _ octets: [UInt8]) -> String {
            WorkerPool.Configuration(executable: "", embeddedDatabases: [(name, octets)]).embeddedEdition
        }
        #expect(edition("a", [1]).utf8.count == 12)
        #expect(edition("a", [1]) == edition("a", [1]))
        #expect(Set([edition("a", [1]), edition("a", [2]), edition("b", [1])]).count == 3)
    }
}
