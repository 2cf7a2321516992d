import { defineRefusals } from './refusal.ts'

/** What any request may be refused for, whatever it asks. */
export const platformRefusals = defineRefusals({
  body_invalid: {
    status: 400,
    title: 'The request does not have the shape this call takes.',
    remedy: 'Compare the request with the API reference; `errors` names each field that is wrong.',
    rule: 'http.schema',
  },
  recipient_invalid: {
    status: 422,
    title: 'The recipient is not a phone number in E.164 form.',
    remedy: 'Send the full number with its country code, for example +6281234567890.',
    rule: 'recipient.form (ITU-T E.164, RFC 5321 §4.5.3.1)',
  },
  recipient_not_allowed: {
    status: 422,
    title: 'This kind of number cannot receive codes.',
    remedy: 'Ask the person for a mobile number; premium-rate and satellite ranges are refused.',
    rule: 'recipient.ranges',
  },
  credentials_missing: {
    status: 401,
    title: 'The request carries no API key.',
    remedy: 'Send `Authorization: Bearer ck_…`.',
    rule: 'access.key (RFC 6750 §2.1)',
  },
  credentials_invalid: {
    status: 401,
    title: 'The API key is unknown or was revoked.',
    remedy: 'Check the key; `centang businesses add-key` makes a new one.',
    rule: 'access.key (RFC 6750 §2.1)',
  },
  permission_missing: {
    status: 403,
    title: 'This key may not do that.',
    remedy: 'Use a key with one of the scopes that `errors` names, or have such a key made by one of scope `admin`.',
    rule: 'access.scopes',
  },
  address_not_allowed: {
    status: 403,
    title: 'This key may not be used from the address that the request comes from.',
    remedy:
      'Call from one of the key’s `allowed_addresses`. Behind a proxy the server has to know of it: `CENTANG_TRUSTED_PROXY_HOPS`.',
    rule: 'access.addresses',
  },
  operator_throttled: {
    status: 429,
    title: 'Too many wrong operator keys came from this address.',
    remedy: 'Wait `Retry-After` seconds; the right key is not tried before that either.',
    rule: 'access.operator',
  },
  operator_required: {
    status: 403,
    title: 'Only the operator of this server may do that.',
    remedy: 'Use the operator key (`CENTANG_OPERATOR_KEY`).',
    rule: 'access.operator',
  },
  connection_limit_reached: {
    status: 429,
    title: 'This address has as many requests under way as one may.',
    remedy: 'Wait for answers before asking again, or use fewer connections at once.',
    rule: 'http.connections',
  },
  metrics_token_missing: {
    status: 403,
    title: 'This server tells its metrics to nobody, because it was given no token for them.',
    remedy: 'Set `CENTANG_METRICS_TOKEN` and send it as `Authorization: Bearer …`.',
    rule: 'access.metrics',
  },
  host_not_allowed: {
    status: 421,
    title: 'The demo does not answer under this host name.',
    remedy: 'Use localhost or the IP address of the machine, or set `CENTANG_PUBLIC_URL` to the URL you use.',
    rule: 'access.host',
  },
  resource_not_found: {
    status: 404,
    title: 'There is nothing under that id.',
    remedy: 'Check the id and that the key belongs to the same business.',
    rule: 'access.business',
  },
  route_not_found: {
    status: 404,
    title: 'There is no such call.',
    remedy: 'See /docs for every call this server answers.',
  },
  cursor_ahead: {
    status: 409,
    title: 'Nothing has been written yet where this cursor stands: it is of a log that was lost, or of another server.',
    remedy: 'Begin without it, and read anew what may have changed since.',
    rule: 'events.cursor',
  },
  cursor_expired: {
    status: 410,
    title: 'Events came after this cursor that are not kept any more.',
    remedy:
      'Begin without it, and read anew what may have changed since. `CENTANG_KEEP_EVENTS_DAYS` says how long events stay.',
    rule: 'events.kept',
  },
  stream_limit_reached: {
    status: 429,
    title: 'This business follows its events on as many connections as it may.',
    remedy: 'Close a stream, or share one: every stream carries every event of its mode.',
    rule: 'events.streams',
  },
  quota_reached: {
    status: 409,
    title: 'The business has as many of these as it may.',
    remedy: 'Remove what is not used any more; `errors` says of what there are too many.',
    rule: 'access.quotas',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key was used for a different request.',
    remedy: 'Use a new key for a new request; repeat the same body to repeat a request.',
    rule: 'idempotency.key',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'The Idempotency-Key is empty or longer than 255 characters.',
    remedy: 'Send a random key, for example a UUID.',
    rule: 'idempotency.key',
  },
  idempotency_answer_gone: {
    status: 409,
    title: 'The first request under this Idempotency-Key was carried out, but its answer can no longer be read.',
    remedy: 'Look up what it made instead of repeating it; use a new key for a new request.',
    rule: 'idempotency.key',
  },
  webhook_signature_invalid: {
    status: 401,
    title: 'The signature does not match the body.',
    remedy: 'Check that the secret that is kept here is the one that the other side signs with.',
    rule: 'webhook.signature',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is larger than this call takes.',
    remedy: 'Send less; the API takes 64 kB, webhooks 3 MB.',
    rule: 'http.body_size',
  },
  content_type_unsupported: {
    status: 415,
    title: 'This call takes JSON.',
    remedy: 'Send `Content-Type: application/json`.',
    rule: 'http.json',
  },
  request_unreadable: {
    status: 400,
    title: 'The request is not well-formed HTTP, or its URL is not.',
    remedy: 'Send HTTP/1.1 with a `Host`, and encode what stands in the URL.',
    rule: 'http.form (RFC 9112, RFC 3986)',
  },
  request_too_slow: {
    status: 408,
    title: 'The request did not arrive in time.',
    remedy: 'Send the headers within 10 seconds and the whole request within 15.',
    rule: 'http.time',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are larger than this server takes.',
    remedy: 'Send fewer or shorter headers; 16 kB is the limit.',
    rule: 'http.header_size',
  },
  method_not_allowed: {
    status: 405,
    title: 'The call exists, but not with this method.',
    remedy: 'See `Allow` for the methods it takes.',
    rule: 'http.method (RFC 9110 §15.5.6)',
  },
  busy: {
    status: 503,
    title: 'The server is at its limit or stopping.',
    remedy: 'Repeat the request after `Retry-After` seconds with the same Idempotency-Key.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database does not answer, so nothing was decided.',
    remedy: 'Repeat the request after `Retry-After` seconds with the same Idempotency-Key.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side.',
    remedy: 'Report `request_id`; the log has the cause under it.',
  },
})
