// @ts-check
/**
 * @file Type-checks the whole repository, with the TypeScript that builds the package or, with `--all`, also with the
 * oldest and the newest that users may have.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const packages = process.argv.includes('--all') ? ['typescript-5.9', 'typescript', 'typescript-7'] : ['typescript']
let failed = 0

for (const name of packages) {
  const { version } = require(`${name}/package.json`)
  const start = performance.now()
  const tsc = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', root], { cwd: root, stdio: 'inherit' })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`typescript ${version}: ${status === 0 ? 'ok' : 'failed'}, ${seconds} s`)
  if (status !== 0) failed++
}
process.exitCode = failed > 0 ? 1 : 0
