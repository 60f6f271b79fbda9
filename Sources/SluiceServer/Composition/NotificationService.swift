// SPDX-License-Identifier: Apache-2.0
import ServiceLifecycle
import SluiceNative

/// Tells the service manager that we are alive, as often as it wants to know, and that we stop.
struct NotificationService: Service {
    let notification: ServiceNotification

    func run() async throws {
        await withGracefulShutdownHandler {
            // The watchdog of a service that is being stopped doesn't bark.
            await cancelWhenGracefulShutdown { [notification] in
                while !Task.isCancelled {
                    if notification.watchdog != nil { notification.send(.alive) }
                    // Cancelled: then it is over.
                    do { try await Task.sleep(for: (notification.watchdog ?? .seconds(3600)) / 2) } catch { return }
                }
            }
        } onGracefulShutdown: {
            notification.send(.stopping)
        }
    }
}
