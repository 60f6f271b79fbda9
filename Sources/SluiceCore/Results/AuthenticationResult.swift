// SPDX-License-Identifier: Apache-2.0

/// One method's result in an Authentication-Results field (RFC 8601 §2.2).
package struct AuthenticationResult: Hashable, Sendable, Codable {
    /// `spf`, `dkim`, `dmarc`, …
    package var method: String
    /// `pass`, `fail`, …: the method's own list (RFC 8601 §2.7).
    package var result: String
    /// Free text, for people.
    package var reason: String?
    package var properties: [Property]

    /// `ptype.property=value`, such as `smtp.mailfrom=example.org`.
    package struct Property: Hashable, Sendable, Codable {
        package var type: String
        package var name: String
        package var value: String
        package init(_ type: String, _ name: String, _ value: String) {
            self.type = type
            self.name = name
            self.value = value
        }
    }

    package init(method: String, result: String, reason: String? = nil, properties: [Property] = []) {
        self.method = method
        self.result = result
        self.reason = reason
        self.properties = properties
    }

    /// `spf=pass smtp.mailfrom=example.org`, values quoted where the grammar asks for it (RFC 8601 §2.2).
    package var written: String {
        var text = "\(method)=\(result)"
        if let reason, !reason.isEmpty { text += " reason=" + Self.value(reason, alwaysQuoted: true) }
        for property in properties {
            text += " \(property.type).\(property.name)=" + Self.value(property.value)
        }
        return text
    }

    /// A `value` of RFC 2045 (token or quoted-string); `pvalue` may be `[local-part] "@" domain` unquoted.
    private static func value(_ text: String, alwaysQuoted: Bool = false) -> String {
        let isToken =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte > 32 && byte < 127 && !"()<>,;:\\\"/[]?=".utf8.contains(byte)
            }
        if isToken && !alwaysQuoted { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars where scalar.value >= 32 && scalar.value != 127 {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// The value of an Authentication-Results field, folded one result a line; `none` where there is none.
    package static func fieldValue(authservID: String, _ results: [AuthenticationResult]) -> String {
        if results.isEmpty { return "\(authservID); none" }
        return authservID + results.map { ";\r\n\t" + $0.written }.joined()
    }
}
