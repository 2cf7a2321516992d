/**
 * Ranges that libphonenumber calls valid but that earn somebody money with every message: global satellite and
 * international premium numbers (ITU-T E.164 country codes 870, 878, 881–883, 888, 979) and US premium rate.
 */
const deniedPrefixes = ['+870', '+878', '+881', '+882', '+883', '+888', '+979', '+1900', '+1976']

export const isDeniedRange = (phoneNumber: string): boolean =>
  deniedPrefixes.some((prefix) => phoneNumber.startsWith(prefix))
