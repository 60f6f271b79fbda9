# SPDX-License-Identifier: Apache-2.0
# What every peer needs: ports, files, and an SMTP client that sends octets exactly as they are.
package Peer;
use strict;
use warnings;
use Exporter 'import';
use IO::Socket::INET;
our @EXPORT = qw(certificate free_port write_file read_file file_message send_message);

my %given;

sub free_port {
    while (1) {
        my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or die "no port: $!";
        my $port = $socket->sockport;
        return $port unless $given{$port}++;
    }
}

# A certificate of its own making with its key, in one file.
sub certificate {
    my ($path) = @_;
    system("openssl req -x509 -newkey rsa:2048 -nodes -keyout $path.key -out $path.crt -days 2 -subj /CN=mx.sluice.test 2>/dev/null") == 0
        or die "openssl\n";
    write_file($path, read_file("$path.key") . read_file("$path.crt"));
    chmod 0600, $path;
    return $path;
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

# Sends one message, with exactly these octets (dots are doubled); returns the first reply that refuses, else the last. It
# may come from another address of the loopback network.
# ESMTP parameters may stand behind an address.
sub path { return $_[0] =~ s/^([^ ]*)/<$1>/r }

sub send_message {
    my ($port, $from, $to, $content, $source) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 30,
        LocalAddr => $source // '127.0.0.1') or return "no connection: $!";
    binmode $socket;
    my $reply = reply($socket);
    for my $command ('EHLO client.test', "MAIL FROM:" . path($from) . ' BODY=8BITMIME', (map { 'RCPT TO:' . path($_) } @$to), 'DATA') {
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
