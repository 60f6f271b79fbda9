// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// When something is due on a connection: a word of progress to the MTA, or our patience's end with it.
struct MilterServerDeadlines {
    enum What: Hashable {
        case progress, packet, idle
    }

    private let progressInterval: TimeAmount
    private let idleLimit: TimeAmount
    private let packetTimeLimit: TimeAmount
    private var lastPacket = NIODeadline.distantPast
    /// When a packet was begun that is not whole yet; the option negotiation counts as begun with the connection.
    private var packetBegan: NIODeadline?
    private var nextProgress = NIODeadline.distantFuture

    init(_ configuration: MilterServerConfiguration) {
        progressInterval = configuration.progressInterval
        idleLimit = configuration.idleLimit
        packetTimeLimit = configuration.packetTimeLimit
    }

    mutating func started(at now: NIODeadline) {
        lastPacket = now
        packetBegan = now
    }

    /// What was read has been gone through.
    mutating func progressed(tookPacket: Bool, isWithinPacket: Bool, at now: NIODeadline) {
        if tookPacket {
            lastPacket = now
            packetBegan = isWithinPacket ? now : nil
        } else if isWithinPacket, packetBegan == nil {
            packetBegan = now
        }
    }

    /// The MTA waits for the answer to a message, and has just heard of us.
    mutating func concluding(at now: NIODeadline) { nextProgress = now + progressInterval }

    /// The time in which the MTA had to wait for us is not its own.
    mutating func resumed(at now: NIODeadline) {
        lastPacket = now
        if packetBegan != nil { packetBegan = now }
    }

    func next(_ waiting: MilterServerHandler.Waiting) -> (at: NIODeadline, what: What)? {
        switch waiting {
        case .body: nil
        case .conclusion: (nextProgress, .progress)
        case .nothing:
            if let packetBegan { (packetBegan + packetTimeLimit, .packet) } else { (lastPacket + idleLimit, .idle) }
        }
    }
}
