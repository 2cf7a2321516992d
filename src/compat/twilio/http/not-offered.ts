import type { FastifyInstance } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { notOffered } from './errors.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** Parts of Verify that need an app of the vendor's on the phone. */
const missing: Readonly<Record<string, string>> = {
  '/Services/:ServiceSid/Passkeys/*': 'passkeys',
  '/Services/:ServiceSid/AccessTokens': 'access tokens, which are for push factors',
  '/Services/:ServiceSid/AccessTokens/*': 'access tokens, which are for push factors',
  '/Services/:ServiceSid/Entities/:Identity/Challenges/:Sid/Notifications': 'push notifications',
}

/** What is Twilio's and not offered answers as Twilio does for what is not enabled, or not there. */
export function notOfferedRoutes(app: FastifyInstance): void {
  for (const [url, what] of Object.entries(missing)) {
    const refuse = async (): Promise<never> => {
      throw notOffered(what)
    }
    // Before the body is read: passkeys send JSON.
    app.all(url, { ...needs('access:read'), onRequest: refuse }, refuse)
  }
  // The form by which a phone's app would sign its user up for push; there are no others.
  app.get('/Forms/form-push', needs('access:read'), async () => {
    throw notOffered('push factors')
  })
  for (const path of ['/Services/*', '/Attempts/*', '/Templates/*', '/SafeList/*', '/Forms/*']) {
    app.all(path, needs('access:read'), async () => {
      throw new Refusal(platformRefusals.route_not_found)
    })
  }
}
