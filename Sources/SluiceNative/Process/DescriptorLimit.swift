// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How many descriptors the process may have (RLIMIT_NOFILE).
package enum DescriptorLimit {
    /// Raises the limit as far as the system lets an ordinary process.
    ///
    /// - Returns: the limit in force.
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
            if setrlimit(kind, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    private static var kind: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
