/**
 * @file Does `handgrad verify` find mistakes? `npx tsx tools/mutants/verify.ts` puts faults into the built package, one
 * at a time: of WGSL and of plans, drawn by a seed from all that shaders.ts and plans.ts can make. For each it runs the
 * published command, and, when that reports a fault, the line that it says repeats it. The result is
 * docs/made/verify.md. Ends with `N passed, N failed`: a fault that is found and repeated has passed.
 *
 * `--shaders N` (14), `--plans N` (6) to draw, `--seed N` (1), `--adapter NAME` (llvmpipe). dist/ must be there.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { prepareAdapter } from '../../scripts/adapter.mjs'
import { root } from '../../scripts/run.mjs'
import type { ShaderModule } from '../../src/core/contract.ts'
import { otherNames } from '../../src/verify/units.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { smallCases, watchLaunches } from '../../test/table/cover.ts'
import { opNames } from '../../test/table/run.ts'
import { table } from '../../test/table/table.ts'
import { causeOf } from './explained.ts'
import { lineOf, linesOf, type Mutant, shuffled } from './mutant.ts'
import { mutantsOf as planMutants } from './plans.ts'
import { numberOf, reachOf } from './reach.ts'
import { mutantsOf as shaderMutants } from './shaders.ts'

const { values: given } = parseArgs({
  options: {
    shaders: { type: 'string', default: '14' },
    plans: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    adapter: { type: 'string', default: 'llvmpipe' },
  },
})
const seed = Number(given.seed)
const begun = Date.now()
const say = (text: string): void => console.log(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${text}`)

// ---- what could be wrong

const texts = new Map<string, string>()
const modules: Readonly<Record<string, readonly ShaderModule[]>> = wgsl
const candidates: Mutant[] = []
for (const { file, text } of Object.values(modules).flatMap((list) => list.flatMap((m) => [m.source, ...m.libs]))) {
  if (texts.has(file)) continue
  texts.set(file, text)
  candidates.push(...shaderMutants(file, text))
}
const plansFolder = 'src/webgpu/plans'
for (const name of readdirSync(join(root, plansFolder))
  .filter((one) => one.endsWith('.ts'))
  .sort()) {
  const file = `${plansFolder}/${name}`
  const text = readFileSync(join(root, file), 'utf8')
  texts.set(file, text)
  candidates.push(...planMutants(file, text))
}
const textOf = (file: string): string => texts.get(file) as string

// ---- which ops run it

const launchedBy = new Map<string, Set<string>>(opNames.map((op) => [op, new Set()]))
for (const op of opNames)
  watchLaunches(op, smallCases(table[op], 1500), ({ kernel, constants = {} }) => {
    launchedBy.get(op)?.add(kernel.name)
    for (const value of Object.values(constants)) launchedBy.get(op)?.add(`${kernel.name} ${value}`)
  })

/** Ops that launch what a mutant is in; all where a plan's file is shared. Optimizers and the like are always run. */
function reaching(mutant: Mutant): string[] {
  const keys = new Set<string>()
  if (mutant.group === 'shader')
    for (const { kernel, labels } of reachOf(modules, mutant.file, mutant.start))
      for (const label of labels ?? [null])
        keys.add(label === null ? kernel : `${kernel} ${numberOf(modules, kernel, label)}`)
  else keys.add(mutant.file.slice(plansFolder.length + 1, -'.ts'.length))
  const ops = opNames.filter((op) => [...keys].some((key) => launchedBy.get(op)?.has(key)))
  return [...ops, ...otherNames.keys()]
}

// ---- the package with a fault in it

const cache = join(root, 'node_modules', '.cache', 'handgrad')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'verify-'))
const installed = join(folder, 'node_modules', 'handgrad')
cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true })
cpSync(join(root, 'package.json'), join(installed, 'package.json'))
symlinkSync(join(root, 'node_modules', 'webgpu'), join(folder, 'node_modules', 'webgpu'), 'junction')
const wgslFile = join(installed, 'dist', 'webgpu', 'wgsl.generated.js')
const wgslText = readFileSync(wgslFile, 'utf8')

/** Put a mutant into the package; what it returns takes it out. */
function plant(mutant: Mutant): () => void {
  const text = textOf(mutant.file)
  const changed = text.slice(0, mutant.start) + mutant.mutated + text.slice(mutant.end)
  if (mutant.group === 'shader') {
    const [before, after] = [JSON.stringify(text), JSON.stringify(changed)]
    if (wgslText.split(before).length !== 2) throw new Error(`dist/ has not the text of ${mutant.file} (npm run build)`)
    writeFileSync(
      wgslFile,
      wgslText.replace(before, () => after),
    )
    return () => writeFileSync(wgslFile, wgslText)
  }
  const file = join(installed, mutant.file.replace(/^src/, 'dist').replace(/\.ts$/, '.js'))
  const original = readFileSync(file, 'utf8')
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    rewriteRelativeImportExtensions: true,
  }
  writeFileSync(file, ts.transpileModule(changed, { compilerOptions }).outputText)
  return () => writeFileSync(file, original)
}

interface Run {
  readonly code: number | null
  readonly out: string
}

/** The published command. Ended as soon as it reports a fault, where that is enough. */
function verify(args: readonly string[], untilFault: boolean): Promise<Run> {
  const program = join(installed, 'dist', 'cli', 'main.js')
  const child = spawn(process.execPath, [program, 'verify', ...args, '--out', join(folder, 'out')], { cwd: folder })
  let out = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        out += chunk.toString()
        // A fault's second line repeats it; without one there is none to wait for.
        if (untilFault && /^FAILED .*\n {2}npx handgrad verify.*\n/m.test(out)) child.kill()
      })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out }))
  })
}

