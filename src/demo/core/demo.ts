/** The same in every installation, so that starting again finds it. */
export const demo = {
  businessId: '0190a000-0000-7000-8000-000000000001',
  applicationId: '0190a000-0000-7000-8000-000000000002',
  name: 'Demo Bank',
} as const
