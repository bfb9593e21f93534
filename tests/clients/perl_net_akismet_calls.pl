# Every call of Net::Akismet. It says neither why a key is bad nor what a report was answered: it has only true and undef.

use strict;
use warnings;
use Net::Akismet;

$| = 1;
my ($count, $failed) = (0, 0);

sub check {
    my ($name, $seen, $expected) = @_;
    my $holds = defined $seen ? defined $expected && $seen eq $expected : !defined $expected;
    $count++;
    $failed++ unless $holds;
    print(($holds ? 'ok' : 'not ok') . " $count - $name\n");
    printf("# %s, not %s\n", $seen // 'undef', $expected // 'undef') unless $holds;
}

my $blog = 'http://perl-net-akismet.test/';

sub comment {
    my ($text, %more) = @_;
    return (USER_IP => '203.0.113.9', COMMENT_USER_AGENT => 'Mozilla/5.0', COMMENT_AUTHOR => 'An Nguyen', COMMENT_CONTENT => $text, %more);
}

check('new refuses a bad key', Net::Akismet->new(KEY => 'invalid', URL => $blog), undef);
my $akismet = Net::Akismet->new(KEY => $ENV{KEY}, URL => $blog, USER_AGENT => 'tests/1');
check('new knows a good key', ref $akismet, 'Net::Akismet');
check('check: ham',                    $akismet->check(comment($ENV{PHIN_HAM})),     'false');
check('check: spam',                   $akismet->check(comment($ENV{PHIN_SPAM})),    'true');
check('check: blatant spam',           $akismet->check(comment($ENV{PHIN_DISCARD})), 'true');
check('check: unsure is let through',  $akismet->check(comment($ENV{PHIN_UNSURE})),  'false');
# A field left out is sent all the same, with nothing in it.
my %all = (
    PERMALINK            => "${blog}bread",
    REFERRER             => 'http://search.test/',
    COMMENT_TYPE         => 'comment',
    COMMENT_AUTHOR_EMAIL => 'an.nguyen@mail.example',
    COMMENT_AUTHOR_URL   => 'http://an.example/',
);
check('check: with every field', $akismet->check(comment($ENV{PHIN_HAM}, %all)), 'false');
check('spam is taken',                  $akismet->spam(comment($ENV{PHIN_HAM})),  1);
check('what phin said to that', $akismet->{response}, 'Thanks for making the web a better place.');
check('and the next check knows',       $akismet->check(comment($ENV{PHIN_HAM})), 'true');
check('ham is taken',                   $akismet->ham(comment($ENV{PHIN_HAM})),   1);
check('and the next check knows that too', $akismet->check(comment($ENV{PHIN_HAM})), 'false');
# The key may have been ended since.
$akismet->{KEY} = 'invalid';
check('check refuses a bad key', $akismet->check(comment($ENV{PHIN_HAM})), undef);

print "1..$count\n";
exit($failed ? 1 : 0);
