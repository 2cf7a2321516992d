import type { Transaction } from '../centang.ts'

/** Where the person says what to pay. */
export const checkoutPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Pay</title>
<h1>Pay</h1>
<form method="post" action="/payments">
  <p><label>Amount <input name="amount" value="1500000.00" required></label>
  <p><label>Currency <input name="currency" value="IDR" required></label>
  <p><label>To <input name="payee" value="Kost Melati" required></label>
  <p><button>Go on</button>
</form>
</html>`

/** Where the person reads what they authorise before they type the code that came to their phone. */
export const confirmationPage = ({ amount, currency, payee }: Transaction): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Confirm your payment</title>
<h1>Confirm your payment</h1>
<dl>
  <dt>Amount</dt><dd>${escape(amount)} ${escape(currency)}</dd>
  <dt>To</dt><dd>${escape(payee)}</dd>
</dl>
<form method="post" action="authorise">
  <label for="code">The code we sent to your phone</label>
  <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required>
  <button>Pay ${escape(amount)} ${escape(currency)} to ${escape(payee)}</button>
</form>
<p>If anything here is wrong, don't type the code, and tell it to nobody.</p>
</html>`

const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`)
