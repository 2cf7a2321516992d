import type { World } from '../../../world/world.ts'
import { presetOf } from '../../preset-texts.ts'
import { componentOf, type OtpButton, type Template } from '../../template.ts'
import type { Fields } from '../fields.ts'
import { templateHealth } from '../health.ts'

export function readBack(world: World, template: Template): Fields {
  const { id, name, language, status, category, ttlSeconds, isNamed } = template
  return {
    id,
    name,
    language,
    status,
    category,
    message_send_ttl_seconds: ttlSeconds,
    parameter_format: isNamed ? 'NAMED' : 'POSITIONAL',
    components: category === 'AUTHENTICATION' ? spellAuthentication(template) : spellText(template),
    quality_score: { score: status === 'PAUSED' ? 'RED' : 'UNKNOWN', date: Math.floor(world.clock.now() / 1000) },
    rejected_reason: status === 'REJECTED' ? 'INVALID_FORMAT' : 'NONE',
    health_status: templateHealth(world, template),
  }
}

/** In Meta's own words, and the OTP button as a URL button. */
function spellAuthentication(template: Template): object[] {
  const preset = presetOf(template.language)
  return template.components.map(({ type, addSecurityRecommendation, codeExpirationMinutes, button }) => {
    if (type === 'FOOTER') {
      const minutes = codeExpirationMinutes ?? 0
      return { type, text: preset.footer(minutes), code_expiration_minutes: minutes }
    }
    if (button) return { type, buttons: [spellOtpButton(template, button)] }
    const isWarned = addSecurityRecommendation === true
    return {
      type,
      text: isWarned ? `${preset.body('{{1}}')} ${preset.security}` : preset.body('{{1}}'),
      add_security_recommendation: isWarned,
      example: { body_text: [['123456']] },
    }
  })
}

function spellOtpButton(template: Template, { otpType, text, autofillText, supportedApps }: OtpButton): object {
  const preset = presetOf(template.language)
  const minutes = componentOf(template, 'FOOTER')?.codeExpirationMinutes
  const [app] = supportedApps
  const query = new URLSearchParams({
    otp_type: otpType,
    // Seen in captures; how several apps are spelled was not, so here it is the first.
    ...(app && {
      cta_display_name: autofillText ?? preset.autofill,
      package_name: app.packageName,
      signature_hash: app.signatureHash,
    }),
    ...(minutes !== undefined && { code_expiration_minutes: String(minutes) }),
  })
  const url = `https://www.whatsapp.com/otp/code/?${query.toString()}&code=otp`
  return { type: 'URL', text: text ?? preset.copy, url: `${url}{{1}}`, example: [`${url}123456`] }
}

const spellText = (template: Template): object[] =>
  template.components.map(({ type, format, text, example, buttons }) => ({
    type,
    ...(format !== undefined && { format }),
    ...(text !== undefined && { text }),
    ...(example !== undefined && { example }),
    ...(buttons && { buttons }),
  }))
