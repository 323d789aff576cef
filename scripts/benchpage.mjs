// @ts-check
/**
 * @file `npm run bench:web [-- --out FILE]`: one page with the benchmarks in it, which needs no server and loads
 * nothing: open it in a browser with WebGPU. The worker that measures is a second script inside the first.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundled, page, version } from './page.mjs'
import { root } from './run.mjs'

/** The committed reports of devices, by the names of their files. */
function devices() {
  const from = join(root, 'bench', 'devices')
  const files = existsSync(from) ? readdirSync(from).filter((file) => file.endsWith('.json')) : []
  return Object.fromEntries(
    files.map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(from, file), 'utf8'))]),
  )
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** The page's text, complete. */
export async function benchPage() {
  const about = { VERSION: version(), COMMIT: JSON.stringify(commit()) }
  // A worker that is a module may not be made of a blob in a page that is a file.
  const worker = await bundled('bench/web/worker.ts', { define: about, format: 'iife' })
  const define = { WORKER: JSON.stringify(worker), DEVICES: JSON.stringify(devices()) }
  return page('bench/web/page.html', await bundled('bench/web/page.ts', { define }))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'runs', 'bench-web.html') } } })
  mkdirSync(dirname(values.out), { recursive: true })
  const text = await benchPage()
  writeFileSync(values.out, text)
  console.log(`${values.out}: ${(text.length / 2 ** 20).toFixed(1)} MiB; open it in a browser with WebGPU`)
}
