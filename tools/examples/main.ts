/**
 * @file `npm run examples -- --data DIR [--device cpu|webgpu] [NAME …]`: every program of examples/ in its full size,
 * from the packed and installed package, by its public API alone, and the table docs/made/examples.md. Some train for a
 * quarter of an hour. The exit code is 1 if a goal is missed.
 */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { prepareAdapter } from '../../scripts/adapter.mjs'
import { programOf, root, runNode } from '../../scripts/run.mjs'
import type { Example } from '../../test/examples/example.ts'
import { npm } from '../package/harness.mjs'
import { type Ran, withRuns } from './page.ts'

const PAGE = join(root, 'docs', 'made', 'examples.md')
const cases = join(root, 'test', 'examples', 'cases')
const known = readdirSync(cases).map((file) => file.replace('.ts', ''))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: process.env['HANDGRAD_DATA'] ?? '' },
    device: { type: 'string', default: 'cpu,webgpu' },
    size: { type: 'string', default: 'full' },
    out: { type: 'string', default: PAGE },
  },
})
const names = positionals.length > 0 ? positionals : known
const strange = names.find((name) => !known.includes(name))
if (strange !== undefined) throw new Error(`examples: there is no '${strange}' (one of ${known.join(', ')})`)
if (!existsSync(join(values.data, 'mnist')))
  throw new Error(`examples: there is no folder '${values.data}/mnist' (--data DIR)`)

/** A user's folder, in which the package is installed. */
const user = mkdtempSync(join(tmpdir(), 'handgrad-examples-'))
try {
  await install()
  if (values.device.includes('webgpu')) await prepareAdapter()
  const ran: Ran[] = []
  for (const name of names)
    for (const kind of values.device.split(',')) {
      console.log(`${name} on ${kind}`)
      const one = await run(name, kind)
      ran.push(one)
      console.log(`  ${one.result}, ${one.seconds.toFixed(0)} s`)
      for (const goal of one.missed) console.log(`  missed: ${goal}`)
      writeFileSync(values.out, withRuns(existsSync(values.out) ? readFileSync(values.out, 'utf8') : '', ran))
    }
  if (ran.some(({ missed }) => missed.length > 0)) process.exitCode = 1
} finally {
  rmSync(user, { recursive: true, force: true })
}

/** The package as a user has it, its examples, and what says what they must reach. */
async function install(): Promise<void> {
  await runNode([join(root, 'scripts', 'build.mjs')])
  await npm(['pack', '--ignore-scripts', '--pack-destination', user], root)
  const tarball = join(user, readdirSync(user).find((file) => file.endsWith('.tgz')) ?? '')
  writeFileSync(join(user, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n')
  await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], user)
  const modules = join(user, 'node_modules')
  // The optional peer, as it is installed here.
  symlinkSync(join(root, 'node_modules', 'webgpu'), join(modules, 'webgpu'), 'junction')
  cpSync(join(modules, 'handgrad', 'examples'), join(user, 'examples'), { recursive: true })
  // What its goals are, and what checks a file of one.
  for (const judge of [['examples'], ['support', 'traceformat.ts']])
    cpSync(join(root, 'test', ...judge), join(user, 'test', ...judge), { recursive: true })
}

/** Run one program in a process of its own; its progress is shown. */
async function run(name: string, kind: string): Promise<Ran> {
  const { file, full }: Example = (await import(pathToFileURL(join(cases, `${name}.ts`)).href)).one
  // What has no larger size is judged by goals for data of its own making.
  const real = values.size === 'full' && full !== undefined
  const given = Object.entries(real ? full : {}).map(([option, value]) => `--${option} ${value}`)
  const about = { program: file, options: given.join(' ') }
  const { HANDGRAD_DATA: _, ...others } = process.env
  return new Promise((resolve, reject) => {
    const args = [programOf('tsx'), join('test', 'examples', 'alone.ts'), name, kind, values.size]
    const env = real ? { ...others, HANDGRAD_DATA: values.data } : others
    const child = spawn(process.execPath, args, { cwd: user, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk) => (text += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      const found = text.trim().split('\n').at(-1) ?? ''
      if (code !== 0 || !found.startsWith('{'))
        return reject(new Error(`${name} on ${kind}: exit code ${code}\n${text}`))
      resolve({ ...about, ...JSON.parse(found) })
    })
  })
}
