// What a business does with Vonage's package for Java, with key and secret.
import com.vonage.client.HttpConfig;
import com.vonage.client.VonageClient;
import com.vonage.client.verify2.SmsWorkflow;
import com.vonage.client.verify2.VerificationRequest;
import com.vonage.client.verify2.VerificationResponse;
import com.vonage.client.verify2.Verify2Client;
import com.vonage.client.verify2.VerifyCodeResponse;
import com.vonage.client.verify2.VerifyResponseException;
import com.vonage.client.verify2.WhatsappWorkflow;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

class VonageJava {
    static final String BASE = System.getenv("BASE_URL");

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

    static VerifyResponseException refused(int status, Runnable call) {
        try {
            call.run();
        } catch (VerifyResponseException error) {
            check(error.getStatusCode() == status);
            return error;
        }
        throw new IllegalStateException("it was not refused");
    }

    static VerificationRequest request(String to) {
        return VerificationRequest.builder().brand("ACME").codeLength(4).locale("pt-br").channelTimeout(60)
            .addWorkflow(new WhatsappWorkflow(to, "551140000000")).addWorkflow(new SmsWorkflow(to)).build();
    }

    public static void main(String[] arguments) {
        Verify2Client verify = VonageClient.builder()
            .apiKey(System.getenv("API_KEY")).apiSecret(System.getenv("AUTH_TOKEN"))
            .httpConfig(HttpConfig.builder().apiBaseUri(BASE).build())
            .build().getVerify2Client();

        step("a code by WhatsApp, a wrong one, the right one");
        String to = ask("number", "").substring(1);
        VerificationResponse started = verify.sendVerification(request(to));
        UUID id = started.getRequestId();
        check(refused(409, () -> verify.sendVerification(request(to))).getRequestId().equals(id));
        String code = ask("code", "to=" + to);
        String wrong = ask("code", "to=" + to + "&wrong=1");
        check(refused(400, () -> verify.checkVerificationCode(id, wrong)).getTitle().equals("Invalid Code"));
        VerifyCodeResponse right = verify.checkVerificationCode(id, code);
        check(right.getStatus().toString().equalsIgnoreCase("completed"));

        step("what is over is not found, in the vendor's words");
        String words = "Request " + id + " was not found or it has been verified already.";
        check(refused(404, () -> verify.checkVerificationCode(id, code)).getDetail().equals(words));

        step("the next step without a body, and a cancel");
        UUID other = verify.sendVerification(request(ask("number", "").substring(1))).getRequestId();
        verify.nextWorkflow(other);
        check(refused(409, () -> verify.nextWorkflow(other)).getTitle().equals("Conflict"));
        verify.cancelVerification(other);
    }
}
