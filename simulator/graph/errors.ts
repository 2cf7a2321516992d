/** A refusal in the shape of the Graph API. */
export class GraphError extends Error {
  readonly httpStatus: number
  readonly code: number
  readonly subcode: number | undefined
  readonly details: string | undefined
  readonly type: string

  constructor(
    code: number,
    details?: string,
    options: {
      readonly httpStatus?: number
      readonly subcode?: number
      readonly message?: string
      readonly type?: string
    } = {},
  ) {
    const known = catalogue[code]
    super(options.message ?? `(#${code}) ${known?.title ?? 'Unknown error'}`)
    this.code = code
    this.details = details
    this.subcode = options.subcode
    this.httpStatus = options.httpStatus ?? known?.httpStatus ?? 400
    this.type = options.type ?? 'OAuthException'
  }

  body(traceId: string): object {
    return {
      error: {
        message: this.message,
        type: this.type,
        code: this.code,
        ...(this.subcode !== undefined && { error_subcode: this.subcode }),
        ...(this.details !== undefined && { error_data: { messaging_product: 'whatsapp', details: this.details } }),
        fbtrace_id: traceId,
      },
    }
  }
}

/** Titles and HTTP statuses of Meta's list (support/error-codes, Nov 2025). */
const catalogue: Readonly<Record<number, { readonly httpStatus: number; readonly title: string }>> = {
  1: { httpStatus: 400, title: 'API Unknown' },
  2: { httpStatus: 503, title: 'API Service' },
  10: { httpStatus: 403, title: 'Permission Denied' },
  33: { httpStatus: 400, title: 'Parameter value is not valid' },
  100: { httpStatus: 400, title: 'Invalid parameter' },
  104: { httpStatus: 400, title: 'An access token is required to request this resource.' },
  190: { httpStatus: 401, title: 'Invalid OAuth access token - Cannot parse access token' },
  130429: { httpStatus: 400, title: 'Rate limit hit' },
  131000: { httpStatus: 500, title: 'Something went wrong' },
  131008: { httpStatus: 400, title: 'Required parameter is missing' },
  131009: { httpStatus: 400, title: 'Parameter value is not valid' },
  131021: { httpStatus: 400, title: 'Recipient cannot be sender' },
  131051: { httpStatus: 400, title: 'Unsupported message type' },
  131056: { httpStatus: 400, title: '(Business Account, Consumer Account) pair rate limit hit' },
  131062: { httpStatus: 400, title: 'Business-scoped User ID (BSUID) recipients are not supported for this message' },
  132000: { httpStatus: 400, title: 'Number of parameters does not match the expected number of params' },
  132001: { httpStatus: 404, title: 'Template name does not exist in the translation' },
  132012: { httpStatus: 400, title: 'Parameter format does not match format in the created template' },
  132015: { httpStatus: 400, title: 'Template is Paused' },
  132016: { httpStatus: 400, title: 'Template is Disabled' },
  132018: { httpStatus: 400, title: 'Template parameters are invalid' },
  133005: { httpStatus: 400, title: 'Two step verification PIN Mismatch' },
  133008: { httpStatus: 400, title: 'Too many PIN guesses' },
  133010: { httpStatus: 400, title: 'Phone number not registered' },
  136025: { httpStatus: 400, title: 'Code is not correct' },
}

/** `(#100) Unsupported … request. Object with ID … does not exist`: also what a missing permission looks like. */
export const noSuchNode = (method: string, node: string): GraphError =>
  new GraphError(100, undefined, {
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${node}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
  })
