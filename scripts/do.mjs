// @ts-check
/**
 * @file What npm scripts begin with: `node scripts/do.mjs PROGRAM [args]` sets the clone up (setup.mjs) and runs a
 * program: `node` with a script, or an installed package's own (tsx, vitest). Its exit code is the program's.
 */
import { spawn } from 'node:child_process'
import { programOf, root } from './run.mjs'
import './setup.mjs'

const [program, ...args] = process.argv.slice(2)
const script = program === 'node' ? [] : [programOf(program)]
const child = spawn(process.execPath, [...script, ...args], { cwd: root, stdio: 'inherit' })
// ctrl-C reaches both: the program ends first, and this one with it
process.on('SIGINT', () => {})
// who stops this process stops the program
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  throw error
})
child.on('close', (code) => {
  process.exitCode = code ?? 1
})
