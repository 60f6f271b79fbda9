# SPDX-License-Identifier: Apache-2.0
# An instance of Debian's Exim with a configuration, a spool and mailboxes of its own below the temporary folder.
package Exim;
use strict;
use warnings;
use File::Path 'make_path';
use IO::Socket::INET;
use Peer;

# start(name, folder, its domains as Exim writes a list, [mailboxes there], certificate with key or nothing, {further settings})
sub start {
    my ($class, $name, $folder, $domain, $mailboxes, $certificate, $settings) = @_;
    my $port = free_port();
    make_path("$folder/$_") for qw(spool log mail);
    chmod 0755, $folder;
    my @owner = (getpwnam 'Debian-exim')[2, 3];
    chown @owner, "$folder/$_" for qw(spool log mail);
    write_file("$folder/mailboxes", join '', map {"$_: $_\n"} @$mailboxes);
    my %main = (
        primary_hostname => "$name.test", spool_directory => "$folder/spool", log_file_path => "$folder/log/%slog",
        pid_file_path => "$folder/spool/exim.pid", daemon_smtp_ports => $port, local_interfaces => '127.0.0.1',
        deliver_drop_privilege => 'true', # it has no setuid bit here
        disable_ipv6 => 'true', host_lookup => '', keep_environment => '', message_size_limit => '100M',
        smtp_accept_max => 200, smtp_accept_queue_per_connection => 0, acl_smtp_rcpt => 'recipient', acl_smtp_data => 'content',
        dns_ipv4_lookup => '*', %$settings,
    );
    if ($certificate) {
        my $file = write_file("$folder/chain.pem", read_file($certificate));
        chmod 0600, $file;
        chown @owner, $file;
        @main{qw(tls_advertise_hosts tls_certificate tls_privatekey)} = ('*', $file, $file);
    } else {
        $main{tls_advertise_hosts} = '';
    }
    my $file = write_file("$folder/exim.conf", join('', map {"$_ = $main{$_}\n"} sort keys %main) . <<"END");
begin acl
recipient:
  accept domains = $domain
         local_parts = lsearch;$folder/mailboxes
  deny message = 5.1.1 no such mailbox
content:
  deny condition = \${if match{\$h_subject:}{refused by the next hop}}
       message = this subject is not wanted here
  accept
begin routers
mailboxes:
  driver = accept
  local_parts = lsearch;$folder/mailboxes
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  directory = $folder/mail/\$local_part_data
  maildir_format
  user = Debian-exim
END
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$folder/output";
        open STDERR, '>&', \*STDOUT;
        exec 'exim4', '-C', $file, '-bdf', '-q5s' or die "exim4: $!";
    }
    return bless {port => $port, folder => $folder, pid => $pid}, $class;
}

sub ready {
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

# What was delivered to that mailbox.
sub message { my ($self, $mailbox) = @_; return file_message("$self->{folder}/mail/$mailbox") }

sub log {
    my ($self) = @_;
    return join '', map { read_file($_) } grep {-e} "$self->{folder}/output", map {"$self->{folder}/log/${_}log"} qw(main reject panic);
}

sub stop { kill TERM => $_[0]{pid} }

1;
