// SPDX-License-Identifier: Apache-2.0

/// Accented Latin letters by their base (from the canonical decompositions of Unicode).
enum LatinDecomposition {
    static func base(of scalar: Unicode.Scalar) -> String? { bases[scalar] }

    private static let bases: [Unicode.Scalar: String] = {
        let table: KeyValuePairs<String, String> = [
            "A": "ÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ",
            "B": "ḂḄḆ",
            "C": "ÇĆĈĊČḈ",
            "D": "ĎḊḌḎḐḒ",
            "E": "ÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ",
            "F": "Ḟ",
            "G": "ĜĞĠĢǦǴḠ",
            "H": "ĤȞḢḤḦḨḪ",
            "I": "ÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ",
            "J": "Ĵ",
            "K": "ĶǨḰḲḴ",
            "L": "ĹĻĽḶḸḺḼ",
            "M": "ḾṀṂ",
            "N": "ÑŃŅŇǸṄṆṈṊ",
            "O": "ÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ",
            "P": "ṔṖ",
            "R": "ŔŖŘȐȒṘṚṜṞ",
            "S": "ŚŜŞŠȘṠṢṤṦṨ",
            "T": "ŢŤȚṪṬṮṰ",
            "U": "ÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ",
            "V": "ṼṾ",
            "W": "ŴẀẂẄẆẈ",
            "X": "ẊẌ",
            "Y": "ÝŶŸȲẎỲỴỶỸ",
            "Z": "ŹŻŽẐẒẔ",
            "a": "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ",
            "b": "ḃḅḇ",
            "c": "çćĉċčḉ",
            "d": "ďḋḍḏḑḓ",
            "e": "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ",
            "f": "ḟ",
            "g": "ĝğġģǧǵḡ",
            "h": "ĥȟḣḥḧḩḫẖ",
            "i": "ìíîïĩīĭįǐȉȋḭḯỉị",
            "j": "ĵǰ",
            "k": "ķǩḱḳḵ",
            "l": "ĺļľḷḹḻḽ",
            "m": "ḿṁṃ",
            "n": "ñńņňǹṅṇṉṋ",
            "o": "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ",
            "p": "ṕṗ",
            "r": "ŕŗřȑȓṙṛṝṟ",
            "s": "śŝşšșṡṣṥṧṩ",
            "t": "ţťțṫṭṯṱẗ",
            "u": "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự",
            "v": "ṽṿ",
            "w": "ŵẁẃẅẇẉẘ",
            "x": "ẋẍ",
            "y": "ýÿŷȳẏẙỳỵỷỹ",
            "z": "źżžẑẓẕ",
        ]
        var bases: [Unicode.Scalar: String] = [:]
        for (base, letters) in table {
            for scalar in letters.unicodeScalars { bases[scalar] = base }
        }
        return bases
    }()
}
