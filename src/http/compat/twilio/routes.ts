import type { FastifyInstance } from 'fastify'
import type { Context } from '#http/context.ts'
import { authenticateBasic } from './authenticate.ts'
import { checkRoutes } from './checks.ts'
import { challengeRoutes } from './totp/challenges.ts'
import { entityRoutes } from './totp/entities.ts'
import { factorRoutes } from './totp/factors.ts'
import { notOfferedRoutes } from './not-offered.ts'
import { answerFault, refuseUnknownRoute } from './errors.ts'
import { acceptForms } from './form.ts'
import { readPage, representPage } from './page.ts'
import { rateLimitRoutes } from './rate-limits.ts'
import { sendingRoutes } from './sendings.ts'
import { serviceRoutes } from './services.ts'
import { verificationRoutes } from './verifications.ts'

/** Twilio Verify v2, as its own SDKs call it. */
export const twilioRoutes =
  (context: Context) =>
  async (app: FastifyInstance): Promise<void> => {
    acceptForms(app)
    app.setErrorHandler(answerFault)
    app.addHook('onRequest', (request) => authenticateBasic(context, request))
    serviceRoutes(app, context)
    verificationRoutes(app, context)
    sendingRoutes(app, context)
    rateLimitRoutes(app, context)
    // Texts are not chosen by sid here: WhatsApp's are the sender's own, the others follow the locale.
    app.get('/Templates', async (request) =>
      representPage(request, context.publicUrl, readPage(request), [], { key: 'templates', represent: (one) => one }),
    )
    checkRoutes(app, context)
    entityRoutes(app, context)
    factorRoutes(app, context)
    challengeRoutes(app, context)
    notOfferedRoutes(app)
    // What else is Twilio's is not offered, and answers as Twilio does.
    for (const path of ['/Services/*', '/Attempts/*', '/Templates/*', '/SafeList/*', '/Forms/*']) {
      app.all(path, refuseUnknownRoute)
    }
  }
