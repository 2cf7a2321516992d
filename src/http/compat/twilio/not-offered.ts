import type { FastifyInstance } from 'fastify'
import { Refusal } from '#core/errors.ts'
import type { Context } from '#http/context.ts'
import { serviceCaller } from './authenticate.ts'
import { notOffered } from './errors.ts'
import { readPage, representPage } from './page.ts'

/** Parts of a service that nobody can make here: each list is empty, and making one is refused by name. */
const lists: Readonly<Record<string, string>> = {
  MessagingConfigurations: 'messaging_configurations',
}

/** Parts of Verify that need an app of the vendor's on the phone. */
const missing: Readonly<Record<string, string>> = {
  '/Services/:ServiceSid/Passkeys/*': 'passkeys',
  '/Services/:ServiceSid/AccessTokens': 'access tokens, which are for push factors',
  '/Services/:ServiceSid/AccessTokens/*': 'access tokens, which are for push factors',
  '/Services/:ServiceSid/Entities/:Identity/Challenges/:Sid/Notifications': 'push notifications',
}

/** What is Twilio's and not offered answers as Twilio does for what is not enabled, or not there. */
export function notOfferedRoutes(app: FastifyInstance, context: Context): void {
  for (const [name, key] of Object.entries(lists)) {
    const path = `/Services/:ServiceSid/${name}`
    app.get(path, async (request) => {
      await serviceCaller(context, request)
      return representPage(request, context.publicUrl, readPage(request), [], { key, represent: (one) => one })
    })
    app.post(path, async (request) => {
      await serviceCaller(context, request)
      throw notOffered(name)
    })
  }
  for (const [url, what] of Object.entries(missing)) {
    const refuse = async (): Promise<never> => {
      throw notOffered(what)
    }
    // Before the body is read: passkeys send JSON.
    app.all(url, { onRequest: refuse }, refuse)
  }
  // Nobody is held back as a fraud here, so nobody has to be let through.
  app.post('/SafeList/Numbers', async () => {
    throw notOffered('SafeList')
  })
  // WhatsApp's text is the sender's own, the others follow the locale: none is chosen by its sid.
  app.get('/Templates', async (request) =>
    representPage(request, context.publicUrl, readPage(request), [], { key: 'templates', represent: (one) => one }),
  )
  for (const path of ['/Services/*', '/Attempts/*', '/Templates/*', '/SafeList/*', '/Forms/*']) {
    app.all(path, async () => {
      throw new Refusal('route_not_found')
    })
  }
}