interface Trial {
  readonly mutant: Mutant
  readonly outcome: 'found and repeated' | 'found, not repeated' | 'missed' | 'does not compile' | 'equivalent'
  readonly note: string
  readonly line?: string
  readonly seconds: number
}

async function trial(mutant: Mutant): Promise<Trial> {
  const from = Date.now()
  const done = (outcome: Trial['outcome'], note: string, line?: string): Trial => ({
    mutant,
    outcome,
    note,
    line,
    seconds: (Date.now() - from) / 1000,
  })
  const cause = causeOf(textOf(mutant.file), mutant)
  if (cause?.startsWith('equivalent')) return done('equivalent', cause)
  const unplant = plant(mutant)
  try {
    const own = ['--adapter', given.adapter]
    // Those that run it first; only a run of everything says that nothing is found.
    let run = await verify([...own, '--op', reaching(mutant).join(',')], true)
    if (run.code === 0) run = await verify(own, true)
    if (run.code === 0) return done('missed', 'nothing was reported')
    const [, fault, line] = /^FAILED (.*)\n {2}npx handgrad verify (.*)$/m.exec(run.out) ?? []
    if (!fault) return done('found, not repeated', run.out.trim().split('\n').at(-1) ?? '')
    if (/\.wgsl(:\d+)?: .*(, in "|: error)/.test(fault)) return done('does not compile', fault)
    const again = await verify(line.split(' '), false)
    const same = again.code === 1 && /^FAILED /m.test(again.out)
    return done(same ? 'found and repeated' : 'found, not repeated', fault, line)
  } finally {
    unplant()
  }
}

// ---- the run

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim()
const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
const code = (text: string): string => `\`${short(tidy(text), 60).replaceAll('|', '\\|')}\``

function page(trials: readonly Trial[]): string {
  const counted = trials.filter(({ outcome }) => outcome !== 'does not compile' && outcome !== 'equivalent')
  const found = counted.filter(({ outcome }) => outcome.startsWith('found'))
  const repeated = counted.filter(({ outcome }) => outcome === 'found and repeated')
  const rows = trials.map(({ mutant, outcome, note, line, seconds }) => {
    const { file, start, where, original, mutated } = mutant
    const place = `${file}:${lineOf(textOf(file), start)} ${where}`
    const told = short(tidy(note), 140).replaceAll('|', '\\|')
    return `| ${place} | ${code(original)} → ${code(mutated)} | ${outcome} | ${told} | ${line ? `\`${line}\`` : ''} | ${seconds.toFixed(0)} |`
  })
  return [
    '# What `handgrad verify` finds',
    '',
    'Faults put into the built package, one at a time, drawn by a seed from all small changes of the WGSL and of the plans that decide what is',
    'dispatched (`tools/mutants/verify.ts`). For each the published command was run on the ops that launch it, and on everything where these said',
    'nothing; then the line that its report says repeats the fault. Another is drawn in the place of one that does not compile, or of one that no',
    'input can tell from the original, for the reason given.',
    '',
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Command: \`npx tsx tools/mutants/verify.ts${process.argv.length > 2 ? ` ${process.argv.slice(2).join(' ')}` : ''}\` (seed ${seed}), ${((Date.now() - begun) / 1000).toFixed(0)} s`,
    `- Adapter: ${given.adapter}`,
    `- Found: ${found.length} of ${counted.length}; repeated by their lines: ${repeated.length} of ${found.length}`,
    '',
    '| where | change | outcome | what was reported | line | s |',
    '| --- | --- | --- | --- | --- | ---: |',
    ...rows,
    '',
  ].join('\n')
}

await prepareAdapter()
const trials: Trial[] = []
try {
  const sound = await verify(['--adapter', given.adapter, '--op', 'add', '--setup', 'plain'], false)
  if (sound.code !== 0) throw new Error(`the package fails without a fault in it:\n${sound.out}`)
  for (const [group, count] of [
    ['shader', Number(given.shaders)],
    ['plan', Number(given.plans)],
  ] as const) {
    const queue = shuffled(
      candidates.filter((mutant) => mutant.group === group),
      textOf,
      seed,
    )
    say(`${queue.length} possible in ${group === 'shader' ? 'WGSL' : 'plans'}; ${count} are drawn by seed ${seed}`)
    let wanted = count
    for (const mutant of queue) {
      if (wanted === 0) break
      const result = await trial(mutant)
      trials.push(result)
      if (result.outcome !== 'does not compile' && result.outcome !== 'equivalent') wanted--
      const change = `${tidy(mutant.original)} → ${tidy(mutant.mutated)}`
      say(
        `${result.outcome}: ${mutant.file}:${lineOf(textOf(mutant.file), mutant.start)} ${mutant.where}: ${change} (${short(tidy(result.note), 160)}; ${result.seconds.toFixed(0)} s)`,
      )
      if (result.outcome === 'missed') {
        const { before, after } = linesOf(textOf(mutant.file), mutant)
        console.log(JSON.stringify({ file: mutant.file, original: before, mutated: after, cause: '' }))
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
writeFileSync(join(root, 'docs/made/verify.md'), page(trials))
console.log('written to docs/made/verify.md')
const of = (outcome: Trial['outcome']): number => trials.filter((one) => one.outcome === outcome).length
console.log(`${of('found and repeated')} passed, ${of('missed') + of('found, not repeated')} failed`)
process.exitCode = of('missed') + of('found, not repeated') > 0 ? 1 : 0
