import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
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
import { platformRefusals } from '#platform/core/refusals.ts'

/** After the code's end the page still says that it is over, and leads back. */
const ticketOutlivesMs = 10 * 60_000

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
            '`centang_result`, a JWT to be verified with `/.well-known/jwks.json`.',
          tags: ['Verifications'],
          params: idParameter,
          body: Type.Object(
            {
              return_url: Type.Optional(
                Type.String({ maxLength: 2000, description: 'Yours; below the application’s domain when it has one.' }),
              ),
              frame_origin: Type.Optional(
                Type.String({ maxLength: 300, description: 'The one site that may show the page in a frame.' }),
              ),
            },
            { additionalProperties: false, examples: [{ return_url: 'https://shop.example/verified' }] },
          ),
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
        const { return_url: returnUrl, frame_origin: frameOrigin } = request.body
        const expiresAt = new Date(verification.expiresAt.getTime() + ticketOutlivesMs)
        const ticket = spellTicket(keys, {
          businessId,
          verificationId: verification.id,
          ...(returnUrl !== undefined && { returnUrl: readReturnUrl(returnUrl, live, application) }),
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
  if (live && domain !== undefined && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) {
    throw invalid('return_url', `must be on ${domain}`)
  }
  return url.href
}

/** https; a test may come back to the developer's own machine. */
function readUrl(field: string, given: string, live: boolean): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (!url || (url.protocol !== 'https:' && !(isLocal && !live)) || url.username !== '' || url.password !== '') {
    throw invalid(field, 'must be an https URL without user and password')
  }
  return url
}

const invalid = (field: string, problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path: `body/${field}`, problem }] })
