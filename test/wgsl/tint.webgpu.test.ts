/**
 * @file Tint, the compiler of Dawn and Chrome, gives the corpus the verdicts that are written there. Where it does not,
 * the snippet is named here with the sentence of the specification that decides.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { create } from 'webgpu'
import { findGpu } from '../support/adapters.ts'
import { corpus, type Snippet, unknown } from './corpus/index.ts'

/** Snippets that Tint judges otherwise, and why the corpus does not follow it. */
const differences: Readonly<Record<string, string>> = {
  'Const Expressions: the negative of the least abstract number':
    'Abstract Numeric Types: "An evaluation of an expression in one of these types must not overflow or produce an ' +
    'infinite or NaN value."',
}

const features = ['shader-f16', 'subgroups'] as const
type Feature = (typeof features)[number]
/** What a snippet is refused for, by name, where the device lacks it. */
const needs = ({ text }: Snippet): Feature[] =>
  features.filter((feature) => new RegExp(`\\benable\\b[^;]*${feature.replace('shader-', '')}`).test(text))

/** Snippets whose fault the front end tells of on another line than Tint. */
const elsewhere: readonly string[] = [
  'Blankspace: a null character', // Tint knows no line
  'Behaviors: a case that breaks', // the function, where Tint has its end
  'Resources: one binding twice in an entry point', // the entry point, where Tint has the variable
  'Resources: one binding twice through a function',
]

let device: GPUDevice
/** Dawn without a GPU, whose Tint knows all features; kept, because Dawn crashes when an instance is collected. */
const nowhere = create(['backend=null'])
let judge: GPUDevice

beforeAll(async () => {
  const { adapter } = await findGpu()
  device = await adapter.requestDevice({ requiredFeatures: features.filter((one) => adapter.features.has(one)) })
  judge = await (await nowhere.requestAdapter())!.requestDevice({ requiredFeatures: [...features] })
})
afterAll(() => {
  device?.destroy()
  judge?.destroy()
})

/** Tint's first error. */
async function errorOf(gpu: GPUDevice, code: string): Promise<string | undefined> {
  gpu.pushErrorScope('validation')
  const { messages } = await gpu.createShaderModule({ code }).getCompilationInfo()
  await gpu.popErrorScope()
  const error = messages.find(({ type }) => type === 'error')
  return error && `${error.lineNum}: ${error.message}`
}

/** Names of the snippets that Tint judges otherwise than the corpus, with what it says. */
async function disagreements(gpu: GPUDevice, snippets: readonly Snippet[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { name, text, fault } of snippets) {
    const error = await errorOf(gpu, text)
    if ((error !== undefined) !== (fault !== undefined)) found[name] = error ?? 'taken'
  }
  return found
}

test("the adapter's device agrees with every snippet whose features it has, and the rest are counted", async () => {
  const missing = features.filter((one) => !device.features.has(one))
  const without = corpus.filter((snippet) => needs(snippet).some((one) => missing.includes(one)))
  const judged = corpus.filter((snippet) => !without.includes(snippet))
  expect(Object.keys(await disagreements(device, judged))).toEqual(Object.keys(differences))
  const counted = Object.fromEntries(features.map((one) => [one, corpus.filter((s) => needs(s).includes(one)).length]))
  expect(counted).toEqual({ 'shader-f16': 19, subgroups: 25 })
  expect(judged.length + without.length).toBe(corpus.length)
})

test('a device that has all features agrees with every snippet', async () => {
  expect(Object.keys(await disagreements(judge, corpus))).toEqual(Object.keys(differences))
})

test('what the front end leaves out is WGSL all the same', async () => {
  expect(Object.keys(await disagreements(judge, unknown))).toEqual(unknown.map(({ name }) => name))
})

test('of what is refused, Tint has the fault on the same line', async () => {
  const found: string[] = []
  for (const { name, text, fault } of corpus) {
    const error = fault && (await errorOf(judge, text))
    if (error && Number.parseInt(error, 10) !== fault.line) found.push(name)
  }
  expect(found).toEqual(elsewhere)
})
