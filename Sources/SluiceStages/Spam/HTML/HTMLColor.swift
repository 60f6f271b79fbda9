// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A colour of HTML or CSS, as far as mail uses them to hide text.
struct HTMLColor: Equatable {
    var red: Int
    var green: Int
    var blue: Int

    static let white = HTMLColor(red: 255, green: 255, blue: 255)
    static let black = HTMLColor(red: 0, green: 0, blue: 0)

    init(red: Int, green: Int, blue: Int) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Reads `#fff`, `#ffffff`, `ffffff`, `rgb(255, 255, 255)` or one of some names; `nil` for what is unknown.
    init?(_ text: some Sequence<UInt8>) {
        let word = Array(text.lazy.map(\.asciiLowercased).drop { $0.isHTMLSpace }.prefix(40))
        let name = String(decoding: word.prefix { !$0.isHTMLSpace || word.starts(with: "rgb".utf8) }, as: UTF8.self)
        if let named = Self.names[name] {
            self = named
            return
        }
        if name.hasPrefix("rgb") {
            let numbers = name.split { !$0.isNumber && $0 != "." }.prefix(3).compactMap { Double($0) }
            guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 && $0 <= 255 }) else { return nil }
            self.init(red: Int(numbers[0]), green: Int(numbers[1]), blue: Int(numbers[2]))
            return
        }
        let digits = name.hasPrefix("#") ? String(name.dropFirst()) : name
        guard let number = UInt32(digits, radix: 16) else { return nil }
        switch digits.utf8.count {
        case 3: self.init(red: Int(number >> 8) * 17, green: Int(number >> 4 & 15) * 17, blue: Int(number & 15) * 17)
        case 6: self.init(red: Int(number >> 16), green: Int(number >> 8 & 255), blue: Int(number & 255))
        default: return nil
        }
    }

    /// Whether text of the one colour can't be read on the other.
    func isIndistinguishable(from other: HTMLColor) -> Bool {
        abs(red - other.red) + abs(green - other.green) + abs(blue - other.blue) <= 24
    }

    private static let names: [String: HTMLColor] = [
        "white": .white, "black": .black, "red": HTMLColor(red: 255, green: 0, blue: 0),
        "green": HTMLColor(red: 0, green: 128, blue: 0), "blue": HTMLColor(red: 0, green: 0, blue: 255),
        "yellow": HTMLColor(red: 255, green: 255, blue: 0), "navy": HTMLColor(red: 0, green: 0, blue: 128),
        "gray": HTMLColor(red: 128, green: 128, blue: 128), "silver": HTMLColor(red: 192, green: 192, blue: 192),
        "maroon": HTMLColor(red: 128, green: 0, blue: 0), "snow": HTMLColor(red: 255, green: 250, blue: 250),
        "ivory": HTMLColor(red: 255, green: 255, blue: 240), "whitesmoke": HTMLColor(red: 245, green: 245, blue: 245),
    ]
}
