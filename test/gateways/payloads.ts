import { randomUUID } from 'node:crypto'

/** Calls as the auth servers make them, with the number and the code put in. */

/** Supabase Auth v2, "Send SMS hook"; phone numbers have no plus. */
export const supabasePayload = (to: string, code: string, uuid: string = randomUUID()) => ({
  metadata: { uuid, time: new Date().toISOString(), name: 'send-sms', ip_address: '203.0.113.7' },
  user: {
    id: '6481a5c1-3d37-4a56-9f6a-bee08c554965',
    aud: 'authenticated',
    role: 'authenticated',
    email: '',
    phone: to.replace('+', ''),
    phone_confirmed_at: '2024-05-13T11:52:48.157306Z',
    confirmed_at: '2024-05-13T11:52:48.157306Z',
    app_metadata: { provider: 'phone', providers: ['phone'] },
    user_metadata: {},
    identities: [],
    created_at: '2024-05-13T11:45:33.7738Z',
    updated_at: '2024-05-14T12:31:52.334932Z',
    is_anonymous: false,
  },
  sms: { otp: code, sms_type: 'sms' },
})

/** Clerk, event `sms.created` of a sign-in. */
export const clerkPayload = (to: string, code: string, timestamp: number = Date.now()) => ({
  data: {
    data: { app: { name: 'Toko Budi' }, otp_code: code },
    delivered_by_clerk: false,
    from_phone_number: '+15555550100',
    id: 'sms_29w9IptNja3mP8GDXpquBwN2qR9',
    message: `${code} is your verification code for Toko Budi.`,
    object: 'sms_message',
    phone_number_id: 'idn_29w83yL7CwVlJXylYLxcslromF1',
    slug: 'verification_code',
    status: 'queued',
    to_phone_number: to,
    user_id: 'user_29w83sxmDNGwOuEthce5gg56FcC',
  },
  event_attributes: { http_request: { client_ip: '203.0.113.7', user_agent: 'Mozilla/5.0' } },
  instance_id: 'ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S',
  object: 'event',
  timestamp,
  type: 'sms.created',
})

/** ZITADEL v2/v3, HTTP provider: the verification of a number. */
export const zitadelPayload = (to: string, code: string) => ({
  contextInfo: {
    eventType: 'user.human.phone.code.added',
    provider: { id: '285181292935381355', description: 'Centang' },
    recipientPhoneNumber: to,
  },
  templateData: {
    title: 'Zitadel - Verify phone',
    preHeader: 'Verify phone',
    subject: 'Verify phone',
    greeting: 'Hello Ana,',
    text: `A phone number was added. Please verify it with the code ${code}.`,
    buttonText: 'Verify phone',
  },
  args: {
    code,
    changeDate: '2024-09-16T10:58:50.73237+02:00',
    createdAt: '2024-09-16T10:58:50.73237+02:00',
    displayName: 'Ana Lima',
    domain: 'auth.example.com',
    preferredLoginName: 'ana@auth.example.com',
    verifiedPhone: '',
    lastPhone: to,
  },
})

/** The same provider, a one-time password at a sign-in, as v4.15 was seen to send it. */
export const zitadelOtpPayload = (to: string, code: string) => ({
  contextInfo: { ...zitadelPayload(to, code).contextInfo, eventType: 'session.otp.sms.challenged' },
  templateData: {
    title: 'VerifySMSOTP.Title',
    text: `${code} is your one-time password for auth.example.com.\n@auth.example.com #${code}`,
    subject: 'VerifySMSOTP.Subject',
  },
  args: { verifiedPhone: to, lastPhone: to, oTP: code, loginName: 'ana@auth.example.com' },
})

/** Logto's HTTP SMS connector. */
export const logtoPayload = (to: string, code: string) => ({
  to,
  type: 'SignIn',
  payload: { code, locale: 'pt-BR', uiLocales: 'pt-BR' },
})

/** Ory Kratos, with the Jsonnet of the guide. */
export const kratosPayload = (to: string, code: string) => ({
  recipient: to,
  template_type: 'login_code_valid',
  template_data: { login_code: code, expires_in_minutes: 5 },
})

/** Auth0's `event.notification`, as the Action of the guide sends it. */
export const auth0Payload = (to: string, code: string) => ({
  recipient: to,
  code,
  locale: 'es',
  message_type: 'otp_verify',
})

/** Keycloak, plug-in keycloak-mfa-plugins: its default English text. */
export const keycloakPayload = (to: string, code: string) => ({
  body: `Your SMS code is ${code} and is valid for 5 minutes.`,
  to,
  sender: 'keycloak',
})
