import type { FastifyInstance } from 'fastify'
import { notOffered } from './errors.ts'

/** Parts of Verify that need an app of the vendor's on the phone, or that this server does not have. */
const missing = {
  '/Services/:ServiceSid/Passkeys/*': 'passkeys',
  '/Services/:ServiceSid/AccessTokens': 'access tokens, which are for push factors',
  '/Services/:ServiceSid/AccessTokens/*': 'access tokens, which are for push factors',
  '/Services/:ServiceSid/Entities/:Identity/Challenges/:Sid/Notifications': 'push notifications',
} as const

export function notOfferedRoutes(app: FastifyInstance): void {
  for (const [url, what] of Object.entries(missing)) {
    const refuse = async (): Promise<never> => {
      throw notOffered(what)
    }
    // Before the body is read: passkeys send JSON.
    app.all(url, { onRequest: refuse }, refuse)
  }
}
