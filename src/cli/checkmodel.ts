/**
 * @file `handgrad check-model DIR`: whether a model is what it should be. Its files are held against their checksums,
 * its likeliest text against the one that is known, and what it computes through a cache, and in a batch, against what
 * it computes without.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { openScope } from '../core/scope.ts'
import { sha256Of } from '../data/fetching.ts'
import { generate, KVCache } from '../generate/index.ts'
import { isMissing } from '../io/files.ts'
import { type ForwardOptions, type LanguageModel, load } from '../models/index.ts'
import { tensor } from '../node.ts'
import { openDevice } from './devices.ts'
import { type Model, models } from './fetch.ts'
import { oneOf, parseOptions } from './options.ts'

export const checkModelOptions = {
  model: {
    value: 'NAME',
    help: `what it should be: ${Object.keys(models).join(', ')}`,
    standard: 'the one whose config.json it has; without one, checksums and text are left out',
  },
  device: { value: 'NAME', help: 'cpu, webgpu or auto', standard: 'auto' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name" },
  help: { help: 'show this' },
} as const

/** One check: what was held against what, and what is wrong, if anything. */
export interface Check {
  readonly what: string
  readonly fault: string | null
}

/** What rounding may make of logits, of the largest. */
const BOUND = 1e-5
/** Tokens that are read with a cache and without. */
const LENGTH = 48

const op = 'check-model'

/** What is wrong with a file. */
async function faultOf(folder: string, [name, size, sum]: Model['files'][number]): Promise<string | null> {
  const path = join(folder, name)
  const found = await stat(path).catch((error: unknown) =>
    isMissing(error) ? null : fail(op, `cannot read ${name}`, 'may you read it?'),
  )
  if (!found) return 'it is missing'
  if (found.size !== size) return `it has ${found.size} bytes, not ${size}`
  const hash = await sha256Of(op, path)
  return hash === sum ? null : `it has SHA-256 ${hash}, not ${sum}`
}

/** The known model whose config.json is in a folder. */
async function recognised(folder: string): Promise<string | undefined> {
  for (const [name, { files }] of Object.entries(models)) {
    const config = files.find(([file]) => file === 'config.json')
    if (config && (await faultOf(folder, config)) === null) return name
  }
  return undefined
}

/** Logits of rows of ids, [rows, tokens, vocabulary], on the host. */
async function logitsOf(
  model: LanguageModel,
  rows: readonly (readonly number[])[],
  options: ForwardOptions,
): Promise<Float32Array> {
  const { device } = model.parameters()[0]
  using s = openScope()
  const ids = () => tensor(Int32Array.from(rows.flat()), { shape: [rows.length, rows[0].length], device })
  return (await s.run(() => noGrad(() => model.forward(ids(), options))).data()) as Float32Array // as loaded
}

/** The largest difference of two rows of numbers, of the largest number. */
function errorOf(a: Float32Array, b: Float32Array): number {
  let [difference, largest] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    largest = Math.max(largest, Math.abs(b[i]))
    if (!Number.isFinite(a[i] - b[i])) return Infinity
  }
  return difference / largest
}

/** How far logits of a text are from those without a cache: half of it at once, then token by token. */
export async function cacheError(model: LanguageModel, ids: readonly number[]): Promise<number> {
  const whole = await logitsOf(model, [ids], {})
  const vocabulary = whole.length / ids.length
  const cache = new KVCache(model, { length: ids.length })
  try {
    let [at, worst] = [0, 0]
    const half = Math.ceil(ids.length / 2)
    const pieces = [ids.slice(0, half), ...ids.slice(half).map((id) => [id])]
    for (const piece of pieces) {
      const found = await logitsOf(model, [piece], { cache })
      const end = at + piece.length
      worst = Math.max(worst, errorOf(found, whole.subarray(at * vocabulary, end * vocabulary)))
      at = end
    }
    return worst
  } finally {
    cache.dispose()
  }
}

/** How far logits of a text are from those it has beside a longer one, filled up on its right. */
export async function batchError(model: LanguageModel, ids: readonly number[]): Promise<number> {
  const short = ids.slice(0, Math.ceil(ids.length / 3))
  const alone = await logitsOf(model, [short], {})
  const rows = [ids, [...short, ...new Array<number>(ids.length - short.length).fill(ids[0])]]
  const both = await logitsOf(model, rows, { lengths: [ids.length, short.length] })
  const begin = both.length / 2
  return errorOf(both.subarray(begin, begin + alone.length), alone)
}

/** Check after check; the first file that is another ends it. */
export async function* checksOf(folder: string, known: Model | undefined, device: Device): AsyncGenerator<Check, void> {
  for (const file of known?.files ?? []) {
    const fault = await faultOf(folder, file)
    yield { what: `${file[0]}: ${file[1]} bytes, SHA-256`, fault }
    if (fault) return
  }
  const model = await load(folder, { device })
  try {
    const { vocab_size: vocabulary } = model.config as { vocab_size: number } // every family has it
    const length = Math.min(LENGTH, model.cacheSizes.positions)
    const ids = Array.from({ length }, (_, i) => (i * 7919 + 13) % vocabulary)
    for (const [what, error] of [
      [`logits of ${length} tokens through a cache and without`, await cacheError(model, ids)],
      ['logits of a text beside a longer one and alone', await batchError(model, ids)],
    ] as const) {
      const fault =
        error <= BOUND ? null : `they differ by ${error.toExponential(1)} of the largest, not ${BOUND} at most`
      yield { what, fault }
    }
    if (known?.greedy) {
      const { prompt, ids: expected } = known.greedy
      const { ids: found } = await generate.all(model, prompt, { maxTokens: expected.length, temperature: 0 })
      const at = expected.findIndex((id, i) => found[i] !== id)
      const fault = at < 0 ? null : `token ${at + 1} is ${found[at] ?? 'missing'}, not ${expected[at]}`
      yield { what: `the likeliest ${expected.length} tokens after ${prompt.join(' ')}`, fault }
    }
  } finally {
    for (const x of model.parameters()) x.dispose()
  }
}

/** Run the command; exit code 1 if anything is wrong. */
export async function checkModel([folder, ...args]: readonly string[]): Promise<void> {
  if (folder === undefined || folder.startsWith('--')) fail(op, 'which folder?', `such as handgrad ${op} gpt2`)
  const given = parseOptions(op, checkModelOptions, args)
  const name = given.model === undefined ? await recognised(folder) : oneOf(op, 'model', given.model, models)
  const device = await openDevice(op, given.device ?? 'auto', given.adapter, console.log)
  console.log(name ? `${folder} as ${name}` : `${folder}: none that is known, so no checksums and no known text`)
  for await (const { what, fault } of checksOf(folder, name === undefined ? undefined : models[name], device)) {
    console.log(`${fault === null ? 'ok    ' : 'FAILED'} ${what}${fault === null ? '' : `: ${fault}`}`)
    if (fault !== null) process.exitCode = 1
  }
}
