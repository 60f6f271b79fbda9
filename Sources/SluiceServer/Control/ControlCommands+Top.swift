// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension ControlCommands {
    /// What `sluice top` shows; only a running server has it.
    func top() async throws -> JSONValue {
        guard let running else { throw Failure(status: 69, why: "no server runs") }
        return try JSONReader.read(try JSONEncoding.octets(of: try await running.snapshot()))
    }
}
