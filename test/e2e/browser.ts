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
  // Made for small functions in a cloud; in one process it ends with the first context that is closed, and a page that
  // may call everywhere would hide what ours must not.
  const unwanted = ['--single-process', '--no-zygote', '--disable-web-security', '--allow-running-insecure-content']
  const args = sparticuz.args.filter((arg) => !unwanted.includes(arg))
  return chromium.launch({ executablePath: await sparticuz.executablePath(), args })
}
