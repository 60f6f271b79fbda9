# SPDX-License-Identifier: Apache-2.0
# The messages whose octets are compared, by name; made at run time, with nothing random but what the seed gives.
package Messages;
use strict;
use warnings;
use MIME::Base64;

sub header {
    my ($subject, $further) = @_;
    return "From: Anna <anna\@client.test>\r\nTo: Bob <bob\@hop.test>\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n"
        . 'Message-ID: <' . ($subject =~ tr/a-zA-Z0-9/-/cr) . "\@client.test>\r\nSubject: $subject\r\n" . ($further // '');
}

# The characters of EICAR's test file and of GTUBE, put together here so that no file of the project is one.
sub eicar { return join '', 'X5O!P%@AP[4\PZX54(P^)7CC)7}', '$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!', '$H+H*' }
sub gtube { return join '', 'XJS*C4JDBQADN1.NSBN3', '*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL', '*C.34X' }

sub all {
    srand 4;
    my $mime = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=";
    my $octets = join '', map { chr int rand 256 } 1 .. 3_700_000;
    my $text = "A line that people would write, and another.\r\n";
    return (
        'plain' => header('Plain text') . "\r\n$text",
        '8-bit' => header('Eight bits', "${mime}iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n")
            . "\r\nGr\xfc\xdfe aus K\xf6ln\r\n" . join('', map {chr} 0x80 .. 0xff) . "\r\n",
        'utf-8-header' => header("Gr\xc3\xbc\xc3\x9fe, \xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", "${mime}utf-8\r\n") . "\r\n$text",
        'encoded-words' => header("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?B?0J/RgNC40LLQtdGC?=") . "\r\n$text",
        'long-lines' => header('Long lines') . "\r\n" . join('', map { ('x' x $_) . "\r\n" } 78, 512, 996, 997, 998) . $text,
        'long-field' => header('Long field', 'X-Long: ' . ('y' x 900) . "\r\n") . "\r\n$text",
        'leading-dots' => header('Leading dots') . "\r\n.one\r\n..two\r\n...three\r\n. four\r\n$text",
        'lone-dots' => header('Lone dots') . "\r\n.\r\n..\r\n.\r\n\r\n.\r\n",
        'dot-first' => header('A dot first in the body') . "\r\n.\r\n$text",
        'empty-body' => header('Empty body') . "\r\n",
        'no-body' => header('No body, and no empty line before it'),
        'no-header' => "\r\n$text",
        'blank-lines' => header('Blank lines at the end') . "\r\n$text\r\n\r\n\r\n",
        'white-space' => header('White space') . "\r\ntrailing   \r\n\t\r\n   \r\n  leading\t\r\n",
        'folded' => header('Folded', "X-Folded: one\r\n\ttwo\r\n   three\r\nX-Empty:\r\nX-Twice: a\r\nX-Twice: b\r\nx-lower:no space\r\n") . "\r\n$text",
        'from-line' => header('From in the body') . "\r\nFrom here on\r\n>From there\r\n$text",
        'control' => header('Control characters') . "\r\n\a\b\x0b\x0c\e[1m\x7f\r\n$text",
        'html' => header('Two parts', "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n")
            . "\r\n--b\r\nContent-Type: text/plain\r\n\r\n$text--b\r\nContent-Type: text/html\r\n\r\n<p>$text</p>\r\n--b--\r\n",
        '5-MB' => header('Five megabytes',
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n")
            . "\r\n--b\r\nContent-Type: text/plain\r\n\r\n$text--b\r\nContent-Type: image/png; name=a.png\r\n"
            . "Content-Transfer-Encoding: base64\r\n\r\n" . encode_base64($octets, "\r\n") . "--b--\r\n",
    );
}

1;
