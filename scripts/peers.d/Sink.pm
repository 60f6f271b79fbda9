# SPDX-License-Identifier: Apache-2.0
# An SMTP server that takes all mail and keeps each message's octets in a file for each recipient, named by the local-part,
# and its envelope beside it.
package Sink;
use strict;
use warnings;
use IO::Socket::INET;
use Peer;

sub start {
    my ($class, $folder, $port) = @_; # without a port: a free one
    mkdir $folder;
    my $listener = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1', LocalPort => $port // 0, ReuseAddr => 1) or die "sink: $!";
    my $pid = fork // die "fork: $!";
    return bless {port => $listener->sockport, folder => $folder, pid => $pid}, $class if $pid;
    setpgrp;
    local $SIG{CHLD} = 'IGNORE';
    while (my $client = $listener->accept) {
        next if fork;
        eval { serve($client, $folder) };
        exit 0;
    }
    exit 0;
}

sub serve {
    my ($client, $folder) = @_;
    binmode $client;
    my ($envelope, @recipients) = ('');
    print {$client} "220 sink.test ESMTP\r\n";
    while (defined(my $line = <$client>)) {
        if ($line =~ /^EHLO/i) { print {$client} "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n250 SIZE 100000000\r\n" }
        elsif ($line =~ /^RCPT TO:<([^@>]*)/i) {
            push @recipients, $1 =~ tr{"/}{}dr;
            $envelope .= $line;
            print {$client} "250 2.1.5 yes\r\n";
        }
        elsif ($line =~ /^DATA/i) {
            print {$client} "354 go on\r\n";
            my $content = '';
            while (defined(my $data = <$client>)) {
                last if $data eq ".\r\n";
                $content .= $data =~ s/^\.//r;
            }
            for my $recipient (@recipients) {
                write_file("$folder/$recipient.envelope", $envelope);
                write_file("$folder/.$recipient", $content);
                rename "$folder/.$recipient", "$folder/$recipient";
            }
            ($envelope, @recipients) = ('');
            print {$client} "250 2.0.0 kept\r\n";
        }
        elsif ($line =~ /^QUIT/i) { print {$client} "221 2.0.0 bye\r\n"; last }
        else {
            ($envelope, @recipients) = ($line) if $line =~ /^(?:MAIL|RSET)/i;
            print {$client} "250 2.0.0 ok\r\n";
        }
    }
}

# What arrived for that local-part.
sub message {
    my ($self, $recipient) = @_;
    my $path = "$self->{folder}/$recipient";
    return -e $path ? read_file($path) : undef;
}

# The MAIL and RCPT commands of that message, as they came.
sub envelope {
    my ($self, $recipient) = @_;
    my $path = "$self->{folder}/$recipient.envelope";
    return -e $path ? read_file($path) =~ s/\r//gr : undef;
}

# Ends it, and the sessions that a client keeps.
sub stop { kill TERM => -$_[0]{pid}, $_[0]{pid}; waitpid $_[0]{pid}, 0 }

1;
