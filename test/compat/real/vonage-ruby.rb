# What a business does with Vonage's gem, signed by a JWT.
require 'vonage'
require 'net/http'
require 'net/http/persistent'
require 'uri'

BASE = ENV.fetch('BASE_URL')

def ask(what, **query)
  Net::HTTP.get(URI("#{BASE}/recorder/#{what}?#{URI.encode_www_form(query)}"))
end

def step(name) = ask('step', name: name)

def check(right) = right || abort("a check failed: #{caller(1..1).first}")

# The gem always speaks https; this machine's server has no certificate.
Net::HTTP::Persistent.prepend(Module.new do
  def request(uri, *rest, &block)
    super(URI(uri.to_s.sub('https://', 'http://')), *rest, &block)
  end
end)

def refused(status)
  yield
  abort('it was not refused')
rescue Vonage::Error => e
  check(e.http_response.code == status.to_s)
  JSON.parse(e.http_response.body)
end

client = Vonage::Client.new(
  application_id: ENV.fetch('APPLICATION_ID'), private_key: ENV.fetch('PRIVATE_KEY'), api_host: URI(BASE).then { "#{_1.host}:#{_1.port}" }
)
verify = client.verify2

step('a code by WhatsApp, a wrong one, the right one')
to = ask('number')[1..]
both = [{ channel: 'whatsapp', to: to, from: '551140000000' }, { channel: 'sms', to: to }]
started = verify.start_verification(brand: 'ACME', workflow: both, code_length: 4, locale: 'pt-br', client_ref: 'order-17')
id = started.request_id
check(refused(409) { verify.start_verification(brand: 'ACME', workflow: both) }['request_id'] == id)
check(refused(400) { verify.check_code(request_id: id, code: ask('code', to: to, wrong: 1)) }['title'] == 'Invalid Code')
code = ask('code', to: to)
check(verify.check_code(request_id: id, code: code).status == 'completed')

step("what is over is not found, in the vendor's words")
over = refused(404) { verify.check_code(request_id: id, code: code) }
check(over['detail'] == "Request #{id} was not found or it has been verified already.")

step('the next step, and a cancel')
to = ask('number')[1..]
both = [{ channel: 'whatsapp', to: to, from: '551140000000' }, { channel: 'sms', to: to }]
id = verify.start_verification(brand: 'ACME', workflow: both).request_id
verify.next_workflow(request_id: id)
check(refused(409) { verify.next_workflow(request_id: id) }['title'] == 'Conflict')
verify.cancel_verification_request(request_id: id)
