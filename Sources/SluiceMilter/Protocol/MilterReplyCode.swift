// SPDX-License-Identifier: Apache-2.0

/// The codes of what a filter sends: SMFIR_* of `libmilter/mfdef.h`.
package enum MilterReplyCode {
    package static let addRecipient = UInt8(ascii: "+")
    package static let deleteRecipient = UInt8(ascii: "-")
    package static let addRecipientWithParameters = UInt8(ascii: "2")
    package static let shutdown = UInt8(ascii: "4")
    package static let negotiate = UInt8(ascii: "O")
    package static let accept = UInt8(ascii: "a")
    package static let replaceBody = UInt8(ascii: "b")
    package static let proceed = UInt8(ascii: "c")
    package static let discard = UInt8(ascii: "d")
    package static let changeReversePath = UInt8(ascii: "e")
    package static let connectionFailure = UInt8(ascii: "f")
    package static let addField = UInt8(ascii: "h")
    package static let insertField = UInt8(ascii: "i")
    package static let changeField = UInt8(ascii: "m")
    package static let progress = UInt8(ascii: "p")
    package static let quarantine = UInt8(ascii: "q")
    package static let reject = UInt8(ascii: "r")
    package static let skip = UInt8(ascii: "s")
    package static let temporaryFailure = UInt8(ascii: "t")
    package static let replyCode = UInt8(ascii: "y")
}
