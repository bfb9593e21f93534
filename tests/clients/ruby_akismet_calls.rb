# Every call of the gem `akismet`, one connection a call and one connection for all.

require 'akismet'

COUNT = Hash.new(0)

def check(name, seen, expected)
  COUNT[:all] += 1
  COUNT[:failed] += 1 unless seen == expected
  puts "#{seen == expected ? 'ok' : 'not ok'} #{COUNT[:all]} - #{name}"
  puts "# #{seen.inspect}, not #{expected.inspect}" unless seen == expected
end

def refused(name)
  check name, yield, Akismet::Error
rescue Akismet::Error => error
  # It hands on why: the text of X-akismet-debug-help.
  check name, error.message, 'this API key is not known here'
end

BLOG = 'http://ruby-akismet.test'.freeze
AUTHOR = ['203.0.113.9', 'Mozilla/5.0'].freeze
HAM, SPAM, DISCARD, UNSURE = %w[HAM SPAM DISCARD UNSURE].map { |verdict| { text: ENV.fetch("PHIN_#{verdict}"), author: 'An Nguyen' } }

stranger = Akismet::Client.new('invalid', BLOG)
check 'verify_key knows a bad key', stranger.verify_key, false
refused('check refuses a bad key') { stranger.check(*AUTHOR, HAM) }
refused('spam refuses a bad key') { stranger.spam(*AUTHOR, HAM) }
refused('ham refuses a bad key') { stranger.ham(*AUTHOR, HAM) }

client = Akismet::Client.new(ENV.fetch('KEY'), BLOG, app_name: 'tests', app_version: '1')
check 'verify_key knows a good key', client.verify_key, true
check 'check: ham', client.check(*AUTHOR, HAM), [false, false]
check 'check: spam', client.check(*AUTHOR, SPAM), [true, false]
check 'check: blatant spam', client.check(*AUTHOR, DISCARD), [true, true]
check 'check: unsure is let through', client.check(*AUTHOR, UNSURE), [false, false]
check 'spam? says the same', client.spam?(*AUTHOR, SPAM), true

Akismet::Client.open(ENV.fetch('KEY'), BLOG) do |open|
  all = { referrer: 'http://search.test/', post_url: "#{BLOG}/bread", post_modified_at: DateTime.new(2026, 4, 16), created_at: DateTime.now,
          type: 'comment', author_email: 'an.nguyen@mail.example', author_url: 'http://an.example', languages: %w[vi en], env: { 'HTTP_ACCEPT' => 'text/html' } }
  check 'check: with every field', open.check(*AUTHOR, HAM.merge(all)), [false, false]
  check 'check: a test value', open.check(*AUTHOR, SPAM.merge(user_role: 'administrator', test: true)), [false, false]
  open.spam(*AUTHOR, HAM)
  check 'spam is thanked for, and the next check knows', open.spam?(*AUTHOR, HAM), true
  open.ham(*AUTHOR, HAM)
  check 'ham is thanked for, and the next check knows', open.spam?(*AUTHOR, HAM), false
end

puts "1..#{COUNT[:all]}"
exit COUNT[:failed].zero?
