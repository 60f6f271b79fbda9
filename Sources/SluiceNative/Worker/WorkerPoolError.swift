// SPDX-License-Identifier: Apache-2.0

/// Why a scan has no answer. It is never "clean".
package enum WorkerPoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Too many scans wait already.
    case overloaded
    /// The deadline passed while the scan ran; the process was killed.
    case timedOut
    /// The deadline passed before a process was free.
    case noneFree
    /// The process died during the scan.
    case died
    /// No process can be had; why, in words.
    case unavailable(String)
    /// libclamav failed; its words.
    case failed(String)
    /// The pool was shut down.
    case stopped

    package var description: String {
        switch self {
        case .overloaded: "too many scans wait for sluice-worker"
        case .timedOut: "the scan took too long, its sluice-worker was killed"
        case .noneFree: "no sluice-worker became free in time"
        case .died: "sluice-worker died during the scan"
        case .unavailable(let why): "sluice-worker is not to be had: \(why)"
        case .failed(let words): "libclamav could not scan: \(words)"
        case .stopped: "the scanner has been shut down"
        }
    }
}
