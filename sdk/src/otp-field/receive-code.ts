/** WebOTP (Chrome on Android): the code of a text message whose last line is `@your.domain #123456`. */
interface OtpRequest extends CredentialRequestOptions {
  readonly otp: { readonly transport: readonly ['sms'] }
}

export async function receiveCode(signal: AbortSignal): Promise<string | undefined> {
  if (!('OTPCredential' in globalThis)) return undefined
  const request: OtpRequest = { otp: { transport: ['sms'] }, signal }
  // Refused, aborted or not allowed in this frame: the person types, as everywhere else.
  const credential = await navigator.credentials.get(request).catch(() => null)
  return (credential as { readonly code?: string } | null)?.code
}
