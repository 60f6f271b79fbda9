// SPDX-License-Identifier: Apache-2.0
import SluiceWorkerProtocol

/// A worker for drills that begins as any does, and then answers a scan with octets that are no answer.
package enum BrokenWorker {
    /// The program, for `/bin/sh`.
    ///
    /// - Throws: where an answer can't be written, which a test rules out.
    package static func script() throws -> String {
        let versions = WorkerVersions(
            engine: "broken", embeddedSignatures: 1, official: nil, officialFault: nil,
            confinement: WorkerConfinement(user: 0, isWithoutCapabilities: false, systemCalls: nil, landlock: nil))
        let ready = String(decoding: try WorkerCoding.encode(WorkerReply.ready(versions)), as: UTF8.self)
        let read = "dd bs=\(WorkerCoding.packetLimit) count=1 <&3 >/dev/null 2>&1"
        return """
            #!/bin/sh
            PATH=/usr/bin:/bin
            \(read)
            printf '%s' '\(ready)' >&3
            \(read)
            printf '\\377\\000{"clean' >&3
            exec sleep 60

            """
    }
}
