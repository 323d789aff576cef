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
import { build } from 'esbuild'
import { root } from './run.mjs'

const folder = join(root, 'src', 'bench', 'web')

/**
 * @param {string} entry  of src
 * @param {Record<string, string>} define
 */
async function bundled(entry, define = {}) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'src', entry)],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    // Errors and kernels are shown by their names.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    define,
  })
  return outputFiles[0].text
}

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
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const worker = await bundled('bench/web/worker.ts', {
    VERSION: JSON.stringify(version),
    COMMIT: JSON.stringify(commit()),
  })
  const script = await bundled('bench/web/page.ts', {
    WORKER: JSON.stringify(worker),
    DEVICES: JSON.stringify(devices()),
  })
  const css = await bundled('report/style.ts')
  const { style } = await import(`data:text/javascript,${encodeURIComponent(css)}`)
  return (
    readFileSync(join(folder, 'page.html'), 'utf8')
      .replace('/* style */', () => style)
      // What looks like the end of the script inside of its strings is not.
      .replace('/* script */', () => script.replaceAll('</script', '<\\/script'))
  )
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'runs', 'bench-web.html') } } })
  mkdirSync(dirname(values.out), { recursive: true })
  const text = await benchPage()
  writeFileSync(values.out, text)
  console.log(`${values.out}: ${(text.length / 2 ** 20).toFixed(1)} MiB; open it in a browser with WebGPU`)
}
