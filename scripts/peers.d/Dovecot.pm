# SPDX-License-Identifier: Apache-2.0
# An instance of Debian's Dovecot that does nothing but LMTP, with a configuration and mailboxes of its own below the
# temporary folder. It keeps CR LF, so that octets can be compared.
package Dovecot;
use strict;
use warnings;
use File::Path 'make_path';
use IO::Socket::INET;
use Peer;

# start(folder, [mailboxes], certificate with key or nothing). The mailbox `full` takes a kilobyte, which it says only
# after the content.
sub start {
    my ($class, $folder, $mailboxes, $certificate) = @_;
    my $port = free_port();
    make_path("$folder/$_") for qw(run mail);
    chmod 0755, $folder;
    my ($uid, $gid) = (getpwnam 'dovecot')[2, 3];
    chown $uid, $gid, "$folder/mail";
    my %quota = (full => '1K');
    write_file("$folder/users", join '', map {
        my $storage = $quota{$_} // '1G';
        "$_:{PLAIN}x:${uid}:${gid}::$folder/mail/$_\::userdb_quota_rule=*:storage=$storage\n"
    } @$mailboxes);
    my $tls = $certificate ? "ssl = yes\nssl_cert = <$certificate\nssl_key = <$certificate" : 'ssl = no';
    my $file = write_file("$folder/dovecot.conf", <<"END");
protocols = lmtp
base_dir = $folder/run
state_dir = $folder/run
log_path = $folder/log
hostname = lmtp.test
listen = 127.0.0.1
$tls
first_valid_uid = 1
mail_location = maildir:%h
mail_save_crlf = yes
auth_username_format = %Ln
mail_plugins = quota
plugin {
  quota = maildir:mailbox
}
passdb {
  driver = passwd-file
  args = $folder/users
}
userdb {
  driver = passwd-file
  args = $folder/users
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $port
  }
}
END
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$folder/output";
        open STDERR, '>&', \*STDOUT;
        exec 'dovecot', '-F', '-c', $file or die "dovecot: $!";
    }
    return bless {port => $port, folder => $folder, pid => $pid}, $class;
}

sub ready {
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

# What was delivered to that mailbox.
sub message { my ($self, $mailbox) = @_; return file_message("$self->{folder}/mail/$mailbox") }

sub log { my ($self) = @_; return join '', map { read_file($_) } grep {-e} "$self->{folder}/output", "$self->{folder}/log" }

sub stop { kill TERM => $_[0]{pid} }

1;
