/**
 * @file Random programs give the same in the interpreter and on the adapter: integers bit for bit, floats within what
 * the specification allows. The interpreter's are what operators give that round to the nearest, one after the other.
 * A program that fails is printed. HANDGRAD_BATCHES=100-400 takes others than the usual ones.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { globals } from 'webgpu'
import { findGpu } from '../support/adapters.ts'
import { type Outcome, runAll } from './random/adapters.ts'
import { differences, type Wrong, wrongFloats, wrongRounding } from './random/compare.ts'
import { compiled, interpret, type Way } from './random/interpreter.ts'
import { type Batch, makeBatch } from './random/programs.ts'

/** In all 506 programs: 39 batches of twelve, 38 of one. */
const [from, to] = (process.env.HANDGRAD_BATCHES ?? '0-77').split('-').map(Number)

/**
 * Programs, as batch/place, that SwiftShader computes otherwise. A number or bool without a value is 0 or false; where
 * it is put into a vector whose other components are known, `~` and the like of that vector are wrong there:
 * `var v: vec2<u32>; v.x += 1u; v = ~v;` leaves 0 in v.y.
 */
const swiftShader: readonly string[] = ['2/0', '3/1', '14/11', '64/0', '74/10']

const ways: readonly Way[] = [
  { checked: true, reversed: false },
  { checked: false, reversed: true, contract: 5 },
]

const batches = Array.from({ length: to - from }, (_, i) => makeBatch(from + i))
const devices: GPUDevice[] = []
let adapterName = ''

beforeAll(async () => {
  Object.assign(globalThis, globals)
  const { gpu, adapter, name } = await findGpu()
  adapterName = name
  // Two, because lavapipe compiles for each in one thread.
  const second = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  for (const one of [adapter, second as GPUAdapter]) devices.push(await one.requestDevice())
})
afterAll(() => {
  for (const device of devices) device.destroy()
})

/** What is wrong with each program, with its text. */
function told(batch: Batch, who: string, wrong: readonly Wrong[]): string[] {
  const places = [...new Set(wrong.map(({ place }) => place))]
  return places.map((place) => {
    const [first, ...more] = wrong.filter((one) => one.place === place)
    const { text } = batch.programs.find((one) => one.place === place)!
    return `batch ${batch.seed}, place ${place}: ${who}: ${first.what} and ${more.length} more\n${text}`
  })
}

/** What the interpreter makes of a batch in each way, or why not: refused, a fault is found, it fails. */
function interpreted(batch: Batch): Outcome[] {
  try {
    const module = compiled(batch)
    return ways.map((way) => interpret(batch, module, way))
  } catch (error) {
    return [error as Error]
  }
}

test(`random programs of batches ${from} to ${to - 1}`, async () => {
  const [left, right] = [0, 1].map((half) =>
    runAll(
      devices[half],
      batches.filter((_, i) => i % 2 === half),
    ),
  )
  const own: Outcome[][] = []
  for (const batch of batches) {
    own.push(interpreted(batch))
    // Lets the devices go on.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const outcomes = [await left, await right]
  const found = batches.flatMap((batch, i) => {
    const there = outcomes[i % 2][i >> 1]
    const errors = [there, ...own[i]].filter((one) => one instanceof Error)
    if (there instanceof Error || errors.length > 0) return errors.map((error) => `batch ${batch.seed}: ${error.stack}`)
    const all = (own[i] as Exclude<Outcome, Error>[]).flatMap((outcome, k) => [
      ...told(batch, `interpreter, way ${k}`, wrongFloats(batch, outcome)),
      ...told(
        batch,
        `way ${k}, adapter`,
        differences(batch, outcome, there).filter(({ place }) => !isExcused(batch, place)),
      ),
    ])
    const rounding = wrongRounding(batch, own[i][0] as Exclude<Outcome, Error>)
    return [...all, ...told(batch, 'rounding', rounding), ...told(batch, 'adapter', wrongFloats(batch, there))]
  })
  expect(found.slice(0, 4).join('\n\n')).toBe('')
  expect(batches.reduce((sum, { programs }) => sum + programs.length, 0)).toBeGreaterThanOrEqual(from === 0 ? 500 : 1)
})

const isExcused = ({ seed }: Batch, place: number): boolean =>
  /swiftshader/i.test(adapterName) && swiftShader.includes(`${seed}/${place}`)
