// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux
import Glibc
import SluiceWorkerProtocol

/// Tells the relay by what name a scan ended that took more processor time than it may.
enum ProcessorTime {
    /// The answer, made beforehand: a signal's handler can't ask for memory.
    nonisolated(unsafe) private static var answer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 0)
    nonisolated(unsafe) private static var descriptor: Int32 = -1

    /// From now on the process answers, and ends, when its limit is reached (``Confinement/allowProcessorTime(seconds:)``).
    static func watch(_ socket: PacketSocket) throws {
        let octets = try WorkerCoding.encode(
            WorkerReply.outcome(.limitExceeded(ScanEngine.limitPrefix + ".ProcessorTime")))
        answer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: octets.count)
        _ = answer.initialize(from: octets)
        descriptor = socket.descriptor
        signal(SIGXCPU) { _ in
            _ = sluice_send(
                ProcessorTime.descriptor, ProcessorTime.answer.baseAddress, ProcessorTime.answer.count, -1, 0)
            _exit(75)
        }
    }
}
