"""What a business does with Twilio's package for Python, from a code to an app on the person's phone."""
import os
from datetime import datetime, timezone
from urllib.request import urlopen
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

base = os.environ["BASE_URL"]


def ask(what, **query):
    return urlopen(f"{base}/recorder/{what}?{urlencode(query)}").read().decode()


def step(name):
    ask("step", name=name)


client = Client(os.environ["ACCOUNT_SID"], os.environ["AUTH_TOKEN"])
client.verify.base_url = base
service = client.verify.v2.services(os.environ["SERVICE_SID"])

step("a code by SMS, a wrong one, the right one")
to = ask("number")
made = service.verifications.create(to=to, channel="sms", tags="{}", locale="en")
assert made.status == "pending" and isinstance(made.date_created, datetime)
wrong = service.verification_checks.create(to=to, code=ask("code", to=to, wrong=1))
assert not wrong.valid
assert service.verification_checks.create(to=to, code=ask("code", to=to)).status == "approved"

step("what is over is not found")
try:
    service.verification_checks.create(verification_sid=made.sid, code=ask("code", to=to))
    raise SystemExit("it was found")
except TwilioRestException as error:
    assert (error.status, error.code) == (404, 20404)

step("fetched by number and canceled")
to = ask("number")
service.verifications.create(to=to, channel="whatsapp")
assert service.verifications(to).fetch().status == "pending"
assert service.verifications(to).update(status="canceled").status == "canceled"

step("attempts, filtered")
after = datetime(2020, 11, 30, 20, 0, tzinfo=timezone.utc)
assert len(client.verify.v2.verification_attempts.list(channel_data_to=to)) == 1
assert len(client.verify.v2.verification_attempts.list(date_created_after=after, page_size=1)) == 2
assert client.verify.v2.verification_attempts_summary().fetch(country="ID").total_attempts == 2

step("a service, changed and deleted")
other = client.verify.v2.services.create(friendly_name="Toko", code_length=8, custom_code_enabled=True)
assert other.custom_code_enabled and other.passkeys["relying_party"]["origins"] == []
assert client.verify.v2.services(other.sid).update(friendly_name="Budi").friendly_name == "Budi"
assert client.verify.v2.services(other.sid).delete()

step("an authenticator app, verified and asked for a code")
entity = service.entities("customer-0001")
factor = entity.new_factors.create(
    friendly_name="Phone", factor_type="totp", binding_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)
assert entity.factors(factor.sid).update(auth_payload=ask("totp")).status == "verified"
challenge = entity.challenges.create(factor_sid=factor.sid, auth_payload=ask("totp", steps=1))
assert challenge.status == "approved" and challenge.responded_reason == "none"
assert len(entity.challenges.list()) == 1

step("templates, and a start that names one")
template = client.verify.v2.templates.list()[0]
to = ask("number")
service.verifications.create(to=to, channel="whatsapp", template_sid=template.sid)
