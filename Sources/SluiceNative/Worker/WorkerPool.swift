// SPDX-License-Identifier: Apache-2.0

/// The processes in which libclamav runs. (Its contents come with the virus stage.)
package final class WorkerPool: Sendable {
    package init() {}
}
