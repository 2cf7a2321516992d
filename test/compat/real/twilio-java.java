// What a business does with Twilio's package for Java, from a code to an app on the person's phone.
import com.twilio.exception.ApiException;
import com.twilio.http.NetworkHttpClient;
import com.twilio.http.Request;
import com.twilio.http.Response;
import com.twilio.http.TwilioRestClient;
import com.twilio.rest.verify.v2.Service;
import com.twilio.rest.verify.v2.Template;
import com.twilio.rest.verify.v2.VerificationAttempt;
import com.twilio.rest.verify.v2.VerificationAttemptsSummary;
import com.twilio.rest.verify.v2.service.RateLimit;
import com.twilio.rest.verify.v2.service.Verification;
import com.twilio.rest.verify.v2.service.VerificationCheck;
import com.twilio.rest.verify.v2.service.entity.Challenge;
import com.twilio.rest.verify.v2.service.entity.Factor;
import com.twilio.rest.verify.v2.service.entity.NewFactor;
import com.twilio.rest.verify.v2.service.ratelimit.Bucket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.stream.StreamSupport;

class TwilioJava {
    static final String BASE = System.getenv("BASE_URL");
    static final String ACCOUNT = System.getenv("ACCOUNT_SID");
    static final String TOKEN = System.getenv("AUTH_TOKEN");
    static final String SERVICE = System.getenv("SERVICE_SID");

    /** The whole of what is changed: where the client calls. */
    static class OtherHost extends NetworkHttpClient {
        @Override
        public Response makeRequest(final Request request) {
            Request other = new Request(request.getMethod(), request.getUrl().replace("https://verify.twilio.com", BASE));
            request.getQueryParams().forEach((name, all) -> all.forEach(one -> other.addQueryParam(name, one)));
            request.getPostParams().forEach((name, all) -> all.forEach(one -> other.addPostParam(name, one)));
            request.getHeaderParams().forEach((name, all) -> all.forEach(one -> other.addHeaderParam(name, one)));
            other.setAuth(ACCOUNT, TOKEN);
            other.setContentType(request.getContentType());
            return super.makeRequest(other);
        }
    }

    static String ask(String what, String query) {
        try {
            URI uri = URI.create(BASE + "/recorder/" + what + "?" + query);
            return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    static void step(String name) {
        ask("step", "name=" + URLEncoder.encode(name, StandardCharsets.UTF_8));
    }

    static void check(boolean right) {
        if (!right) throw new IllegalStateException("a check failed");
    }

    static long count(Iterable<?> list) {
        return StreamSupport.stream(list.spliterator(), false).count();
    }

    static String digits(String number) {
        return "to=" + number.substring(1);
    }

    public static void main(String[] arguments) {
        TwilioRestClient client = new TwilioRestClient.Builder(ACCOUNT, TOKEN).httpClient(new OtherHost()).build();

        step("a code by SMS, a wrong one, the right one");
        String to = ask("number", "");
        Verification made = Verification.creator(SERVICE, to, "sms").setTags("{}").setLocale("en").create(client);
        check(made.getStatus().equals("pending") && made.getDateCreated() != null);
        String wrong = ask("code", digits(to) + "&wrong=1");
        check(!VerificationCheck.creator(SERVICE).setTo(to).setCode(wrong).create(client).getValid());
        String code = ask("code", digits(to));
        check(VerificationCheck.creator(SERVICE).setTo(to).setCode(code).create(client).getStatus().equals("approved"));

        step("what is over is not found");
        try {
            VerificationCheck.creator(SERVICE).setVerificationSid(made.getSid()).setCode(code).create(client);
            throw new IllegalStateException("it was found");
        } catch (ApiException error) {
            check(error.getStatusCode() == 404 && error.getCode() == 20404);
        }

        step("fetched by number and canceled");
        to = ask("number", "");
        Verification.creator(SERVICE, to, "whatsapp").create(client);
        check(Verification.fetcher(SERVICE, to).fetch(client).getStatus().equals("pending"));
        Verification.Status canceled = Verification.Status.CANCELED;
        check(Verification.updater(SERVICE, to, canceled).update(client).getStatus().equals("canceled"));

        step("attempts, filtered: times come without a zone");
        check(count(VerificationAttempt.reader().setChannelDataTo(to).read(client)) == 1);
        ZonedDateTime since = ZonedDateTime.of(2020, 11, 30, 20, 0, 0, 0, ZoneOffset.UTC);
        check(count(VerificationAttempt.reader().setDateCreatedAfter(since).pageSize(1).read(client)) == 2);
        check(VerificationAttemptsSummary.fetcher().setCountry("ID").fetch(client).getTotalAttempts() == 2);

        step("pages, forward and back");
        var reader = VerificationAttempt.reader().pageSize(1);
        var second = reader.nextPage(reader.firstPage(client), client);
        check(reader.previousPage(second, client).getRecords().size() == 1);

        step("a code of one's own that is not enabled");
        try {
            Verification.creator(SERVICE, ask("number", ""), "sms").setCustomCode("907856").create(client);
            throw new IllegalStateException("it was taken");
        } catch (ApiException error) {
            check(error.getStatusCode() == 403 && error.getCode() == 60204);
        }

        step("a service, changed and deleted");
        Service other = Service.creator("Toko").setCodeLength(8).setCustomCodeEnabled(true).create(client);
        check(other.getCustomCodeEnabled() && other.getPasskeys() != null);
        check(Service.updater(other.getSid()).setFriendlyName("Budi").update(client).getFriendlyName().equals("Budi"));
        check(Service.deleter(other.getSid()).delete(client));

        step("an authenticator app, verified and asked for a code");
        String person = "customer-0001";
        NewFactor factor = NewFactor.creator(SERVICE, person, "Phone", NewFactor.FactorTypes.TOTP)
            .setBindingSecret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").setMetadata(Map.of()).create(client);
        check(Factor.updater(SERVICE, person, factor.getSid()).setAuthPayload(ask("totp", "")).update(client).getStatus()
            == Factor.FactorStatuses.VERIFIED);
        Challenge challenge = Challenge.creator(SERVICE, person, factor.getSid())
            .setAuthPayload(ask("totp", "steps=1")).create(client);
        check(challenge.getStatus() == Challenge.ChallengeStatuses.APPROVED);
        check(challenge.getRespondedReason() == Challenge.ChallengeReasons.NONE);
        check(count(Challenge.reader(SERVICE, person).read(client)) == 1);

        step("templates, and a start that names one");
        Template template = Template.reader().read(client).iterator().next();
        to = ask("number", "");
        Verification.creator(SERVICE, to, "whatsapp").setTemplateSid(template.getSid()).create(client);

        step("a full bucket: no header makes this client sleep");
        RateLimit limit = RateLimit.creator(SERVICE, "ip").create(client);
        Bucket.creator(SERVICE, limit.getSid(), 1, 3600).create(client);
        String limits = "{\"ip\": \"203.0.113.7\"}";
        Verification.creator(SERVICE, ask("number", ""), "sms").setRateLimits(limits).create(client);
        long before = System.nanoTime();
        try {
            Verification.creator(SERVICE, ask("number", ""), "sms").setRateLimits(limits).create(client);
            throw new IllegalStateException("it was taken");
        } catch (ApiException error) {
            check(error.getStatusCode() == 429 && error.getCode() == 20429);
        }
        check(System.nanoTime() - before < 20_000_000_000L);
    }
}
