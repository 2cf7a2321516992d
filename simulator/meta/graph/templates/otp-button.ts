import type { OtpButton } from '../../template.ts'
import { badParameter, badTemplate } from '../errors.ts'
import { type Fields, listOf, textOf } from '../fields.ts'

const labelMax = 25
const appsMax = 5
const packageNameMax = 224
/** From this version on an app is named in `supported_apps` only. */
const appsListedSince = 21

/** The one button of an authentication template. */
export function readOtpButton(component: Fields, version: number): OtpButton {
  const buttons = listOf(component['buttons'])
  const [button] = buttons
  if (!button || buttons.length !== 1 || textOf(button['type'])?.toUpperCase() !== 'OTP')
    throw badParameter('Param buttons must have exactly one OTP button.')
  const otpType = textOf(button['otp_type'])?.toUpperCase()
  if (otpType !== 'COPY_CODE' && otpType !== 'ONE_TAP' && otpType !== 'ZERO_TAP')
    throw badParameter('Param otp_type must be one of COPY_CODE, ONE_TAP, ZERO_TAP.')
  const text = textOf(button['text'])
  const autofillText = textOf(button['autofill_text'])
  if ([text, autofillText].some((label) => (label?.length ?? 0) > labelMax))
    throw badTemplate(2388040, 'Too long', `Labels of buttons have at most ${labelMax} characters.`)
  if (otpType === 'ZERO_TAP' && ![true, 'true'].includes(button['zero_tap_terms_accepted'] as string))
    throw badParameter('Param zero_tap_terms_accepted must be true.')
  const supportedApps = readApps(button, version)
  if (otpType !== 'COPY_CODE' && (supportedApps.length < 1 || supportedApps.length > appsMax))
    throw badParameter(`Param supported_apps must have 1 to ${appsMax} apps.`)
  return { otpType, text, autofillText, supportedApps: otpType === 'COPY_CODE' ? [] : supportedApps }
}

function readApps(button: Fields, version: number): OtpButton['supportedApps'] {
  const isNamedDirectly = button['package_name'] !== undefined || button['signature_hash'] !== undefined
  if (isNamedDirectly && version >= appsListedSince)
    throw badParameter('Param package_name and signature_hash belong into supported_apps.')
  return (isNamedDirectly ? [button] : listOf(button['supported_apps'])).map((app) => {
    const packageName = textOf(app['package_name']) ?? ''
    const signatureHash = textOf(app['signature_hash']) ?? ''
    if (packageName.length > packageNameMax || !/^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/.test(packageName))
      throw badParameter(`Param package_name must have two segments or more and ${packageNameMax} characters at most.`)
    if (!/^[A-Za-z0-9+/=]{11}$/.test(signatureHash)) throw badParameter('Param signature_hash must have 11 characters.')
    return { packageName, signatureHash }
  })
}
