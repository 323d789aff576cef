// @ts-check
/**
 * @file Builds `handgrad verify` out of src/verify and the rows of the tests (test/table): session.js for the command
 * line, which imports the engine that lies beside it in dist/, and verify.html, one file with the engine in it, which
 * needs no server.
 */
import { writeFileSync } from 'node:fs'
import { join, posix, relative, resolve, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundled, page, version } from './page.mjs'
import { root } from './run.mjs'

const src = join(root, 'src')

/**
 * Leaves what tsc built where it is: an import of src/NAME.ts becomes one of ../NAME.js.
 * @type {import('esbuild').Plugin}
 */
const engineOutside = {
  name: 'engine outside',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = relative(src, resolve(resolveDir, path)).split(sep).join('/')
      if (file.startsWith('..') || file.startsWith('verify/')) return undefined
      return { path: posix.join('..', file.replace(/\.ts$/, '.js')), external: true }
    })
  },
}

/**
 * A module that unpacks a script and runs it: with the engine and every shader in it the page would be most of what is
 * installed.
 * @param {string} script
 */
const unpacking = (script) => `
const packed = Uint8Array.from(atob('${gzipSync(script, { level: 9 }).toString('base64')}'), (c) => c.charCodeAt(0))
const script = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).text()
await import(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
`

/**
 * The page's text, complete.
 * @param {(script: string) => string} [change]  of its script: tests put faults into it
 */
export async function verifyPage(change = (script) => script) {
  const script = await bundled('verify/page.ts', { define: { VERSION: version() } })
  return page('verify/page.html', unpacking(change(script)))
}

/** @param {string} folder of dist/, made by tsc */
export async function buildVerify(folder) {
  writeFileSync(
    join(folder, 'session.js'),
    await bundled('verify/session.ts', { platform: 'node', plugins: [engineOutside] }),
  )
  writeFileSync(join(folder, 'verify.html'), await verifyPage())
}
