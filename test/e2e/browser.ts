import sparticuz from '@sparticuz/chromium'
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const installed = [
  process.env['CENTANG_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A browser of the system, else the one that npm brought. */
export async function launchBrowser(): Promise<Browser> {
  const found = installed.find((path) => path !== undefined && existsSync(path))
  if (found !== undefined) return chromium.launch({ executablePath: found, args: ['--no-sandbox'] })
  return chromium.launch({ executablePath: await sparticuz.executablePath(), args: sparticuz.args })
}
