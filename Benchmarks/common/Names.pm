# SPDX-License-Identifier: Apache-2.0
# A DNS server on loopback: it has the TXT records that it is given, and answers everything else with NXDOMAIN.
package Names;
use strict;
use warnings;
use IO::Socket::INET;

# start({name => text})
sub start {
    my ($class, $records) = @_;
    my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => 0) or die "names: $!";
    my $pid = fork // die "fork: $!";
    return bless {port => $socket->sockport, pid => $pid}, $class if $pid;
    while (defined(my $client = $socket->recv(my $query, 4096))) {
        my $answer = answer($query, $records);
        $socket->send($answer, 0, $client) if defined $answer;
    }
    exit 0;
}

sub answer {
    my ($query, $records) = @_;
    return undef if length $query < 17;
    my ($id, $flags) = unpack 'nn', $query;
    my ($position, @labels) = (12);
    while (my $length = ord substr $query, $position, 1) {
        return undef if $length > 63 || $position + $length >= length $query;
        push @labels, substr $query, $position + 1, $length;
        $position += 1 + $length;
    }
    my $question = substr $query, 12, $position + 5 - 12;
    my $type = unpack 'n', substr $question, -4;
    my $text = $records->{lc join '.', @labels};
    my $data = defined $text && $type == 16 ? join '', map { chr(length) . $_ } $text =~ /(.{1,255})/gs : undef;
    my $code = defined $text ? 0 : 3;
    my $header = pack 'n6', $id, 0x8180 | ($flags & 0x0100) | $code, 1, defined $data ? 1 : 0, 0, 0;
    return $header . $question . (defined $data ? pack('nnnNn', 0xC00C, 16, 1, 3600, length $data) . $data : '');
}

sub stop { kill TERM => $_[0]{pid} }

1;
