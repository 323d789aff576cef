/**
 * @file Empty axes in every position: each axis of each input of a row's cases is emptied, with the axes of other
 * inputs that belong to it. An op takes it, with gradients of first and second order of the inputs' shapes, or refuses
 * it by name, which is to be excused here.
 */
import type { Device } from '../../src/core/device.ts'
import { HandgradError } from '../../src/core/errors.ts'
import { Philox } from '../../src/core/philox.ts'
import { openScope } from '../../src/core/scope.ts'
import { type Shape, sameShape, showShape, sizeOf } from '../../src/core/shape.ts'
import { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import '../../src/methods.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import { arrange } from './run.ts'
import { type Case, type OpName, ops, table } from './table.ts'

/** Shapes of all inputs with axis d of input k empty: it alone, with its like in other inputs, with all of its size. */
function* emptied(shapes: readonly Shape[], k: number, d: number): Generator<Shape[]> {
  const n = shapes[k][d]
  const fromEnd = shapes[k].length - d
  const at = (f: (i: number, axis: number, shape: Shape) => boolean) =>
    shapes.map((shape, i) =>
      shape.map((m, axis) => ((i === k && axis === d) || (m === n && f(i, axis, shape)) ? 0 : m)),
    )
  yield at(() => false)
  yield at((i, axis) => i !== k && axis === d)
  yield at((i, axis, shape) => i !== k && shape.length - axis === fromEnd)
  yield at((i) => i !== k)
  yield at(() => true)
}

/** Call, and differentiate twice; the shapes must be right. */
function attempt(op: OpName, c: Case, shapes: readonly Shape[], device: Device): Promise<unknown> {
  const xs = c.x.map(({ kind, draw }, i) => {
    const data = draw(new Philox(i)).subarray(0, sizeOf(shapes[i]))
    const x = arrange(data, shapes[i], 'contiguous', kind === 'float' ? 'float32' : kind, device).detach()
    return kind === 'float' ? x.requiresGrad_() : x
  })
  const result = (c.f ?? (ops[op] as (...x: Tensor[]) => Tensor | readonly Tensor[]))(...xs)
  const ys = result instanceof Tensor ? [result] : result
  const leaves = xs.filter((x) => x.edge)
  const smooth = ys.filter((y) => y.edge)
  const reads: Promise<unknown>[] = ys.map((y) => y.data())
  if (smooth.length === 0) return Promise.all(reads)
  const ones = (of: readonly Tensor[]) =>
    of.map((y) => tensor(new Float32Array(y.numel).fill(1), { shape: y.shape, device }))
  const createGraph = table[op].order === 2
  const options = { allowUnused: true, createGraph }
  const check = (gs: readonly (Tensor | null)[]) => {
    gs.forEach((g, i) => {
      if (!g) return
      if (!sameShape(g.shape, leaves[i].shape))
        throw new Error(`a gradient is ${showShape(g.shape)}, not ${showShape(leaves[i].shape)}`)
      reads.push(g.data())
    })
    return gs.filter((g) => g?.edge) as Tensor[]
  }
  const again = check(grad(smooth, leaves, { ...options, gradOutputs: ones(smooth) }))
  if (createGraph && again.length > 0) check(grad(again, leaves, { allowUnused: true, gradOutputs: ones(again) }))
  return Promise.all(reads)
}

/** Positions that an op refuses, and what fails in ways of its own. */
export async function emptyFaults(op: OpName, device: Device): Promise<{ refused: string[]; faults: string[]; taken: number }> {
  const refused: string[] = []
  const faults: string[] = []
  let taken = 0
  using s = openScope()
  for (const c of table[op].cases) {
    if (c.forward) continue
    const shapes = c.x.map(({ shape }) => shape)
    for (const [k, shape] of shapes.entries()) {
      for (const d of shape.keys()) {
        const where = `${shapes.map(showShape).join(' ')}${c.note ? ` (${c.note})` : ''}, axis ${d} of input ${k}`
        const said: string[] = []
        let took = false
        for (const candidate of emptied(shapes, k, d)) {
          try {
            await s.run(() => attempt(op, c, candidate, device))
            took = true
            break
          } catch (error) {
            if (error instanceof HandgradError) said.push(error.message)
            else faults.push(`${where}: ${candidate.map(showShape).join(' ')}: ${(error as Error).stack}`)
          }
        }
        if (took) taken++
        else refused.push(`${where}: ${said.join(' | ')}`)
      }
    }
  }
  return { refused, faults, taken }
}
