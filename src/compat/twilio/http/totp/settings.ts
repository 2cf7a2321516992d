import type { TotpSettings } from '#totp/core/settings.ts'
import { totpDefaults, totpLimits } from '#totp/core/totp.ts'
import { shownParameter } from '#compat/twilio/http/errors.ts'
import type { Form } from '#compat/twilio/http/form.ts'

const issuerLengthMax = 64

/** What a service's form says of new authenticator apps; empty when it says nothing. */
export function readTotpSettings(form: Form): TotpSettings {
  const issuer = form.text('Totp.Issuer')
  if (issuer !== undefined) shownParameter('Totp.Issuer', issuer, { characters: issuerLengthMax })
  const timeStepSeconds = form.integer('Totp.TimeStep', totpLimits.timeStepSeconds)
  const codeLength = form.integer('Totp.CodeLength', totpLimits.codeLength)
  const skewSteps = form.integer('Totp.Skew', totpLimits.skewSteps)
  return {
    ...(issuer !== undefined && { issuer }),
    ...(timeStepSeconds !== undefined && { timeStepSeconds }),
    ...(codeLength !== undefined && { codeLength }),
    ...(skewSteps !== undefined && { skewSteps }),
  }
}

/** As they hold for the next factor, whether they were set or not. */
export const representTotpSettings = (settings: TotpSettings | undefined, brand: string) => ({
  issuer: settings?.issuer ?? brand,
  time_step: settings?.timeStepSeconds ?? totpDefaults.timeStepSeconds,
  code_length: settings?.codeLength ?? totpDefaults.codeLength,
  skew: settings?.skewSteps ?? totpDefaults.skewSteps,
})
