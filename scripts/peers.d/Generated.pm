# SPDX-License-Identifier: Apache-2.0
# Messages of every kind, by seed: the counterpart of Tests/SluiceServerTests/Milter/Doors, for real MTAs.
package Generated;
use strict;
use warnings;
use MIME::Base64;
use Messages;
use Peer;

our @kinds = qw(clean html spam gtube virus signed forged spoofed folded long duplicate eight-bit utf8-header empty-body
    no-header forged-trace null-sender several outgoing white-space strange-names);

my @words = qw(meeting report invoice tomorrow please the quarter numbers we send attached project with regards lunch and
    schedule update of review Bob weekly);
my @spam = ('You have WON the lottery of one million US dollars', 'Dear beloved, I am the widow of the late minister',
    'Cheap viagra and cialis without prescription', 'Click here now to claim your prize, act now, limited time',
    '100% free money, no risk, guaranteed income from home', 'next of kin, inheritance, transfer of funds');

sub word { return $words[rand @words] }
sub paragraph { return join '', map { join(' ', map { word() } 1 .. 1 + rand 12) . "\r\n" } 1 .. 1 + rand 30 }

my %fields = (
    'html' => sub {"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n"},
    'folded' => sub {
        'X-Folded: ' . word() . "\r\n\t" . word() . "\r\n   " . word() . "\r\nReferences: <a\@x.test>\r\n <b\@x.test>\r\n"
            . "X-Empty:\r\nx-lower:no space\r\nX-Tab:\t" . word() . "\r\n";
    },
    'long' => sub { 'X-Long: ' . ((word() . ' ') x (20 + rand 70)) . "\r\nX-Longer: " . ('y' x (500 + rand 400)) . "\r\n" },
    'duplicate' => sub { 'X-Twice: ' . word() . "\r\nComments: " . word() . "\r\nX-Twice: " . word() . "\r\nComments: b\r\n" },
    'eight-bit' => sub {"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"},
    'utf8-header' => sub {"X-Name: Gr\xc3\xbc\xc3\x9fe, " . word() . "\r\nComments: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"},
    'forged-trace' => sub {
        "X-Spam-Flag: NO\r\nX-Spam-Score: -5\r\nx-spam-status: No\r\nAuthentication-Results: mx.sluice.test; spf=pass\r\n"
            . "Authentication-Results: other.test; dkim=pass\r\nX-Spam-Flag: " . word() . "\r\n"
            . "Authentication-Results: (c) \"mx.sluice.test\";\r\n\tdkim=pass\r\nX-Sluice-Stages: all=ran\r\n";
    },
    'spam' => sub {"Reply-To: \"Prize\" <claim\@mailbox.test>\r\nX-Priority: 1\r\n"},
    'white-space' => sub { 'X-Trailing: ' . word() . "  \r\nX-Spaces:    " . word() . "\r\n" },
    'strange-names' => sub {"X_Under-1: a\r\nX!#\$%&'*+: b\r\nX.dotted: c\r\n"},
);

my %bodies = (
    'gtube' => sub { Messages::gtube() . "\r\n" },
    'spam' => sub { join '', map { $spam[rand @spam] . "!!!\r\n" } 1 .. 1 + rand 5 },
    'html' => sub {
        "--b\r\nContent-Type: text/plain\r\n\r\n" . paragraph() . "--b\r\nContent-Type: text/html\r\n\r\n<p><a href=\"http://"
            . word() . '.test/">' . word() . "</a></p>\r\n--b--\r\n";
    },
    'white-space' => sub {"trailing   \r\n\t\r\n\r\n\r\n  leading\t\r\n.\r\n..two\r\n\r\n\r\n"},
    'eight-bit' => sub { join('', map { chr(0xA0 + rand 0x60) } 1 .. 90) . "\r\n" },
    'empty-body' => sub {''},
    'virus' => sub { "--b\r\nContent-Type: text/plain\r\n\r\nSee it.\r\n--b\r\nContent-Type: application/octet-stream; name=a.com\r\n"
            . "Content-Transfer-Encoding: base64\r\n\r\n" . encode_base64(Messages::eicar(), "\r\n") . "--b--\r\n" },
);

# all(how many, seed, sub that signs a content for partner.example): a list of {number, kind, from, to, client, content}
sub all {
    my ($count, $seed, $sign) = @_;
    srand $seed;
    return map { one($_, $kinds[$_ % @kinds], $sign) } 0 .. $count - 1;
}

sub one {
    my ($number, $kind, $sign) = @_;
    my ($from, $client) = ('anna@partner.example', '127.0.0.10');
    ($from, $client) = ('bob@demo.example', '127.0.0.1') if $kind eq 'outgoing';
    ($from, $client) = ('board@bank.example', '127.0.0.66') if $kind eq 'spoofed';
    my @to = map {"n$number-$_\@" . ($kind eq 'outgoing' ? 'partner.example' : 'demo.example')} 0 .. ($kind eq 'several' ? 1 + int rand 5 : 0);
    my $subject = $kind eq 'spam' ? $spam[rand @spam] : word() . ' ' . word();
    my $further = $fields{$kind} ? $fields{$kind}->() : '';
    $further = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n" if $kind eq 'virus';
    my $content = "From: Anna <$from>\r\nTo: Bob <bob\@demo.example>\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n"
        . "Message-ID: <doors-$number\@partner.example>\r\nSubject: $subject\r\n$further\r\n" . ($bodies{$kind} // \&paragraph)->();
    $content = "\r\n" . paragraph() if $kind eq 'no-header';
    $content = $sign->($content) if $kind eq 'signed' || $kind eq 'forged';
    $content .= "One more line.\r\n" if $kind eq 'forged';
    return {
        number => $number, kind => $kind, from => $kind eq 'null-sender' ? '' : $from, to => \@to, client => $client, content => $content};
}

1;
