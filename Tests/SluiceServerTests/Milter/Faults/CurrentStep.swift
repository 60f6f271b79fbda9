// SPDX-License-Identifier: Apache-2.0
import SluiceTesting
import Synchronization

/// The step at which a hook is to act.
final class CurrentStep: Sendable {
    private let step = Mutex<MTAStep?>(nil)
    func set(_ step: MTAStep?) { self.step.withLock { $0 = step } }
    func isAt(_ step: MTAStep) -> Bool { self.step.withLock { $0 == step } }
}
