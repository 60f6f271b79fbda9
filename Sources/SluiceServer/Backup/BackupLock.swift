// SPDX-License-Identifier: Apache-2.0
import SluiceNative

extension StateDirectoryLock {
    /// Takes a directory for this process.
    ///
    /// - Parameter refusal: what is said where another process, whose pid may be known, has it.
    /// - Throws: ``BackupError``.
    static func take(_ directory: String, refusal: (Int?) -> String) throws(BackupError) -> StateDirectoryLock {
        do throws(StateDirectoryLockError) {
            return try StateDirectoryLock(directory: directory)
        } catch {
            switch error {
            case .held(_, let process): throw BackupError(75, refusal(process))
            case .storage(let error): throw BackupError(75, "\(error)")
            }
        }
    }
}
