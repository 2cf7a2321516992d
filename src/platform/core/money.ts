/**
 * ISO 4217, list one: currencies in use, by how many decimals their amounts have. Codes for metals, testing and bonds are
 * none that anybody pays with.
 */
const codes: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
    CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN
    NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
    SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const decimals: ReadonlyMap<string, number> = new Map(
  Object.entries(codes).flatMap(([digits, list]) => list.split(/\s+/).map((code) => [code, Number(digits)])),
)

/** Of a currency's amounts; undefined when it is none. */
export const decimalsOf = (currency: string): number | undefined => decimals.get(currency)

/**
 * Every digit of an amount and no other, with the language's own separators, and the currency's code. Spanish writes numbers
 * in a different way in each country, and the first two letters of a currency say which (ISO 4217): $1,250,000.00 MXN,
 * $ 1.250.000,00 ARS. An amount without a currency is a text of a vendor's, and is shown as it came.
 */
export function shownAmount(
  locale: string,
  { amount, currency }: { readonly amount: string; readonly currency: string },
): string {
  if (currency === '') return amount
  const digits = amount.split('.')[1]?.length ?? 0
  const spell = (tag: string, currencyDisplay: 'code' | 'narrowSymbol') =>
    new Intl.NumberFormat(tag, {
      style: 'currency',
      currency,
      currencyDisplay,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(amount as Intl.StringNumericLiteral)
  if (locale !== 'es') return spell(locale, 'code')
  const local = `es-${currency.slice(0, 2)}`
  const withSign = spell(local, 'narrowSymbol')
  return withSign.startsWith('$') ? `${withSign} ${currency}` : spell(local, 'code')
}
