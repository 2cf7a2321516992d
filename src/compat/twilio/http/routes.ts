import type { FastifyInstance } from 'fastify'
import { authenticateBasic } from './authenticate.ts'
import { checkRoutes } from './checks.ts'
import { challengeRoutes } from './totp/challenges.ts'
import { entityRoutes } from './totp/entities.ts'
import { factorRoutes } from './totp/factors.ts'
import { notOfferedRoutes } from './not-offered.ts'
import { answerFault } from './errors.ts'
import { acceptForms, parametersNotRead } from './form.ts'
import { bucketRoutes } from './rate-limit-buckets.ts'
import { rateLimitRoutes } from './rate-limits.ts'
import { messagingConfigurationRoutes } from './messaging-configurations.ts'
import { safeListRoutes } from './safe-list.ts'
import { sendingRoutes } from './sendings.ts'
import { serviceRoutes } from './services.ts'
import { templateRoutes } from './templates.ts'
import { acceptTrailingSlashes } from './trailing-slash.ts'
import { ignoredParameters } from '#compat/http/ignored-parameters.ts'
import { verificationRoutes } from './verifications.ts'
import { webhookRoutes } from './webhooks.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<
  TwilioTakes,
  | 'access'
  | 'codeTemplates'
  | 'keys'
  | 'messagingConfigurations'
  | 'now'
  | 'publicUrl'
  | 'rateLimits'
  | 'safeNumbers'
  | 'serviceSettings'
  | 'totp'
  | 'verification'
  | 'webhooks'
>

/** Twilio Verify v2, as its own SDKs call it. */
export const twilioRoutes =
  (takes: Takes) =>
  async (app: FastifyInstance): Promise<void> => {
    acceptForms(app)
    app.setErrorHandler(answerFault)
    app.addHook('onRequest', (request) => authenticateBasic(takes, request))
    const tellIgnored = ignoredParameters('twilio')
    app.addHook('onResponse', (request, reply, done) => {
      // A refused request was not read to its end.
      if (reply.statusCode < 400) tellIgnored(request.log, parametersNotRead(request))
      done()
    })
    acceptTrailingSlashes(app)
    serviceRoutes(app, takes)
    verificationRoutes(app, takes)
    sendingRoutes(app, takes)
    rateLimitRoutes(app, takes)
    bucketRoutes(app, takes)
    checkRoutes(app, takes)
    safeListRoutes(app, takes)
    messagingConfigurationRoutes(app, takes)
    entityRoutes(app, takes)
    factorRoutes(app, takes)
    challengeRoutes(app, takes)
    webhookRoutes(app, takes)
    templateRoutes(app, takes)
    notOfferedRoutes(app)
  }
