// @ts-check
/** @file Starts the programs of installed packages with this node: no shell, so the same on every system. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

/**
 * The file of a package's program.
 * @param {string} name of the package
 * @param {string} [program] its name, where a package has several
 */
export function programOf(name, program = name) {
  const folder = require.resolve
    .paths(name)
    ?.map((path) => join(path, name))
    .find(hasManifest)
  if (!folder) throw new Error(`the package ${name} is not installed (run npm ci)`)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[program])
}

/** @param {string} folder */
function hasManifest(folder) {
  try {
    return readFileSync(join(folder, 'package.json')).length > 0
  } catch {
    return false
  }
}

/**
 * Runs a node script in the repository's root, passes its output on, and returns its exit code and what its last line
 * `N passed, N failed` says (without one: 1 passed, or 1 failed if the code is not 0).
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to this process's own
 * @param {string} [program] another Node than this one
 * @returns {Promise<{ code: number, passed: number, failed: number }>}
 */
export function runNode(args, env = {}, program = process.execPath) {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
    process.stdout.write(chunk)
    text = (text + chunk.toString()).slice(-4000)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      const code = status ?? 1
      const total = [...text.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1)
      const failed = Number(total?.[2] ?? 0)
      const passed = Number(total?.[1] ?? (code === 0 ? 1 : 0))
      resolve({ code, passed, failed: code !== 0 && failed === 0 ? 1 : failed })
    })
  })
}

/**
 * Prints the last line that .ci/run reads, the sum of several runs, and sets the exit code.
 * @param {readonly { passed: number, failed: number }[]} runs
 */
export function printTotal(runs) {
  const passed = runs.reduce((sum, run) => sum + run.passed, 0)
  const failed = runs.reduce((sum, run) => sum + run.failed, 0)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
