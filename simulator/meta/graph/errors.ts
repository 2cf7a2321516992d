import { knownError } from './error-catalogue.ts'

interface GraphErrorOptions {
  readonly subcode?: number
  /** Instead of `(#code) title`. */
  readonly message?: string
  readonly type?: string
  /** What the maker of a template is told. */
  readonly user?: { readonly title: string; readonly message: string }
}

/** A refusal in the shape of the Graph API. */
export class GraphError extends Error {
  readonly httpStatus: number
  readonly code: number
  readonly details: string | undefined
  readonly #options: GraphErrorOptions

  constructor(code: number, details?: string, options: GraphErrorOptions = {}) {
    const { title, httpStatus } = knownError(code)
    super(options.message ?? `(#${code}) ${title}`)
    this.code = code
    this.details = details
    this.httpStatus = httpStatus
    this.#options = options
  }

  body(traceId: string): object {
    const { subcode, type = 'OAuthException', user } = this.#options
    return {
      error: {
        message: this.message,
        type,
        code: this.code,
        ...(subcode !== undefined && { error_subcode: subcode }),
        ...(user && { is_transient: false, error_user_title: user.title, error_user_msg: user.message }),
        ...(this.details !== undefined && { error_data: { messaging_product: 'whatsapp', details: this.details } }),
        fbtrace_id: traceId,
      },
    }
  }
}

/** `(#100) …`: a parameter that no message is about. */
export const badParameter = (message: string): GraphError =>
  new GraphError(100, undefined, { message: `(#100) ${message}` })

/** Templates are refused with a subcode and words for a person. */
export const badTemplate = (subcode: number, title: string, message: string): GraphError =>
  new GraphError(100, undefined, { subcode, message: 'Invalid parameter', user: { title, message } })

/** `Unsupported … request. Object with ID … does not exist`: also what a missing permission looks like. */
export const noSuchNode = (method: string, node: string): GraphError =>
  new GraphError(100, undefined, {
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${node}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
  })

/** Nothing says what Meta's server does with a fault of its own; ours is to be seen as one. */
export const internalFault = (): GraphError => new GraphError(1)
