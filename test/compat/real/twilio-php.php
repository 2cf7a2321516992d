<?php
// What a business does with Twilio's package for PHP, from a code to an app on the person's phone.
require ($argv[1] ?? '') === '' ? 'vendor/autoload.php' : "$argv[1]/src/Twilio/autoload.php";

use Twilio\Exceptions\RestException;
use Twilio\Http\CurlClient;
use Twilio\Http\Response;
use Twilio\Rest\Client;

$base = getenv('BASE_URL');

/** The whole of what is changed: where the client calls. */
final class OtherHost extends CurlClient
{
    public function __construct(private readonly string $base)
    {
        parent::__construct();
    }

    public function request(string $method, string $url, array $params = [], array $data = [], array $headers = [], ?string $user = null, ?string $password = null, ?int $timeout = null, ?\Twilio\AuthStrategy\AuthStrategy $authStrategy = null): Response
    {
        $url = str_replace('https://verify.twilio.com', $this->base, $url);
        return parent::request($method, $url, $params, $data, $headers, $user, $password, $timeout, $authStrategy);
    }
}

function ask(string $what, array $query = []): string
{
    return file_get_contents(getenv('BASE_URL') . "/recorder/$what?" . http_build_query($query));
}

function step(string $name): void
{
    ask('step', ['name' => $name]);
}

function check(bool $right, string $what = 'a check'): void
{
    if (!$right) {
        $at = debug_backtrace()[0]['line'];
        fwrite(STDERR, "$what failed, line $at\n");
        exit(1);
    }
}

$client = new Client(getenv('ACCOUNT_SID'), getenv('AUTH_TOKEN'), null, null, new OtherHost($base));
$verify = $client->verify->v2;
$service = $verify->services(getenv('SERVICE_SID'));

step('a code by SMS, a wrong one, the right one');
$to = ask('number');
$made = $service->verifications->create($to, 'sms', ['tags' => json_encode([]), 'rateLimits' => [], 'locale' => 'en']);
check($made->status === 'pending' && $made->dateCreated instanceof DateTime);
$wrong = $service->verificationChecks->create(['to' => $to, 'code' => ask('code', ['to' => $to, 'wrong' => 1])]);
check($wrong->valid === false);
$right = $service->verificationChecks->create(['to' => $to, 'code' => ask('code', ['to' => $to])]);
check($right->status === 'approved');

step('what is over is not found');
try {
    $service->verificationChecks->create(['verificationSid' => $made->sid, 'code' => ask('code', ['to' => $to])]);
    check(false, 'it was found');
} catch (RestException $error) {
    check($error->getStatusCode() === 404 && $error->getCode() === 20404);
}

step('fetched by number and canceled');
$to = ask('number');
$service->verifications->create($to, 'whatsapp');
check($service->verifications($to)->fetch()->status === 'pending');
check($service->verifications($to)->update('canceled')->status === 'canceled');

step('attempts, filtered');
check(count($verify->verificationAttempts->read(['channelDataTo' => $to])) === 1);
$since = new DateTime('2020-11-30T20:00:00Z');
check(count($verify->verificationAttempts->read(['dateCreatedAfter' => $since], null, 1)) === 2);
check($verify->verificationAttemptsSummary()->fetch(['country' => 'ID'])->totalAttempts === 2);

step('a service, changed and deleted');
$other = $verify->services->create('Toko', ['codeLength' => 8, 'customCodeEnabled' => true]);
check($other->customCodeEnabled && $other->passkeys['relying_party']['origins'] === []);
check($verify->services($other->sid)->update(['friendlyName' => 'Budi'])->friendlyName === 'Budi');
check($verify->services($other->sid)->delete());

step('an authenticator app, verified and asked for a code');
$person = $service->entities('customer-0001');
$factor = $person->newFactors->create('Phone', 'totp', ['bindingSecret' => 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', 'metadata' => []]);
check($person->factors($factor->sid)->update(['authPayload' => ask('totp')])->status === 'verified');
$challenge = $person->challenges->create($factor->sid, ['authPayload' => ask('totp', ['steps' => 1]), 'hiddenDetails' => []]);
check($challenge->status === 'approved' && $challenge->respondedReason === 'none');
check(count($person->challenges->read()) === 1);

step('templates, and a start that names one');
$template = $verify->templates->read()[0];
$to = ask('number');
$service->verifications->create($to, 'whatsapp', ['templateSid' => $template->sid, 'templateCustomSubstitutions' => json_encode([])]);
