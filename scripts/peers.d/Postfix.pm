# SPDX-License-Identifier: Apache-2.0
# An instance of Debian's Postfix with a configuration, a queue and mailboxes of its own below the temporary folder.
package Postfix;
use strict;
use warnings;
use File::Path 'make_path';
use Peer;

# start(name, folder, its domain, [mailboxes there], certificate with key, {further settings; master_cf: further
# lines of that})
sub start {
    my ($class, $name, $folder, $domain, $mailboxes, $certificate, $settings) = @_;
    my $port = free_port();
    my $master = delete $settings->{master_cf} // '';
    make_path("$folder/$_") for qw(etc spool data mail);
    chmod 0755, $folder;
    chown 64101, 64101, "$folder/data", "$folder/mail";
    write_file("$folder/etc/mailboxes", join '', map {"$_\@$domain $_/\n"} @$mailboxes);
    my %main = (
        compatibility_level => '3.6', myhostname => "$name.test", mydestination => '', inet_interfaces => '127.0.0.1',
        inet_protocols => 'ipv4', queue_directory => "$folder/spool", data_directory => "$folder/data",
        meta_directory => '/usr/share/postfix', mail_owner => 'postfix', setgid_group => 'postdrop', alias_maps => '',
        mynetworks => '127.0.0.0/8', smtpd_relay_restrictions => 'permit_mynetworks, reject', disable_dns_lookups => 'yes',
        smtpd_delay_reject => 'no',
        maillog_file => '/dev/stdout', message_size_limit => 100000000, virtual_mailbox_limit => 0, mailbox_size_limit => 0,
        virtual_mailbox_domains => $domain, virtual_mailbox_base => "$folder/mail",
        virtual_mailbox_maps => "texthash:$folder/etc/mailboxes", virtual_uid_maps => 'static:64101',
        virtual_gid_maps => 'static:64101', local_header_rewrite_clients => '', smtpd_tls_security_level => 'may',
        smtpd_tls_chain_files => $certificate, smtpd_tls_received_header => 'yes', smtp_tls_security_level => 'may',
        smtpd_recipient_limit => 1000, smtpd_client_connection_count_limit => 0, default_destination_recipient_limit => 1000,
        header_checks => "regexp:$folder/etc/headers", maximal_backoff_time => '2s', minimal_backoff_time => '1s',
        queue_run_delay => '1s', %$settings,
    );
    write_file("$folder/etc/headers", "/^Subject: refused by the next hop/ REJECT this subject is not wanted here\n");
    write_file("$folder/etc/main.cf", join '', map {"$_ = $main{$_}\n"} sort keys %main);
    write_file("$folder/etc/master.cf", <<"END");
127.0.0.1:$port inet n - n - - smtpd
pickup unix n - n 60 1 pickup
showq unix n - n - - showq
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
$master
END
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$folder/log";
        open STDERR, '>&', \*STDOUT;
        exec 'postfix', '-c', "$folder/etc", 'start-fg' or die "postfix: $!";
    }
    return bless {port => $port, folder => $folder, pid => $pid}, $class;
}

sub ready {
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

# What was delivered to that mailbox.
sub message { my ($self, $mailbox) = @_; return file_message("$self->{folder}/mail/$mailbox") }

sub log { my ($self) = @_; return read_file("$self->{folder}/log") }

# A program of Postfix's on this instance, its output returned: run('postqueue', '-j').
sub run {
    my ($self, $program, @arguments) = @_;
    open my $pipe, '-|', $program, '-c', "$self->{folder}/etc", @arguments or die "$program: $!";
    local $/;
    return scalar(<$pipe>) // '';
}

# Mail from the command line.
sub submit {
    my ($self, $from, $to, $content) = @_;
    open my $pipe, '|-', 'sendmail', '-C', "$self->{folder}/etc", '-i', '-f', $from, $to or die "sendmail: $!";
    print {$pipe} $content;
    close $pipe;
    return $?;
}

sub stop { kill TERM => $_[0]{pid} }

1;
