// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux
import Glibc
import SluiceWorkerProtocol

/// The worker's end of the socket to the relay.
struct PacketSocket {
    let descriptor: Int32

    /// A request, with the descriptor that came with it (-1: none). `nil` where the relay has gone.
    func receive() throws -> (request: WorkerRequest, content: Int32)? {
        var octets = [UInt8](repeating: 0, count: WorkerCoding.packetLimit)
        var content: Int32 = -1
        while true {
            let count = sluice_receive(descriptor, &octets, octets.count, &content, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            return (try WorkerCoding.decode(WorkerRequest.self, from: Array(octets.prefix(count))), content)
        }
    }

    /// Sends an answer; `false` where the relay has gone.
    func send(_ reply: WorkerReply) throws -> Bool {
        let octets = try WorkerCoding.encode(reply)
        while true {
            let count = sluice_send(descriptor, octets, octets.count, -1, 0)
            if count < 0, errno == EINTR { continue }
            return count == octets.count
        }
    }

    /// Waits until there is something to receive; `false` where nothing came in that time.
    func wait(milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, milliseconds) > 0
    }
}
