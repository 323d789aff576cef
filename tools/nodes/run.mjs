// @ts-check
/**
 * @file `npm run check:package nodes`: smoke.mjs, on what was built, in this Node and, on Linux x64, in Node 22 and 24
 * out of the npm packages that package.json beside this file names. They are installed here and not with the
 * repository: 380 MB, for one system only.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printTotal, runNode } from '../../scripts/run.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const programs = [process.execPath]
if (process.platform === 'linux' && process.arch === 'x64') {
  const done = join(here, 'node_modules', '.package-lock.json')
  if (!existsSync(done) || statSync(done).mtimeMs < statSync(join(here, 'package-lock.json')).mtimeMs) {
    const { status } = spawnSync('npm', ['ci', '--no-fund', '--no-audit'], { cwd: here, stdio: 'inherit' })
    if (status !== 0) throw new Error('npm ci failed in tools/nodes')
  }
  for (const name of ['node22', 'node24']) programs.push(join(here, 'node_modules', name, 'bin', 'node'))
}

const runs = []
for (const program of programs) runs.push(await runNode([join(here, 'smoke.mjs')], {}, program))
printTotal(runs)
