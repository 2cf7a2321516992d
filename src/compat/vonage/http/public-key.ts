import { requireCaller } from '#platform/http/authenticate.ts'
import { managing } from '#platform/http/refusals.ts'
import { createPublicKey } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { PublicKey } from '#compat/vonage/core/public-key.ts'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idParameter, oneOf } from '#platform/http/schema-kit.ts'
import { accessIds } from '#access/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { VonageTakes } from './takes.ts'

type Takes = Pick<VonageTakes, 'access' | 'now' | 'publicKeys'>

const publicKeySchema = Type.Object(
  {
    application_id: Type.String(),
    jwt_application_id: Type.String({ description: 'What the JWTs carry as `application_id`: a UUID.' }),
    mode: oneOf(['test', 'live'] as const),
    fingerprint: Type.String({ description: 'SHA-256 of the key in DER form (SubjectPublicKeyInfo), in hex.' }),
    created_at: Type.String(),
  },
  { description: 'The key that verifies JWTs of this application and mode.' },
)

const url = '/applications/:id/public_key'

/** For clients that sign their requests instead of carrying a key: JWTs with RS256, as Vonage's do. */
export const publicKeyRoutes =
  (takes: Takes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(registering(takes))
    await app.register(readingAndRemoving(takes))
  }

/** One key pair an application and mode. */
const registering =
  (takes: Takes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { publicKeys } = takes

    app.put(
      url,
      {
        config: { permission: 'compat:admin' },
        schema: {
          operationId: 'putPublicKey',
          summary: 'Register the public key of your JWTs',
          description:
            'For the mode of the key that asks. RSA of 2048 bits or more; it takes the place of the one before. ' +
            'One key pair never stands for both modes.',
          tags: ['Applications'],
          params: idParameter,
          body: Type.Object(
            { public_key: Type.String({ minLength: 1, maxLength: 8000, description: 'PEM, `BEGIN PUBLIC KEY`.' }) },
            {
              additionalProperties: false,
              examples: [{ public_key: '-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n' }],
            },
          ),
          response: { 200: publicKeySchema },
          refusals: managing,
        },
      },
      async (request) => {
        const pem = readPem(request.body.public_key)
        return represent(await publicKeys.put(await ownerOf(takes, request, request.params.id), pem, takes.now()))
      },
    )
  }

/** What is registered, by its fingerprint. */
const readingAndRemoving =
  (takes: Takes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { publicKeys } = takes

    app.get(
      url,
      {
        config: { permission: 'compat:read' },
        schema: {
          operationId: 'getPublicKey',
          summary: 'Read which public key is registered',
          tags: ['Applications'],
          params: idParameter,
          response: { 200: publicKeySchema },
          refusals: managing,
        },
      },
      async (request) => {
        const found = await publicKeys.find(await ownerOf(takes, request, request.params.id))
        if (!found) throw new Refusal(platformRefusals.resource_not_found)
        return represent(found)
      },
    )

    app.delete(
      url,
      {
        config: { permission: 'compat:admin' },
        schema: {
          operationId: 'removePublicKey',
          summary: 'Remove the public key',
          description: 'JWTs signed with its private key stop within five seconds on every server.',
          tags: ['Applications'],
          params: idParameter,
          response: { 204: Type.Null({ description: 'It is removed.' }) },
          refusals: managing,
        },
      },
      async (request, reply) => {
        if (!(await publicKeys.remove(await ownerOf(takes, request, request.params.id)))) {
          throw new Refusal(platformRefusals.resource_not_found)
        }
        return reply.status(204).send(null)
      },
    )
  }

/** As SubjectPublicKeyInfo. Node would read a private key too, and nobody should have sent one. */
function readPem(given: string): string {
  const problem = (text: string): Refusal =>
    new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body/public_key', problem: text }] })
  const text = given.trim()
  if (text.includes('PRIVATE KEY')) throw problem('is a private key: keep it to yourself, and make a new pair')
  if (!/^-----BEGIN (RSA )?PUBLIC KEY-----\s/.test(text)) throw problem('must be PEM that begins with BEGIN PUBLIC KEY')
  let key
  try {
    key = createPublicKey(text)
  } catch {
    throw problem('is not a public key')
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  // A longer one costs every request more than it protects.
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 8192) throw problem('must be RSA of 2048 to 8192 bits')
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

const represent = (key: PublicKey) => ({
  application_id: spellId(accessIds.application, key.applicationId),
  jwt_application_id: key.applicationId,
  mode: key.live ? ('live' as const) : ('test' as const),
  fingerprint: key.fingerprint,
  created_at: key.createdAt.toISOString(),
})

/** The caller's application, in the mode of the key. */
async function ownerOf(takes: Takes, request: FastifyRequest, spelled: string) {
  const { businessId, live, keyId } = callerOf(request)
  const applicationId = requireId(accessIds.application, spelled)
  if (!(await takes.access.businesses.findApplication(businessId, applicationId))) {
    throw new Refusal(platformRefusals.resource_not_found)
  }
  return { businessId, applicationId, live, keyId }
}
