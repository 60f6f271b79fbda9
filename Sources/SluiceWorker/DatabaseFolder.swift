// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CClamAV
import Glibc
import SluiceWorkerProtocol

/// freshclam's folder: whether its databases are there, their versions, and whether they have changed.
final class DatabaseFolder {
    let path: String
    private var state = cl_stat()
    private var isWatched = false

    init(_ path: String) {
        self.path = path
        isWatched = cl_statinidir(path, &state) == CL_SUCCESS
    }

    deinit { if isWatched { cl_statfree(&state) } }

    /// `main` and `daily`, signed or with freshclam's later changes.
    private func file(_ name: String) -> String? {
        [".cvd", ".cld"].map { path + "/" + name + $0 }.first { access($0, R_OK) == 0 }
    }

    var isComplete: Bool { file("main") != nil && file("daily") != nil }

    /// - Parameter signatures: how many the engine found in the folder.
    func version(signatures: Int) -> WorkerVersions.OfficialDatabase? {
        guard let main = file("main").flatMap({ Self.head($0) }), let daily = file("daily").flatMap({ Self.head($0) })
        else { return nil }
        return WorkerVersions.OfficialDatabase(
            daily: daily.version, main: main.version, signatures: signatures, made: daily.made)
    }

    private static func head(_ path: String) -> (version: Int, made: Int64)? {
        guard let head = cl_cvdhead(path) else { return nil }
        defer { cl_cvdfree(head) }
        return (Int(head.pointee.version), Int64(head.pointee.stime))
    }

    /// Whether the folder holds something else than when the object was made.
    var hasChanged: Bool { isWatched ? cl_statchkdir(&state) == 1 : isComplete }
}
