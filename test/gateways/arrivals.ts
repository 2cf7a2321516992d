import assert from 'node:assert/strict'
import { codeOn, eventually } from '../kit/api.ts'
import type { Server } from '../kit/api.ts'

/** Every code on a phone, when there is one and nothing came after it for a while. */
export async function codesOn(server: Server, number: string, count = 1): Promise<string[]> {
  await codeOn(server, number, count)
  await new Promise((done) => setTimeout(done, 400))
  const { body } = await server.simulate('GET', `/handsets/${number}/messages`)
  return body.messages.map(({ code }: { code: string }) => code)
}

/** What the gateway made of a call, as the API shows it. */
export async function verificationOf(server: Server, number: string) {
  const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(number)}`)
  return eventually(async () => body.data[0])
}

/** A code of the caller is in no log line and in no answer. */
export function assertUnseen(server: Server, code: string, ...answers: readonly unknown[]): void {
  assert.ok(!server.logged.join('').includes(code), 'the code is in the log')
  const told = JSON.stringify(answers)
  assert.ok(!told.includes(code), `the code ${code} is in an answer: ${told}`)
}

let codes = 100_000 + Math.floor(Math.random() * 800_000)
export const freshCode = (): string => String(codes++)
