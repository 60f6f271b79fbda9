// SPDX-License-Identifier: Apache-2.0
import Testing

/// Messages that an implementation of RFC 6376 of its own, written for these tests, signed by one Ed25519 key.
enum DKIMVectors {
    struct Vector: CustomTestStringConvertible {
        let about: String
        var results = ["pass"]
        /// The lines of the DKIM-Signature fields.
        let signatures: [String]
        /// The lines of the other fields.
        var fields = DKIMVectors.fields
        var body = DKIMVectors.body

        var message: String { (signatures + fields).joined(separator: "\r\n") + "\r\n\r\n" + body }
        var testDescription: String { about }
    }

    /// The key record of each, at `s1._domainkey.` and the domain.
    static let record = "v=DKIM1; k=ed25519; p=iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
    static let now: Int64 = 1_700_000_000
    static let fields = [
        "From: A <a@example.org>",
        "To: b@example.com",
        "Subject:  hello",
        "\tworld  x ",
        "X-Y : z",
    ]
    static let body = "Line one  with \t space \r\n\r\nabc\r\n\r\n"

    static let all: [Vector] = [
        Vector(
            about: "relaxed/relaxed",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=4kvq2HnLLldxWout2pQnqLyveVXN8fNxu8+2D6Y4QN03BeNhKFd+3Tq+apVx",
                "\t 4AVOh7/8TOp39a1PJUKtDJL3BA==",
            ]),
        Vector(
            about: "simple/simple",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1;",
                "\th=from:to:subject; bh=4y717HcUPOoyDD500qB17PaJzJk3DfarmFgBdorDAL8=;",
                "\tb=JhR8vAKYq763nmszKby+JiGunMCYK0ztlVH/B5KqHXITRaTTd7EFTpxpUfMT",
                "\t bJWSPCLJC2ZwjG6aBQiEExf2AQ==",
            ]),
        Vector(
            about: "c= with one word leaves the body simple",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=4y717HcUPOoyDD500qB17PaJzJk3DfarmFgBdorDAL8=;",
                "\tb=fwmqBlmWqi4212uPVzXKerlmlK44UGGbc0YYYaW8neXhptkI3NvInqAyWeWZ",
                "\t WoePZfoMOTEiBKR1GNmslb2wBQ==",
            ]),
        Vector(
            about: "a body without a final CRLF, relaxed",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=jPYQzdTziZksk24Yc9HzGpERJctO9kVzUeJ2pYiC5t0=;",
                "\tb=pHXeMCH7G91ELTsjqP4pYYVN6pWrnLo25GRNZfYLyVMDz2MT+YU1kYsxXXoG",
                "\t TpX3uFe13/LBacrP8wjdpvozBg==",
            ],
            body: "abc \r\nxyz  "),
        Vector(
            about: "a body without a final CRLF, simple",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1;",
                "\th=from:to:subject; bh=h6nwOqTI6e+lWrPHBxfZr+K9yX4an3D95+YQBQOtGs0=;",
                "\tb=Su/+7HJfid7bKNK7vkU7uXR37Us+zS1pCaAiMMFDXCJ4n0pygmbrrDxkKH3o",
                "\t SkNqhK9kuyxOP14pHIir5lv7AQ==",
            ],
            body: "abc \r\nxyz  "),
        Vector(
            about: "an empty body, relaxed",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;",
                "\tb=2JW7rJ/xhqCEM+0WFoGrWieIiRtMxjFCJ45kGE6ZJtkCk11eEzGz+Bx+o9nC",
                "\t 6pNfZ1W/TgCTFxmQYgjdxDjzDw==",
            ],
            body: ""),
        Vector(
            about: "an empty body, simple",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1;",
                "\th=from:to:subject; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;",
                "\tb=3GfbCmDgk04tpclvOzSw7k1RkZfQDrWjvOtgS7+9oyJyOQGNxjX2ayKPzBI9",
                "\t ImUeP2yB8MfsdQiSiAE0QbcpAQ==",
            ],
            body: ""),
        Vector(
            about: "a space before the colon, relaxed",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:x-y; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=UIZ7UDdWz9N5Rz4Xj5TP7ND/4zQ1xXF9mmiaeX0J/I8G7lH7+A4IFJz9/kvR",
                "\t kwQEmQ1ta1F38stuxdPqawhXDw==",
            ]),
        Vector(
            about: "a space before the colon, simple",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1;",
                "\th=from:x-y; bh=4y717HcUPOoyDD500qB17PaJzJk3DfarmFgBdorDAL8=;",
                "\tb=of7iHcOkMlzOtXUTcBJM+VXgKAHKraEe71V5mytdG9mLDi5Pmbtb7CZoS6UJ",
                "\t tG4lY1ttsMe8qJiLKNngzGXJBA==",
            ]),
        Vector(
            about: "a tab before the colon, relaxed",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:x-t; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=n2wKFi2sZ/vHyrZ3V6LSET5jLn5KwxSFgXZSmVFNuwJ8uSSJVs1rCHxBq0El",
                "\t xUzXOBEzws+VA0dstixcb21uDQ==",
            ],
            fields: fields + ["X-T\t: q"]),
        Vector(
            about: "a tab before the colon, simple",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1;",
                "\th=from:x-t; bh=4y717HcUPOoyDD500qB17PaJzJk3DfarmFgBdorDAL8=;",
                "\tb=Vh2oCnQj9BLIhDZXZwkKHzrvydT8mkKRJbw2eGWzUc4I9EPzqQiR4ZGGVsgU",
                "\t w6OyJwtjBKeUl/zH9lDo1nWXBg==",
            ],
            fields: fields + ["X-T\t: q"]),
        Vector(
            about: "white space before the colon of the signature",
            signatures: [
                "DKIM-Signature : v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1;",
                "\th=from:to:subject; bh=4y717HcUPOoyDD500qB17PaJzJk3DfarmFgBdorDAL8=;",
                "\tb=JPbwlMFp4hpDffmtErqrg+3Iy4JxkONjUYhqduMfLAYC0og6tCa9gzcALza8",
                "\t xPEqD13gYzWQeYt/7C1O2I7yDQ==",
            ]),
        Vector(
            about: "the last of fields of one name is signed first",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:a:a; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=+O1nASKgkzZeKpjp1LiuWS8HuaIkijFlaAjRCTMKkomyHP3agEhYhFrIU0CF",
                "\t QJjHVzFH4S3BxmvCN4x7dSqrBw==",
            ],
            fields: ["A: 1", "a: 2", "A : 3"] + fields),
        Vector(
            about: "a name that has no field",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:from:x-none; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=ZLrQU8MhptrAqjC6+NqNeCvr3T0sW5J7GTMjndoJfkLdJQLgYkWAYyfdgTVy",
                "\t 60Q1DwDIfJyUtB4UzJuqUqXxDw==",
            ]),
        Vector(
            about: "white space between b and =",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; h=from:to:s"
                    + "ubject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb = EdpSdeZxCXDCQ/ecAgw8sMqqEwCMZxxVSGT247RvuDw07gD985kuuo2FTo50",
                "\t ozUKt5B//yKCZhEad0l9JXtxAA==",
            ]),
        Vector(
            about: "b= amid the tags",
            signatures: [
                "DKIM-Signature: v=1; b=q7zSk/zmwE14M9P/XKkiJiROpGjU9NXQDJ9PGeuasPs87T2/KqshOYDWEwmQ",
                "\t uqRUxHY+2j9B7E15h702VTLtCQ==; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1; h="
                    + "from:to:subject; bh=4y717HcUPOoyDD500qB17PaJzJk3DfarmFgBdorDAL8=;",
            ]),
        Vector(
            about: "folding white space around every token",
            signatures: [
                "DKIM-Signature: ",
                "\tv",
                " = 1 ; a = ed25519-sha256 ; c=relaxed/relaxed;",
                " d\t= example.org; s=s1; h = from : to :",
                "\tsubject ; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;b=9yDQ8b01R2ol4dvqJkELljAQSN1gM"
                    + "s1tiLOtmI5CN6ff3ocHpu2ZQKAy7H1a",
                "\t li4TUh31cKzV+Lq1+s4q2UV/Cg== ; ",
            ]),
        Vector(
            about: "unknown tags",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; foo=bar; xb"
                    + "=q; z=From:a=20b|To:c;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=hkf6oDafuvQvJRFmMwvRNhDB9FyTNOG5BTuDQSxl7TMaeGA8zn+Cn8lzCfNf",
                "\t QXq0HigCw6ApCesZ3a48q+poDA==",
            ]),
        Vector(
            about: "octets above ASCII in a field",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:x-t; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=8Y8j/J/V6Hgi2i9y+PLcv7C2t64evtn0qsqaaDnLOr+8oFMSEyE2+zNHuTNJ",
                "\t jtjHk3PePJK6rI9gSzxYwXvcDQ==",
            ],
            fields: fields + ["X-T: caf\u{E9}"]),
        Vector(
            about: "a vertical tab is no white space",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:x-t; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=X1zGBEcgtER2F6deNuCOQNXv/IHU421ieK5L3u9RW1+rs0KJqc5dGulWQbay",
                "\t KSKDEAQxCraW/Im3UxtOWltmCQ==",
            ],
            fields: fields + ["X-T: a\u{B}b"]),
        Vector(
            about: "a bare CR is an octet of the body",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=9OCHyflPeVTBRymc7eOysnSLUHE6gpf6kU621HjFq7o=;",
                "\tb=Mug+RD/nWd35/fg2G1NlacY+0XPWuQ9DPmEG/EglGhbzDC5c14F2tcA6mqHO",
                "\t fEu65nmM+t/bpQSTZ9WWuXKGCQ==",
            ],
            body: "a\rb \r c\r\nd\r\n"),
        Vector(
            about: "l= and what it leaves unsigned",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1; l=4;",
                "\th=from:to:subject; bh=14Us0NJFPoybcbYcrWQjaXmXseUYtd4kkxEVJOKU+mw=;",
                "\tb=iWOoqh9KNVq0afh61iuCjA0rd//sglye+qYelDLKAhK6u4cGH/vNe04HGcqB",
                "\t x/FaddZ+x1KZ3tGLXk/7xMTaCg==",
            ],
            body: "Line one  with \t space \r\n\r\nabc\r\n\r\nmore\r\n"),
        Vector(
            about: "an author that is no address",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=+JbVfws2mNFO/VM6QOdFFwS5AT2GrnXMm8udC2Y3s21w9iRoVJC03k8vLfS1",
                "\t /bUPFRhRf4inJYKHLB7wX+xRCQ==",
            ],
            fields: [
                "From: undisclosed",
                "To: b@example.com",
                "Subject:  hello",
                "\tworld  x ",
                "X-Y : z",
            ]),
        Vector(
            about: "two From fields, one signed",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=4kvq2HnLLldxWout2pQnqLyveVXN8fNxu8+2D6Y4QN03BeNhKFd+3Tq+apVx",
                "\t 4AVOh7/8TOp39a1PJUKtDJL3BA==",
            ],
            fields: ["From: x@y.example"] + fields),
        Vector(
            about: "a signature that expires after the time given",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; t=1; x=1700"
                    + "000100;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=TyejfDXhLcDs76PRR3a/Rp0HrRUjaiuv/G1nLCnQWB2h+iuevtD9O2h4Y4K+",
                "\t e9Y1HhvmXvxsdY7xdgQyw2oLAg==",
            ]),
        Vector(
            about: "i= in a subdomain",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; i=f=20oo@su"
                    + "b.example.org;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=+KWklUxiJWbca7vRqmul3T5DgJNwoyreGLdn4s19eNG+zKO2RucADquwCd/s",
                "\t HHUfqelo2ZAenEIPbHnBZfxdBw==",
            ]),
        Vector(
            about: "a quoted @ in i=",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; i=\"a@b\"@exa"
                    + "mple.org;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=1xEZXrSgagUBWiHVMXt8Wpff2E3g3hqwil/47cCEuZ3kI/R36WO10TEZMzdQ",
                "\t k0xAOUuVh7vocSpWzZB21IAkCg==",
            ]),
        Vector(
            about: "a domain beyond ASCII",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=b\u{FC}cher.example; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=qIIuXUipsBnGCwTppKjJHsQR8NrUMTyOo+FZE0tVH2v+dol1UWqKi75urpN9",
                "\t i9kbky20rXpeT4dF8kfKgzx0AQ==",
            ]),
        Vector(
            about: "a signature that signs another",
            results: ["pass", "pass"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:dkim-signature; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=eC9pXfbATUx5Uz6zItLuqoGfXPTgm5wCef0ozn6hU5Bf3Om66oaghuX9DDOP",
                "\t Mh/4eA/mZkT7rekWjwty0DoYDQ==",
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=4kvq2HnLLldxWout2pQnqLyveVXN8fNxu8+2D6Y4QN03BeNhKFd+3Tq+apVx",
                "\t 4AVOh7/8TOp39a1PJUKtDJL3BA==",
            ]),
        Vector(
            about: "a signature that signs one that can't be read",
            results: ["pass", "pass", "permerror"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:dkim-signature; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=glbg8l9NthSDTSn0FMvs4TI5Rlxmy1uWIggt1NuWXSSdsfquLeAjPe200nG6",
                "\t PSw5mu1XBbauT582NlWRxxSHDw==",
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=4kvq2HnLLldxWout2pQnqLyveVXN8fNxu8+2D6Y4QN03BeNhKFd+3Tq+apVx",
                "\t 4AVOh7/8TOp39a1PJUKtDJL3BA==",
                "DKIM-Signature: rubbish",
            ]),
        Vector(
            about: "a signature that signs that there is no other",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:dkim-signature; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=fN27sPdS1Vq9OUzsMMs47SSVIi6mlSOJ3XQwAvQl6Q5czN4qBZnPnk+Gs7wr",
                "\t fU87EK85Hw3Ps7xQoHKBd6BpCg==",
            ]),
        Vector(
            about: "an h= of 5,000 octets",
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from" + String(repeating: ":x", count: 2500)
                    + "; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=HZOa49k2E3mxgpx/sE8+oPI5yQkIjK4ufYtkcAljWuC3T2nSO0VT7CZDG3Wr",
                "\t kKj2RxLWJYnlj8bw5HPnymgYAg==",
            ]),
        Vector(
            about: "a signed field was changed",
            results: ["fail"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=4kvq2HnLLldxWout2pQnqLyveVXN8fNxu8+2D6Y4QN03BeNhKFd+3Tq+apVx",
                "\t 4AVOh7/8TOp39a1PJUKtDJL3BA==",
            ],
            fields: [
                "From: A <a@example.org>",
                "To: b@example.com",
                "Subject:  hello",
                "\tworld  x !",
                "X-Y : z",
            ]),
        Vector(
            about: "white space became a vertical tab",
            results: ["fail"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:x-t; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=2dL+Ncgf/6LDsWATyrgG1eFeTOGIe0rWkZKlPqVy1Hqj90xxm9NalTDv1zoP",
                "\t 6co6GtGLy5hrPwLGZ/vilVRiDA==",
            ],
            fields: fields + ["X-T: a\u{B}b"]),
        Vector(
            about: "a bare CR was put into the body",
            results: ["fail"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=x8CHVQe9ltQH8Rbq9wbeBXyfHwJV8H/49X0PilJ9elA=;",
                "\tb=pKSfkR71xZq/qvWThw4s8/zmjVf/tbhYLaHYPGqN6+15mX7thjWZVf9gW2G8",
                "\t ochK90Yt8A9kE66BZRj+NI6qBA==",
            ],
            body: "a\rb\r\n"),
        Vector(
            about: "an octet of the body was changed",
            results: ["fail"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=4kvq2HnLLldxWout2pQnqLyveVXN8fNxu8+2D6Y4QN03BeNhKFd+3Tq+apVx",
                "\t 4AVOh7/8TOp39a1PJUKtDJL3BA==",
            ],
            body: "Line one  with \t space \r\n\r\nabd\r\n\r\n"),
        Vector(
            about: "l= beyond the body",
            results: ["permerror"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; l=9999;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=7YcoRICVidH4NEjjZ2xPe4qALqUC8uDS13WreByouLRsA4M8th17giP8Xt3j",
                "\t JAu04t6IDk9JhCBvfcYvNb2uBA==",
            ]),
        Vector(
            about: "l= of 26 digits",
            results: ["permerror"],
            signatures: [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; l=999999999"
                    + "99999999999999999;",
                "\th=from:to:subject; bh=XP0oN54OPtl8/e6SvD59BacbdTg9gYzRW/jfIz3BFto=;",
                "\tb=Jctdrg/JIydXfkue7M4964HuM57NA9G1qICec6KoTBV3+y3/pxvUNvwcoVpq",
                "\t TGcm9qwjb9wu68ey74bc3F6mCQ==",
            ]),
    ]
}
