// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// What a filter answers: one packet (SMFIR_*, `libmilter/mfdef.h`).
package enum MilterReply: Hashable, Sendable {
    /// `O`: the filter's side of the option negotiation.
    case negotiate(MilterOptions)

    // What ends a step.
    /// `c`.
    case proceed
    /// `a`: no further step; what the message has is accepted (at connect and helo: the whole session).
    case accept
    /// `r`: 5yz.
    case reject
    /// `t`: 4yz.
    case temporaryFailure
    /// `d`: the client reads 250, and nobody gets it.
    case discard
    /// `s`: no more of this kind of step for this message (body pieces above all).
    case skip
    /// `y`: a reply in the MTA's name: code, perhaps an enhanced code, text; lines as `550-…` CRLF `550 …`. A
    /// percent sign stands once here and twice on the wire.
    case replyCode(ByteBuffer)
    /// `4`: 421 and the end of the client's session.
    case shutdown
    /// `f`: the client's connection is cut.
    case connectionFailure

    // At the end of the message, before what ends the step.
    /// `p`: the filter is still at work; the MTA's time begins anew.
    case progress
    /// `q`: the MTA holds the message.
    case quarantine(reason: ByteBuffer)
    /// `h`: a field at the end of the header section.
    case addField(name: ByteBuffer, value: ByteBuffer)
    /// `i`: a field at a place counted from the top.
    case insertField(index: UInt32, name: ByteBuffer, value: ByteBuffer)
    /// `m`: another value for the n-th field of that name, counted from 1; an empty one deletes it.
    case changeField(index: UInt32, name: ByteBuffer, value: ByteBuffer)
    /// `b`: a piece of the new body; the pieces follow one another.
    case replaceBody(ByteBuffer)
    /// `e`: the reverse-path, with angle brackets, and perhaps its ESMTP parameters.
    case changeReversePath(ByteBuffer, parameters: ByteBuffer?)
    /// `+`.
    case addRecipient(ByteBuffer)
    /// `2`: with ESMTP parameters.
    case addRecipientWithParameters(ByteBuffer, parameters: ByteBuffer?)
    /// `-`.
    case deleteRecipient(ByteBuffer)
}
