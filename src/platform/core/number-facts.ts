/** What the numbering plan says of a phone number. */
export interface NumberFacts {
  /** ISO 3166-1 alpha-2; absent: of no country, or of several that share a calling code. */
  readonly country?: string
  readonly callingCode: string
  /** As libphonenumber calls it: `MOBILE`, `FIXED_LINE_OR_MOBILE`, …; absent: nobody's number. */
  readonly lineType?: string
}
