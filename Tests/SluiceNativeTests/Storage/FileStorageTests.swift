// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import Testing

@testable import SluiceNative

@Suite struct FileStorageTests {
    /// A directory that goes with the test.
    private final class TemporaryDirectory: Sendable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID())").path
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let temporary = TemporaryDirectory()
    private let storage = FileStorage()

    @Test("a file is written, read at any place, cut off and found again")
    func file() throws {
        try storage.createDirectory(temporary.path + "/a/b")
        let path = temporary.path + "/a/b/file"
        let file = try storage.open(path, .create)
        try file.write(ByteBuffer(string: "hello, world"), at: 0)
        try file.write(ByteBuffer(string: "W"), at: 7)
        try file.synchronize()
        try storage.synchronizeDirectory(temporary.path + "/a/b")
        #expect(try file.size() == 12)
        #expect(try file.read(at: 7, count: 100) == ByteBuffer(string: "World"))
        #expect(try file.read(at: 12, count: 1).readableBytes == 0)
        #expect(try file.read(at: 0, count: 0).readableBytes == 0)
        try file.truncate(to: 5)
        #expect(try storage.open(path, .read).read(at: 0, count: 99) == ByteBuffer(string: "hello"))
        #expect(try storage.list(temporary.path + "/a/b") == ["file"])
        try storage.rename(path, to: temporary.path + "/a/other")
        #expect(!storage.exists(path) && storage.exists(temporary.path + "/a/other"))
        try storage.remove(temporary.path + "/a/other")
        #expect(try storage.list(temporary.path + "/a") == ["b"])
        #expect(try storage.freeSpace(temporary.path) > 0)
    }

    @Test("large content is written and read whole")
    func large() throws {
        try storage.createDirectory(temporary.path)
        let file = try storage.open(temporary.path + "/large", .create)
        var buffer = ByteBuffer()
        for number in 0..<400_000 as Range<UInt64> { buffer.writeInteger(number) }
        try file.write(buffer, at: 3)
        #expect(try file.read(at: 3, count: buffer.readableBytes) == buffer)
    }

    @Test("a failure names the call, the path and, in words, the reason")
    func failures() throws {
        try storage.createDirectory(temporary.path)
        let path = temporary.path + "/missing"
        #expect(throws: StorageError(call: "open", path: path, code: 2, meaning: "No such file or directory")) {
            try storage.open(path, .read)
        }
        _ = try storage.open(path, .create)
        #expect(throws: StorageError(call: "open", path: path, code: 17, meaning: "File exists")) {
            try storage.open(path, .create)
        }
        let readOnly = try storage.open(path, .read)
        #expect(throws: StorageError.self) { try readOnly.write(ByteBuffer(string: "x"), at: 0) }
        #expect(throws: StorageError.self) { try storage.list(path) }
        #expect(throws: StorageError.self) { try storage.createDirectory(path + "/under-a-file") }
        #expect(throws: StorageError.self) { try storage.synchronizeDirectory(temporary.path + "/nowhere") }
    }

    @Test("a full device is an error, not a short file")
    func fullDevice() throws {
        let full = try storage.open("/dev/full", .write)
        #expect {
            try full.write(ByteBuffer(repeating: 1, count: 100_000), at: 0)
        } throws: { ($0 as? StorageError)?.code == 28 }
    }

    @Test("a state directory is held by one server, and the next is told by whose")
    func lock() throws {
        try storage.createDirectory(temporary.path)
        do {
            let first = try StateDirectoryLock(directory: temporary.path)
            let process = Int(ProcessInfo.processInfo.processIdentifier)
            #expect(throws: StateDirectoryLockError.held(directory: temporary.path, process: process)) {
                try StateDirectoryLock(directory: temporary.path)
            }
            #expect(
                "\(StateDirectoryLockError.held(directory: "/s", process: 12))"
                    == "/s: in use by another server or command, process 12")
            _ = first
        }
        _ = try StateDirectoryLock(directory: temporary.path)
        #expect(throws: StateDirectoryLockError.self) {
            try StateDirectoryLock(directory: temporary.path + "/nowhere")
        }
    }
}
