# What a business does with Twilio's gem, from a code to an app on the person's phone.
require 'twilio-ruby'
require 'net/http'
require 'uri'

BASE = ENV.fetch('BASE_URL')

def ask(what, **query)
  Net::HTTP.get(URI("#{BASE}/recorder/#{what}?#{URI.encode_www_form(query)}"))
end

def step(name) = ask('step', name: name)

def check(right, what = 'a check') = right || abort("#{what} failed")

# The whole of what is changed: where the client calls.
class OtherHost < Twilio::HTTP::Client
  def request(_host, _port, method, url, *rest)
    base = URI(BASE)
    super("#{base.scheme}://#{base.host}", base.port, method, url.sub('https://verify.twilio.com', BASE), *rest)
  end
end

client = Twilio::REST::Client.new(ENV.fetch('ACCOUNT_SID'), ENV.fetch('AUTH_TOKEN'), nil, nil, OtherHost.new)
verify = client.verify.v2
service = verify.services(ENV.fetch('SERVICE_SID'))

step('a code by SMS, a wrong one, the right one')
to = ask('number')
made = service.verifications.create(to: to, channel: 'sms', tags: {}, locale: 'en')
check(made.status == 'pending' && made.date_created.is_a?(Time), made.date_created.inspect)
check(service.verification_checks.create(to: to, code: ask('code', to: to, wrong: 1)).valid == false)
check(service.verification_checks.create(to: to, code: ask('code', to: to)).status == 'approved')

step('what is over is not found')
begin
  service.verification_checks.create(verification_sid: made.sid, code: ask('code', to: to))
  abort('it was found')
rescue Twilio::REST::RestError => e
  check(e.status_code == 404 && e.code == 20404)
end

step('fetched by number and canceled')
to = ask('number')
service.verifications.create(to: to, channel: 'whatsapp')
check(service.verifications(to).fetch.status == 'pending')
check(service.verifications(to).update(status: 'canceled').status == 'canceled')

step('attempts, filtered')
check(verify.verification_attempts.list(channel_data_to: to).length == 1)
since = Time.utc(2020, 11, 30, 20)
check(verify.verification_attempts.list(date_created_after: since, page_size: 1).length == 2)
check(verify.verification_attempts_summary.fetch(country: 'ID').total_attempts == 2)

step('pages, forward and back')
first = verify.verification_attempts.page(page_size: 1)
second = first.next_page
check(second.previous_page.first.sid == first.first.sid)

step('a service, changed and deleted')
other = verify.services.create(friendly_name: 'Toko', code_length: 8, custom_code_enabled: true)
check(other.custom_code_enabled && other.passkeys['relying_party']['origins'] == [])
check(verify.services(other.sid).update(friendly_name: 'Budi').friendly_name == 'Budi')
check(verify.services(other.sid).delete)

step('an authenticator app, verified and asked for a code')
person = service.entities('customer-0001')
factor = person.new_factors.create(
  friendly_name: 'Phone', factor_type: 'totp', binding_secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', metadata: {}
)
check(person.factors(factor.sid).update(auth_payload: ask('totp')).status == 'verified')
challenge = person.challenges.create(factor_sid: factor.sid, auth_payload: ask('totp', steps: 1))
check(challenge.status == 'approved' && challenge.responded_reason == 'none')
check(person.challenges.list.length == 1)

step('templates, and a start that names one')
template = verify.templates.list.first
to = ask('number')
service.verifications.create(to: to, channel: 'whatsapp', template_sid: template.sid, template_custom_substitutions: '{}')
