"""What a business does with Vonage's package for Python, signed by a JWT and by key and secret."""
import os
from urllib.parse import urlencode
from urllib.request import urlopen

from requests.adapters import HTTPAdapter
from vonage import Auth, HttpClientOptions, Vonage
from vonage_http_client.errors import HttpRequestError
from vonage_verify import SmsChannel, VerifyRequest, WhatsappChannel

base = os.environ["BASE_URL"]


class Plain(HTTPAdapter):
    """The package always speaks https; this machine's server has no certificate."""

    def send(self, request, **more):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **more)


def ask(what, **query):
    return urlopen(f"{base}/recorder/{what}?{urlencode(query)}").read().decode()


def step(name):
    ask("step", name=name)


def client(auth):
    made = Vonage(auth, HttpClientOptions(api_host=base.removeprefix("http://")))
    made.http_client._session.mount("https://", Plain())
    return made.verify


def refused(status, call, *given):
    try:
        call(*given)
    except HttpRequestError as error:
        assert error.response.status_code == status, error
        return error.response.json()
    raise SystemExit(f"{call} was not refused")


signed = client(Auth(application_id=os.environ["APPLICATION_ID"], private_key=os.environ["PRIVATE_KEY"]))
basic = client(Auth(api_key=os.environ["API_KEY"], api_secret=os.environ["AUTH_TOKEN"]))
for name, verify in {"JWT": signed, "Basic": basic}.items():
    step(f"{name}: a code by WhatsApp, a wrong one, the right one")
    to = ask("number")[1:]
    request = VerifyRequest(
        brand="ACME",
        workflow=[WhatsappChannel(to=to, from_="ACME"), SmsChannel(to=to)],
        code_length=4,
        locale="pt-br",
        channel_timeout=60,
        client_ref="order-17",
    )
    started = verify.start_verification(request)
    assert "Concurrent" in refused(409, verify.start_verification, request)["detail"]
    code = ask("code", to=to)
    assert len(code) == 6
    assert refused(400, verify.check_code, started.request_id, ask("code", to=to, wrong=1))["title"] == "Invalid Code"
    assert verify.check_code(started.request_id, code).status == "completed"

    step(f"{name}: what is over is not found, in the vendor's words")
    over = refused(404, verify.check_code, started.request_id, code)
    assert over["detail"] == f"Request {started.request_id} was not found or it has been verified already."

    step(f"{name}: the next step, and a cancel")
    to = ask("number")[1:]
    request = VerifyRequest(brand="ACME", workflow=[WhatsappChannel(to=to, from_="ACME"), SmsChannel(to=to)])
    started = verify.start_verification(request)
    verify.trigger_next_workflow(started.request_id)
    assert refused(409, verify.trigger_next_workflow, started.request_id)["title"] == "Conflict"
    verify.cancel_verification(started.request_id)
