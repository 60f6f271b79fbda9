# SPDX-License-Identifier: Apache-2.0
# The smuggling matrix: {CR, LF, CR LF, CR CR LF, NUL} before and behind a dot, 25 sequences, and a client that sends one
# of them in the midst of a message with a second message behind it.
package Smuggler;
use strict;
use warnings;
use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use Peer;
our @EXPORT = qw(sequences cargo smuggle);

my @ends = (['CR', "\r"], ['LF', "\n"], ['CRLF', "\r\n"], ['CRCRLF', "\r\r\n"], ['NUL', "\0"]);

# Each as [name, octets].
sub sequences {
    return map { my $before = $_; map { ["$before->[0] . $_->[0]", "$before->[1].$_->[1]"] } @ends } @ends;
}

# What stands behind the sequence: a message of its own for who takes the sequence for the end of the first one.
sub cargo {
    my ($to) = @_;
    return "MAIL FROM:<evil\@client.test>\r\nRCPT TO:<$to>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n";
}

# smuggle(port, recipient, recipient of what is smuggled, sequence, line end of the first field): all from the content on in
# one go. The replies that came from then on.
sub smuggle {
    my ($port, $to, $victim, $sequence, $first) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 30) or die "no connection: $!";
    binmode $socket;
    Peer::reply($socket);
    for my $command ('EHLO client.test', 'MAIL FROM:<anna@client.test>', "RCPT TO:<$to>", 'DATA') {
        print {$socket} "$command\r\n";
        my $reply = Peer::reply($socket);
        die "$command: $reply\n" unless $reply =~ /^[23]/;
    }
    my $content = 'X-First: first' . ($first // "\r\n") . "Subject: carrier\r\n\r\nbody" . $sequence . cargo($victim);
    print {$socket} "$content\r\n.\r\nQUIT\r\n";
    my $replies = '';
    while (IO::Select->new($socket)->can_read(20)) { sysread($socket, $replies, 65536, length $replies) or last }
    return grep {/^\d{3} /} split /\r\n/, $replies;
}

1;
