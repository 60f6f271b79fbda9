# SPDX-License-Identifier: Apache-2.0
# `openssl s_client` that speaks SMTP behind STARTTLS, a command at a time.
package SClient;
use strict;
use warnings;
use IO::Select;
use IPC::Open3;
use Peer;

# start(port, file for what it says of the connection, further arguments…)
sub start {
    my ($class, $port, $said, @arguments) = @_;
    open my $error, '>', $said or die "$said: $!";
    my $self = bless {said => $said, buffer => ''}, $class;
    $self->{pid} = open3($self->{in}, $self->{out}, '>&' . fileno $error, 'openssl', 's_client', '-connect', "127.0.0.1:$port",
        '-starttls', 'smtp', '-name', 'client.test', '-brief', '-ign_eof', @arguments);
    binmode $self->{$_} for qw(in out);
    return $self;
}

# Sends those octets, and takes the next reply; what came without one, where it doesn't come.
sub send {
    my ($self, $octets) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $in = $self->{in};
    print {$in} $octets;
    $in->flush;
    my $readable = IO::Select->new($self->{out});
    while (1) {
        return $1 if $self->{buffer} =~ s/\A((?:\d{3}-[^\n]*\n)*\d{3} [^\n]*)\r\n//;
        $readable->can_read(20) && sysread($self->{out}, $self->{buffer}, 65536, length $self->{buffer}) or return $self->{buffer};
    }
}

sub command { my ($self, $command) = @_; return $self->send("$command\r\n") }

# A whole message; the reply to its final dot, or the first that refuses.
sub message {
    my ($self, $to, $content) = @_;
    for my $command ('MAIL FROM:<anna@client.test> BODY=8BITMIME', "RCPT TO:<$to>", 'DATA') {
        my $reply = $self->command($command);
        return $reply unless $reply =~ /^[23]/;
    }
    return $self->send(($content =~ s/^\./../gmr) . ".\r\n");
}

# Waits for its end; its exit code, and what it said.
sub finish {
    my ($self) = @_;
    close $self->{in};
    local $SIG{ALRM} = sub { kill KILL => $self->{pid} };
    alarm 20;
    waitpid $self->{pid}, 0;
    alarm 0;
    return ($? & 127 ? 'killed' : $? >> 8, read_file($self->{said}));
}

1;
