/** How new authenticator apps of an application are made; what is absent is as everywhere, the issuer the brand. */
export interface TotpSettings {
  readonly issuer?: string
  readonly timeStepSeconds?: number
  readonly codeLength?: number
  readonly skewSteps?: number
}
