// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What the process's allocator (glibc's) keeps of what was freed.
package enum MemoryAllocator {
    /// How many heaps the threads share. By default each thread gets one, up to eight a processor, and each keeps what
    /// the busiest moment left in it; so memory grows for hours although nothing is held.
    private static let arenas: Int32 = 2
    /// From so many octets on a block is mapped by itself and goes back to the system at once. Left alone, the allocator
    /// raises the limit with each such block that is freed, up to 32 MiB.
    private static let mapped: Int32 = 256 << 10
    /// How much may stay free at the end of a heap, in octets.
    private static let kept: Int32 = 512 << 10

    /// Bounds what is kept. To be called before there are many threads, as heaps that they have
    /// stay; where it can't be set, nothing but memory is lost.
    package static func bound() {
        _ = sluice_limit_arenas(arenas)
        _ = sluice_map_from(mapped)
        _ = sluice_trim_from(kept)
    }

    /// Gives the system the pages that nothing stands in; takes some milliseconds.
    package static func returnUnused() { _ = sluice_trim() }
}
