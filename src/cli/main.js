#!/usr/bin/env node
// JavaScript, and the only file of it here: the first file of a TypeScript program is stripped of its types at every
// start, for a quarter of a second, because nothing has switched on the cache by then.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(`Centang needs Node 24.12 or newer, and this is ${process.version}. \`npm start\` brings one along.`)
  process.exit(2)
}
const root = new URL('../../', import.meta.url)
// Types are stripped and everything is compiled once, not at every start. The cache lies with the packages, where
// nobody else can write; where we can't either, Node does without.
module.enableCompileCache(fileURLToPath(new URL('node_modules/.cache/centang', root)))
// The bundle has this too, without types: to load what strips them takes 15 MB where nothing is in the cache. One of
// yesterday finds out that it is: its own source is in what it looks at.
// Where its making broke off there is no stamp.
const isMade = existsSync(new URL('dist/stamp', root))
const { findBundle } = await import(isMade ? new URL('dist/bundle-stamp.mjs', root).href : './bundle-stamp.ts')
const bundle = findBundle(root)
const { run } = await (bundle ? import(new URL('program.mjs', bundle).href) : import('./program.ts'))
await run()
