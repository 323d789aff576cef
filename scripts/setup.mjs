/**
 * @file Sets a fresh clone up: installs what package-lock.json names when that is missing or stale, generates the shader
 * module, and with `--adapter` unpacks the software GPU. npm runs it before start, test, bench and build. Plain JavaScript
 * without dependencies and without shell syntax, because it runs before anything is installed, on every system.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs one program; the set-up fails with it. */
function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`setup: ${[program, ...args].join(' ')} ended with code ${status}`)
}

/** Runs one node script with this node. */
const node = (...args) => run(process.execPath, args)

/** npm writes node_modules/.package-lock.json last, so its age is the age of the whole installation. */
function installed() {
  const done = join(root, 'node_modules', '.package-lock.json')
  return existsSync(done) && statSync(done).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
}

if (!installed()) {
  console.error('setup: npm ci')
  // npm sets npm_execpath to its own script: started through node, it needs no shell (npm.cmd would, on Windows)
  const npm = process.env.npm_execpath
  if (npm && /\.c?js$/.test(npm)) node(npm, 'ci', '--no-fund', '--no-audit')
  else run('npm', ['ci', '--no-fund', '--no-audit'], { shell: process.platform === 'win32' })
}

node(join(root, 'scripts', 'shaders.mjs'))

if (process.argv.includes('--adapter')) {
  const { unpackSwiftShader } = await import(pathToFileURL(join(root, 'scripts', 'adapter.mjs')).href)
  await unpackSwiftShader()
}
