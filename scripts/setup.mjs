// @ts-check
/**
 * @file Sets a fresh clone up: installs what package-lock.json names when that is missing or stale, generates the
 * shader modules, and unpacks the software GPU. Programs do it through do.mjs; `node scripts/setup.mjs` does it alone.
 * Plain JavaScript without dependencies and without shell syntax, because it runs before anything is installed, on
 * every system.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/**
 * Runs one program; the set-up fails with it.
 * @param {string} program
 * @param {string[]} args
 * @param {{ shell?: boolean }} [options]
 */
function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`setup: ${[program, ...args].join(' ')} ended with code ${status}`)
}

/** npm writes node_modules/.package-lock.json last, so its age is the age of the whole installation. */
function installed() {
  const done = join(root, 'node_modules', '.package-lock.json')
  return existsSync(done) && statSync(done).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
}

function install() {
  console.error('setup: npm ci')
  const args = ['ci', '--no-fund', '--no-audit']
  // npm sets npm_execpath to its own script: started through node, it needs no shell (npm.cmd would, on Windows)
  const npm = process.env.npm_execpath
  if (npm && /\.c?js$/.test(npm)) run(process.execPath, [npm, ...args])
  else run('npm', args, { shell: process.platform === 'win32' })
}

if (!installed()) install()
run(process.execPath, [join(root, 'scripts', 'shaders.mjs')])
const { unpackSwiftShader } = await import('./adapter.mjs')
await unpackSwiftShader()
