import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { form } from '#platform/core/field-problem.ts'
import { Type } from 'typebox'
import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { requireCaller } from '#platform/http/authenticate.ts'
import type { AccessPort } from '#access/port.ts'
import type { Flows } from '#verification/flows/flows.ts'
import { ownVerification } from './own-verification.ts'
import { spellTicket, type TicketKeys } from './page/ticket.ts'
import { refused } from './refused.ts'
import { idParameter } from '#platform/http/schema-kit.ts'
import { isPlainHost, plainHost, plainUrl } from '#platform/core/host.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** After the code's end the page still says that it is over, and leads back. */
const ticketOutlivesMs = 10 * 60_000

const pageBody = Type.Object(
  {
    return_url: Type.Optional(
      Type.String({ maxLength: 2000, description: 'Yours; below the application’s domain when it has one.' }),
    ),
    nonce: Type.Optional(
      Type.String({
        ...form('^[A-Za-z0-9_.~-]{16,200}$', '16 to 200 of A-Z, a-z, 0-9, _ . ~ and -'),
        description: 'Random, kept in the session of the person who started. Asked for with `return_url`.',
      }),
    ),
    frame_origin: Type.Optional(
      Type.String({
        maxLength: 300,
        description: 'The one site that may show the page in a frame; no star stands for several.',
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [{ return_url: 'https://shop.example/verified', nonce: 'n-0S6WzA2Mj-QpLb7t4xYw' }],
  },
)

interface HostedPageRoute extends Pick<Flows, 'load'>, Pick<AccessPort, 'findApplication'> {
  readonly keys: TicketKeys
  readonly publicUrl: () => string
}

export const hostedPageRoutes =
  ({ load, findApplication, keys, publicUrl }: HostedPageRoute): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)

    app.post(
      '/verifications/:id/hosted_page',
      {
        config: { permission: 'verification:write' },
        schema: {
          operationId: 'createHostedPage',
          summary: 'Make a link to the hosted page',
          description:
            'A page in your brand where the person types the code. Afterwards it leads to `return_url` with ' +
            '`centang_result`, a JWT to be verified with `/.well-known/jwks.json`. It repeats your `nonce`: take it only ' +
            'in the session that you made that nonce for, and once.',
          tags: ['Verifications'],
          params: idParameter,
          body: pageBody,
          response: {
            201: Type.Object({ url: Type.String(), expires_at: Type.String() }, { description: 'The link.' }),
          },
          refusals: refused.link,
        },
      },
      async (request, reply) => {
        const verification = await ownVerification({ load }, request, request.params.id)
        const { businessId, live } = verification
        const application = await findApplication(businessId, verification.applicationId)
        const { return_url: returnUrl, frame_origin: frameOrigin, nonce } = request.body
        const returns = returnUrl === undefined ? undefined : readReturnUrl(returnUrl, live, application)
        if (returns !== undefined && nonce === undefined) {
          throw invalid(
            'nonce',
            'is asked for with return_url: without it anybody could bring you somebody else’s result',
          )
        }
        const expiresAt = new Date(verification.expiresAt.getTime() + ticketOutlivesMs)
        const ticket = spellTicket(keys, {
          businessId,
          verificationId: verification.id,
          ...(returns !== undefined && { returnUrl: returns }),
          ...(nonce !== undefined && { nonce }),
          ...(frameOrigin !== undefined && { frameOrigin: readUrl('frame_origin', frameOrigin, live).origin }),
          expiresAt,
        })
        return reply.status(201).send({
          url: `${publicUrl()}/verify/${request.params.id}?t=${ticket}`,
          expires_at: expiresAt.toISOString(),
        })
      },
    )
  }

export function readReturnUrl(given: string, live: boolean, application: Application | undefined): string {
  const url = readUrl('return_url', given, live)
  const domain = application?.domain
  // The result would otherwise be handed to whoever a mistake, or a stolen test key, names.
  if (live && domain !== undefined && !isBelow(url.hostname, plainHost(domain))) {
    throw invalid('return_url', `must be on ${domain}`)
  }
  return url.href
}

const isBelow = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`)

/** https; a test may come back to the developer's own machine. */
function readUrl(field: string, given: string, live: boolean): URL {
  const url = plainUrl(given)
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (!url || (url.protocol !== 'https:' && !(isLocal && !live)) || url.username !== '' || url.password !== '') {
    throw invalid(field, 'must be an https URL without user and password')
  }
  // It stands in a header of the page: a star there would let every site below a domain show the page in a frame.
  if (!isPlainHost(url.hostname)) throw invalid(field, 'must name one host, without a star')
  return url
}

const invalid = (field: string, problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path: `body/${field}`, problem }] })
