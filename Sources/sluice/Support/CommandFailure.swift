// SPDX-License-Identifier: Apache-2.0

/// Why a command ends without having done its work: an exit code after sysexits, and a sentence for stderr.
struct CommandFailure: Error {
    enum Status: Int32 {
        /// The thing asked about failed.
        case failed = 1
        case usage = 64
        case badInput = 65
        case noSuchFile = 66
        case serviceMissing = 69
        case bug = 70
        case tryAgain = 75
        case badConfiguration = 78
    }

    let status: Status
    /// What is wrong and what would be right; may have several lines. Empty where all has been said.
    let message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
