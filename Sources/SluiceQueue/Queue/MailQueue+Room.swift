// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension MailQueue {
    /// Whether the disk has room for so many octets of content beside what is kept free for the outcomes of deliveries.
    ///
    /// Asked before a message comes; the journal itself refuses what does not fit in the end. A disk that can't be asked
    /// is taken to have room: the write will tell.
    package func hasRoom(for octets: Int) -> Bool {
        guard configuration.freeSpaceReserve > 0, let free = try? storage.freeSpace(directory) else { return true }
        return free - configuration.freeSpaceReserve >= Int64(octets)
    }
}
