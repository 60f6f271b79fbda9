# SPDX-License-Identifier: Apache-2.0
# An instance of Debian's Sendmail with a configuration and a queue of its own below the temporary folder; it relays all
# mail to one next hop.
package Sendmail;
use strict;
use warnings;
use File::Path 'make_path';
use Peer;

my $program = '/usr/libexec/sendmail/sendmail';

# start(name, folder, port of the next hop, further lines of the .mc file, aliases: then NAME.test is its own domain)
sub start {
    my ($class, $name, $folder, $next, $lines, $aliases) = @_;
    my $port = free_port();
    make_path("$folder/queue", "$folder/etc");
    chmod 0755, $folder;
    chmod 0700, "$folder/queue";
    write_file("$folder/etc/switch", "hosts files\naliases files\n");
    write_file("$folder/etc/helpfile", '');
    write_file("$folder/etc/aliases", $aliases // '');
    write_file("$folder/etc/local-host-names", $aliases ? "$name.test\n" : '');
    # The folder stands below /tmp.
    my $blame = $aliases ? "define(`confDONT_BLAME_SENDMAIL', `MapInUnsafeDirPath,WorldWritableAliasFile')\n" : '';
    my $local = $aliases ? "MAILER(`local')\n" : '';
    my $alias_file = $aliases ? "$folder/etc/aliases" : '';
    write_file("$folder/etc/sendmail.mc", <<"END");
include(`/usr/share/sendmail/cf/m4/cf.m4')
OSTYPE(`linux')
define(`confDOMAIN_NAME', `$name.test')
define(`QUEUE_DIR', `$folder/queue')
define(`confPID_FILE', `$folder/pid')
define(`STATUS_FILE', `$folder/statistics')
define(`HELP_FILE', `$folder/etc/helpfile')
define(`ALIAS_FILE', `$alias_file')
define(`confCW_FILE', `$folder/etc/local-host-names')
define(`confSERVICE_SWITCH_FILE', `$folder/etc/switch')
define(`confDONT_PROBE_INTERFACES', `True')
define(`confTO_IDENT', `0')
$blame
define(`confDEF_USER_ID', `65534:65534')
define(`confMIN_QUEUE_AGE', `0')
define(`confQUEUE_LA', `1000')
define(`confREFUSE_LA', `1000')
define(`confSMTP_LOGIN_MSG', `\$j Sendmail')
define(`confDELIVERY_MODE', `background')
define(`RELAY_MAILER_ARGS', `TCP \$h $next')
define(`SMART_HOST', `relay:[127.0.0.1]')
FEATURE(`nocanonify')
FEATURE(`accept_unresolvable_domains')
FEATURE(`accept_unqualified_senders')
FEATURE(`promiscuous_relay')
FEATURE(`no_default_msa')
DAEMON_OPTIONS(`Name=MTA, Family=inet, Addr=127.0.0.1, Port=$port')
$lines
${local}MAILER(`smtp')
END
    system("m4 -D_CF_DIR_=/usr/share/sendmail/cf/ $folder/etc/sendmail.mc >$folder/etc/sendmail.cf 2>$folder/m4") == 0 or die "m4: see $folder/m4\n";
    system("$program -C$folder/etc/sendmail.cf -bi >$folder/newaliases 2>&1") == 0 or die "newaliases: see $folder/newaliases\n" if $aliases;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$folder/log";
        open STDERR, '>&', \*STDOUT;
        exec $program, '-bD', '-q1s', "-C$folder/etc/sendmail.cf", "-X$folder/dialogue" or die "sendmail: $!";
    }
    return bless {port => $port, folder => $folder, pid => $pid}, $class;
}

sub ready {
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

sub log { my ($self) = @_; return join '', map { -e $_ ? read_file($_) : '' } map {"$self->{folder}/$_"} 'log', 'dialogue' }

# Sendmail on this instance with other arguments, its output returned: run('-bp', '-qQ').
sub run {
    my ($self, @arguments) = @_;
    open my $pipe, '-|', $program, "-C$self->{folder}/etc/sendmail.cf", @arguments or die "sendmail: $!";
    local $/;
    return scalar(<$pipe>) // '';
}

sub stop { kill TERM => $_[0]{pid} }

1;
