/**
 * @file Replays the layers of test/reference/nn*.json, which tools/reference_nn*.py wrote with PyTorch in float64: the
 * same state dict, the same inputs; then outputs, gradients of inputs and parameters, the gradients of those, and what
 * the buffers became.
 */
import { readFileSync } from 'node:fs'
import type { Device, DType } from '../../src/core/device.ts'
import { openScope } from '../../src/core/scope.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import '../../src/methods.ts'
import * as nn from '../../src/nn/index.ts'
import { type Compared, differences, listed, numbers, type Packed, place, unpack } from '../support/reference.ts'

type List = readonly (Packed | null)[]

/** One layer: `$name` among its args stands for that tensor of its state, `$0` in its call for the first input. */
export interface LayerCase {
  readonly layer: string
  /** `withState` has what objects among them stand for. */
  readonly args: readonly unknown[]
  readonly train: boolean
  readonly state: Readonly<Record<string, Packed>>
  /** Inputs of steps before. */
  readonly before?: readonly (readonly Packed[])[]
  readonly call: readonly unknown[]
  readonly inputs: readonly Packed[]
  readonly outputs: readonly Packed[]
  readonly cotangents?: readonly Packed[]
  /** Of the float inputs, then of the parameters; null where there is none. */
  readonly grads?: List
  /** Directions of the gradients, and the gradients of Σ grads·directions. */
  readonly directions?: List
  readonly second?: List
  /** Running statistics, after all steps, and what else they have changed. */
  readonly after?: Readonly<Record<string, Packed>>
}

/** The cases of a file of test/reference. */
export const layerCases = (file: string): LayerCase[] =>
  JSON.parse(readFileSync(new URL(`../reference/${file}.json`, import.meta.url), 'utf8'))

/** The case as a line of text. */
export const titleOfLayer = ({ layer, args, train, inputs }: LayerCase): string => {
  const text = args.map((arg) => JSON.stringify(arg)).join(', ')
  const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' ')
  return `${layer}(${text})${train ? '' : '.eval()'} on ${shapes}`
}

type Make = new (...args: unknown[]) => nn.Module & { forward(...args: unknown[]): unknown }
const layerNamed = (name: string): Make => Reflect.get(nn, name)

/**
 * Tensors of the state in the place of their names, a layer in that of `{ new, args }`, a function that makes one in
 * that of `{ make, args }`.
 */
const withState = (arg: unknown, state: Readonly<Record<string, Tensor>>): unknown => {
  if (typeof arg === 'string' && arg.startsWith('$')) return state[arg.slice(1)].clone()
  if (typeof arg !== 'object' || arg === null || Array.isArray(arg)) return arg === 'Infinity' ? Infinity : arg
  if ('args' in arg && Array.isArray(arg.args)) {
    const { args } = arg
    const made = (name: unknown) => new (layerNamed(String(name)))(...args.map((one) => withState(one, state)))
    if ('new' in arg) return made(arg.new)
    if ('make' in arg) return () => made(arg.make)
  }
  return Object.fromEntries(Object.entries(arg).map(([name, value]) => [name, withState(value, state)]))
}

/** Run a case. @returns what is off, '' where nothing is; tolerance as `replay` has it */
export async function replayLayer(c: LayerCase, device: Device, float: DType, tolerance: number): Promise<string> {
  using s = openScope()
  const state = s.run(() =>
    Object.fromEntries(Object.entries(c.state).map(([name, x]) => [name, unpack(x, float, device)])),
  )
  const Layer = layerNamed(c.layer)
  const layer = s.run(() => new Layer(...c.args.map((arg) => withState(arg, state))))
  await layer.to(device)
  if (float === 'float64') await layer.to(float)
  const faults: string[] = []
  const got: Compared[] = []
  s.run(() => {
    // Strict: the names are PyTorch's.
    layer.loadStateDict(state)
    layer.train(c.train)
    const run = (inputs: readonly Packed[]) => {
      const xs = inputs.map((x) => {
        const leaf = unpack(x, float, device)
        return x.kind === 'float' ? leaf.requiresGrad_() : leaf
      })
      return { xs, ys: listed(layer.forward(...c.call.map((arg) => place(arg, xs)))) }
    }
    for (const inputs of c.before ?? []) run(inputs)
    const { xs, ys } = run(c.inputs)
    if (ys.length !== c.outputs.length) faults.push(`${ys.length} outputs, not ${c.outputs.length}`)
    c.outputs.forEach((want, i) => ys[i] && got.push({ what: `output ${i}`, y: ys[i], want }))
    const now = layer.stateDict()
    for (const [name, want] of Object.entries(c.after ?? {})) got.push({ what: name, y: now[name], want })
    if (!c.cotangents || !c.grads) return
    const named = layer.namedParameters()
    const wanted = [...xs.filter((x) => x.requiresGrad), ...named.map(([, x]) => x)]
    const whose = (i: number): string => {
      const inputs = wanted.length - named.length
      return i < inputs ? `input ${i}` : named[i - inputs][0]
    }
    const compare = (of: string, list: List, grads: readonly (Tensor | null | undefined)[]): void => {
      if (list.length !== grads.length) faults.push(`${grads.length} gradients, not ${list.length}`)
      list.forEach((want, i) => {
        const y = grads[i]
        if (want && y) got.push({ what: `${of} ${whose(i)}`, y, want })
        else if (want && numbers(want).some((v) => Math.abs(v) > tolerance)) faults.push(`${of} ${whose(i)} is missing`)
      })
    }
    const gradOutputs = c.cotangents.map((g) => unpack(g, float, device))
    const options = { gradOutputs, createGraph: c.directions !== undefined, allowUnused: true }
    const smooth = ys.filter((y) => y.requiresGrad)
    const grads = grad(smooth, wanted, options)
    compare('gradient of', c.grads, grads)
    if (!c.directions || !c.second) return
    const along = c.directions.flatMap((direction, i) => {
      const g = grads[i]
      return direction && g?.requiresGrad ? [{ g, direction: unpack(direction, float, device) }] : []
    })
    const second = grad(
      along.map(({ g }) => g),
      wanted,
      { gradOutputs: along.map(({ direction }) => direction), allowUnused: true },
    )
    compare('second order of', c.second, second)
  })
  faults.push(...(await differences(got, tolerance)))
  // Parameters and buffers outlive scopes.
  for (const x of [...layer.parameters(), ...layer.buffers()]) x.dispose()
  return faults.join('; ')
}

/** Cases that are under way at a time: their waits of reads are shared, and not too many tensors are alive. */
const TOGETHER = 16

/** What is off in the cases of a file: a line for each. */
export async function faultsOf(file: string, device: Device, float: DType, tolerance: number): Promise<string[]> {
  const lines: string[] = []
  const run = async (c: LayerCase): Promise<string> => {
    const fault = await replayLayer(c, device, float, tolerance).catch((error: Error) => error.message)
    return fault && `${titleOfLayer(c)}: ${fault}`
  }
  const cases = layerCases(file)
  for (let i = 0; i < cases.length; i += TOGETHER)
    lines.push(...(await Promise.all(cases.slice(i, i + TOGETHER).map(run))))
  return lines.filter(Boolean)
}
