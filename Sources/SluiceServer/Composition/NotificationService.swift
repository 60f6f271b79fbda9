// SPDX-License-Identifier: Apache-2.0
import ServiceLifecycle
import SluiceNative

/// Tells the service manager that we are alive, as often as it wants to know, and that we stop.
struct NotificationService: Service {
    let notification: ServiceNotification

    func run() async throws {
        await withGracefulShutdownHandler {
            guard let watchdog = notification.watchdog else { return await untilStopped() }
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                notification.send(.alive)
                // Cancelled: then it is over.
                do { try await Task.sleep(for: watchdog / 2) } catch { return }
            }
        } onGracefulShutdown: {
            notification.send(.stopping)
        }
    }

    private func untilStopped() async {
        // It throws where the task is cancelled instead: the same for us.
        try? await gracefulShutdown()
    }
}
