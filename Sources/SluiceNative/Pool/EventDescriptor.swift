// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// A descriptor (`eventfd`) by which other threads wake the one that waits in `poll`.
struct EventDescriptor: ~Copyable, Sendable {
    private let descriptor: Int32

    /// - Returns: `nil` where no descriptor is left; `errno` says why.
    init?() {
        descriptor = eventfd(0, sluice_eventfd_flags)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// What to wait for, beside other descriptors.
    var waiting: pollfd { pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0) }

    /// Wakes the thread that waits, or lets its next wait return at once.
    func signal() {
        var one: UInt64 = 1
        // It fails only where the counter is full, and then the thread is being woken already.
        _ = write(descriptor, &one, 8)
    }

    /// Makes the next wait a wait again.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
