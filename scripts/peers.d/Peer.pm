# SPDX-License-Identifier: Apache-2.0
# What every peer needs: ports, files, and an SMTP client that sends octets exactly as they are.
package Peer;
use strict;
use warnings;
use Exporter 'import';
use IO::Socket::INET;
our @EXPORT = qw(free_port write_file read_file file_message send_message);

my %given;

sub free_port {
    while (1) {
        my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or die "no port: $!";
        my $port = $socket->sockport;
        return $port unless $given{$port}++;
    }
}

sub write_file {
    my ($path, $octets) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print {$file} $octets;
    close $file or die "$path: $!";
    return $path;
}

sub read_file {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$file>;
}

# The one message in a Maildir, as it was delivered; nothing where there is none yet.
sub file_message {
    my ($maildir) = @_;
    my @files = glob "$maildir/new/*";
    return @files ? read_file($files[0]) : undef;
}

sub reply {
    my ($socket) = @_;
    my $reply = '';
    while (defined(my $line = <$socket>)) {
        $reply .= $line;
        return $reply =~ s/\r\n\z//r if $line =~ /^\d{3} /;
    }
    return $reply . '(closed)';
}

# Sends one message, with exactly these octets (dots are doubled); returns the first reply that refuses, else the last.
sub send_message {
    my ($port, $from, $to, $content, $helo) = @_;
    $helo //= 'client.test';
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 30) or return "no connection: $!";
    binmode $socket;
    my $reply = reply($socket);
    for my $command ("EHLO $helo", "MAIL FROM:<$from> BODY=8BITMIME", (map {"RCPT TO:<$_>"} @$to), 'DATA') {
        print {$socket} "$command\r\n";
        $reply = reply($socket);
        return $reply unless $reply =~ /^[23]/;
    }
    my $dotted = $content =~ s/^\./../gmr;
    print {$socket} $dotted, ".\r\n";
    $reply = reply($socket);
    print {$socket} "QUIT\r\n";
    return $reply;
}

1;
