// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import Glibc
import SluiceWorkerProtocol

// sluice-worker: scans content for the relay that started it, which holds the other end of descriptor 3. It ends when
// the relay does. Nothing but that socket tells it what to do, and it has no other use.
var kind: Int32 = 0
var length = socklen_t(MemoryLayout<Int32>.size)
guard getsockopt(WorkerCoding.socketDescriptor, SOL_SOCKET, SO_TYPE, &kind, &length) == 0,
    kind == Int32(SOCK_SEQPACKET.rawValue)
else {
    let words = Array(
        "sluice-worker is started by sluice, with a socket as descriptor 3; it does nothing on its own\n".utf8)
    _ = write(STDERR_FILENO, words, words.count)
    exit(64)
}
Worker(socket: PacketSocket(descriptor: WorkerCoding.socketDescriptor)).run()
