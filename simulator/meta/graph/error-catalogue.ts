interface KnownError {
  readonly httpStatus: number
  readonly title: string
}

const of = (httpStatus: number, title: string): KnownError => ({ httpStatus, title })

/**
 * Titles and HTTP statuses of Meta's list (support/error-codes, Nov 2025). Where the list has no HTTP status, or a code
 * is known from clients only, it is 400.
 */
const catalogue: Readonly<Record<number, KnownError>> = {
  0: of(401, 'AuthException'),
  1: of(400, 'API Unknown'),
  2: of(503, 'API Service'),
  3: of(500, 'API Method'),
  4: of(400, 'API Too Many Calls'),
  10: of(403, 'Application does not have permission for this action'),
  15: of(400, 'This method must be called with an app access token.'),
  33: of(400, 'Parameter value is not valid'),
  100: of(400, 'Invalid parameter'),
  104: of(400, 'An access token is required to request this resource.'),
  190: of(401, 'Invalid OAuth access token - Cannot parse access token'),
  368: of(403, 'Temporarily blocked for policies violations'),
  2200: of(400, 'Callback verification failed'),
  80007: of(400, 'Rate limit issues'),
  130429: of(400, 'Rate limit hit'),
  130472: of(400, "User's number is part of an experiment"),
  130497: of(403, 'Business account is restricted from messaging users in this country.'),
  131000: of(500, 'Something went wrong'),
  131005: of(403, 'Access denied'),
  131008: of(400, 'Required parameter is missing'),
  131009: of(400, 'Parameter value is not valid'),
  131016: of(500, 'Service unavailable'),
  131021: of(400, 'Recipient cannot be sender'),
  131026: of(400, 'Message undeliverable'),
  131030: of(400, 'Recipient phone number not in allowed list'),
  131031: of(403, 'Account has been locked'),
  131037: of(400, 'WhatsApp provided number needs display name approval before message can be sent.'),
  131042: of(400, 'Business eligibility payment issue'),
  131045: of(500, 'Incorrect certificate'),
  131047: of(400, 'Re-engagement message'),
  131048: of(400, 'Spam rate limit hit'),
  131049: of(400, 'This message was not delivered to maintain healthy ecosystem engagement.'),
  131050: of(400, 'User has stopped marketing messages'),
  131051: of(400, 'Unsupported message type'),
  131052: of(400, 'Media download error'),
  131053: of(400, 'Media upload error'),
  131055: of(400, 'Method not allowed'),
  131056: of(400, '(Business Account, Consumer Account) pair rate limit hit'),
  131057: of(500, 'Account in maintenance mode'),
  131062: of(400, 'Business-scoped User ID (BSUID) recipients are not supported for this message'),
  132000: of(400, 'Number of parameters does not match the expected number of params'),
  132001: of(404, 'Template name does not exist in the translation'),
  132005: of(400, 'Translated text too long'),
  132007: of(400, 'Template format character policy violated'),
  132012: of(400, 'Parameter format does not match format in the created template'),
  132015: of(400, 'Template is Paused'),
  132016: of(400, 'Template is Disabled'),
  132018: of(400, 'Template parameters are invalid'),
  133005: of(400, 'Two step verification PIN Mismatch'),
  133008: of(400, 'Too many PIN guesses'),
  133010: of(400, 'Phone number not registered'),
  134100: of(400, 'Only marketing messages supported'),
  135000: of(400, 'Generic user error'),
  136025: of(400, 'Code is not correct'),
  137000: of(400, 'Identity key mismatch'),
}

/** Codes are still to be played that came after this list. */
export const knownError = (code: number): KnownError => catalogue[code] ?? of(400, 'Unknown error')
