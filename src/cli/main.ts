#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Types are stripped and everything is compiled once, not at every start. The cache lies with the packages, where
// nobody else can write; where we can't either, Node does without.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/centang', import.meta.url)))
const { run } = await import('./program.ts')
await run()
