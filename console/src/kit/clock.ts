/** A time of the day as every page and the phone write it: 24 hours, two digits each, 08:15. */
export const clockTime = (at: string, language: string, precision: 'with seconds' | 'to the minute'): string =>
  new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    ...(precision === 'with seconds' && { second: '2-digit' }),
    hourCycle: 'h23',
  }).format(new Date(at))
