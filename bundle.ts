import { rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { stampOf } from './src/cli/bundle-stamp.ts'

// Puts the server and its packages into a few files, which start in half the time of two thousand
// (docs/decisions/0004-starting-fast.md). `src/cli/main.js` takes them as long as they are of the same source.

const root = new URL('./', import.meta.url)
const rootPath = fileURLToPath(root)
const folder = fileURLToPath(new URL('dist', root))

/** Files beside a source (migrations, pages) stay where they are. */
const ownPlaces: Plugin = {
  name: 'own-places',
  transform(code, id) {
    if (!code.includes('import.meta.url') || !/^(src|simulator)[\\/]/.test(relative(rootPath, id))) return undefined
    const place = relative(folder, id).replaceAll('\\', '/')
    // The lines stay what they were.
    return {
      code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`),
      map: null,
    }
  },
}

/** An import of one of Node's own modules as ESM reads all it exports, and so loads half of Node. */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  // The bundle's own first lines need `node:module`.
  resolveId: (id) =>
    isBuiltin(id) && id !== 'node:module' ? { id: `\0builtin:${id}`, moduleSideEffects: false } : undefined,
  load: (id) =>
    id.startsWith('\0builtin:')
      ? { code: `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(9))})`, moduleType: 'js' }
      : undefined,
}

// Before a source is read: one that changes meanwhile is not in it.
const stamp = stampOf(root)
rmSync(folder, { recursive: true, force: true })
const bundle = await rolldown({
  input: {
    program: fileURLToPath(new URL('src/cli/program.ts', root)),
    'bundle-stamp': fileURLToPath(new URL('src/cli/bundle-stamp.ts', root)),
  },
  cwd: rootPath,
  platform: 'node',
  // Not installed, and large and seldom asked for.
  external: ['pg-native', '@scalar/fastify-api-reference'],
  plugins: [ownPlaces, lazyBuiltins],
})
await bundle.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name]-[hash].mjs',
  // For stacks; the sources lie beside it.
  sourcemap: true,
  sourcemapExcludeSources: true,
})
await bundle.close()
writeFileSync(new URL('dist/stamp', root), stamp)
