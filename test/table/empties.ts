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
import type { Tensor } from '../../src/core/tensor.ts'
import '../../src/methods.ts'
import { tensor, zeros } from '../../src/ops/creation/create.ts'
import * as inplace from '../../src/ops/inplace/index.ts'
import { cases } from '../support/optimizers.ts'
import { twice } from './second.ts'
import { type Case, type OpName, table } from './table.ts'

/** What ops refuse of an empty axis, as PyTorch does, by what they say. */
const REFUSED: readonly (readonly [reason: string, says: RegExp, ops: readonly OpName[] | 'all'])[] = [
  ['what is broadcast has axes of one size, or of size 1', /do not broadcast|does not expand/, 'all'],
  [
    'nothing has no largest, smallest or middle element',
    /has no elements along the reduced dims/,
    [
      ...(['amax', 'amin', 'aminmax', 'argmax', 'argmin', 'max', 'min', 'median', 'mode', 'norm'] as const),
      ...(['matrixNorm', 'quantile', 'nanquantile', 'takeAlongDim'] as const),
    ],
  ],
  ['theta has two rows of three, one for each image of the case', /(theta|size) is \[/, ['affineGrid']],
  [
    'the case has indices, and nothing is there to be taken',
    /outside \[-?\d+, -?\d+\)|the index is|src is|source is|k is/,
    [
      ...(['at', 'select', 'embedding', 'gather', 'take', 'takeAlongDim', 'topk'] as const),
      ...(['indexAdd', 'indexCopy', 'indexFill', 'indexPut', 'indexSelect', 'kthvalue', 'maskedScatter'] as const),
      ...(['scatter', 'scatterAdd', 'scatterReduce'] as const),
    ],
  ],
  [
    'an image or a signal has pixels; batches and channels may be empty',
    /has no (pixels|elements)|scaled size|columns/,
    [
      ...(['adaptiveAvgPool1d', 'adaptiveAvgPool2d', 'adaptiveMaxPool1d', 'adaptiveMaxPool2d', 'avgPool1d'] as const),
      ...(['avgPool2d', 'maxPool1d', 'maxPool2d', 'im2col', 'fold', 'interpolate', 'gridSample'] as const),
      ...(['conv1d', 'conv2d', 'convTranspose1d', 'convTranspose2d'] as const),
    ],
  ],
  [
    'a kernel has taps, a place in an image two coordinates',
    /weight's kernel|weight takes|takes \d|bias is|grid is/,
    [...(['conv1d', 'conv2d', 'convTranspose1d', 'convTranspose2d', 'gridSample'] as const)],
  ],
  [
    'a sequence has steps, and gates are a multiple of the hidden size',
    /no steps|(weight|bias|[hc]0?)\w* is|lengths is/,
    [...(['lstm', 'gru', 'rnn', 'lstmCell', 'gruCell'] as const)],
  ],
  [
    'an index is in a bag, and the case says where bags begin',
    /outside \[|no bags|no offsets|offset \d+ is/,
    ['embeddingBag'],
  ],
  [
    'a sample has classes',
    /no classes|weight is|the scores are/,
    ['crossEntropy', 'linearCrossEntropy', 'nllLoss', 'multiMarginLoss', 'multilabelMarginLoss'],
  ],
  [
    'a row has logits to draw from, and the case has seeds and marks',
    /logits are \[\d+, 0\]|seeds are given|seen is|positions/,
    ['sample'],
  ],
  [
    'a path has steps and a blank, and the case says how long sequences are',
    /no steps|blank is|Lengths (are|is)|targets are|outside \[/,
    ['ctcLoss'],
  ],
  [
    'one of it for each, or for all',
    /weight is|bias is|variance is|heads|normalizedShape is|repeats for/,
    [
      ...([
        'repeatInterleave',
        'prelu',
        'gaussianNllLoss',
        'scaledDotProductAttention',
        'layerNorm',
        'rmsNorm',
      ] as const),
    ],
  ],
  ['what is added lies as the case says, and has as many rows', /residual is/, ['linear']],
  [
    'the case names sizes',
    /reshape to|is 0, not|outside axis|sizes|outputSize is|a part|crops|margin of -?[1-9]|windows of|label/,
    [
      ...([
        'repeatInterleave',
        'reshape',
        'view',
        'unflatten',
        'narrow',
        'split',
        'unbind',
        'pad',
        'unfold',
        'dot',
        'einsum',
      ] as const),
    ],
  ],
]

/** Why an op may say this. */
const excuse = (op: OpName, said: readonly string[]): string | undefined =>
  REFUSED.find(([, says, of]) => (of === 'all' || of.includes(op)) && said.some((text) => says.test(text)))?.[0]

/** Ops that are excused by name. */
export const excused = (): OpName[] => [...new Set(REFUSED.flatMap(([, , of]) => (of === 'all' ? [] : of)))]

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
function attempt(op: OpName, c: Case, shapes: readonly Shape[], device: Device): Promise<unknown>[] {
  const data = c.x.map(({ draw }, i) => draw(new Philox(i)).subarray(0, sizeOf(shapes[i])))
  const { ys, leaves, first, second } = twice(op, c, shapes, data, 'float32', device)
  const grads = [first, second].flatMap((list) =>
    list.flatMap((g, i) => {
      if (g && !sameShape(g.shape, leaves[i].shape))
        throw new Error(`a gradient is ${showShape(g.shape)}, not ${showShape(leaves[i].shape)}`)
      return g ?? []
    }),
  )
  return [...ys, ...grads].map((t) => t.data())
}

/** Faults with an op's empty axes, how often it took one, and how often it refused with an excuse by name. */
export async function emptyFaults(
  op: OpName,
  device: Device,
): Promise<{ faults: string[]; taken: number; refused: number }> {
  let refused = 0
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
            await Promise.all(s.run(() => attempt(op, c, candidate, device)))
            took = true
            break
          } catch (error) {
            if (error instanceof HandgradError) said.push(error.message)
            else faults.push(`${where}: ${candidate.map(showShape).join(' ')}: ${(error as Error).stack}`)
          }
        }
        if (took) taken++
        else if (!excuse(op, said)) faults.push(`${where}: ${said.join(' | ')}`)
        else if (excuse(op, said) !== REFUSED[0][0]) refused++
      }
    }
  }
  return { faults, taken, refused }
}

/** Each function that changes its tensor, called on x. */
const inPlace: { readonly [K in keyof typeof inplace]: (x: Tensor, value: Tensor) => Tensor } = {
  copy_: (x, value) => inplace.copy_(x, value),
  fill_: (x) => inplace.fill_(x, 2),
  zero_: (x) => inplace.zero_(x),
  add_: (x, value) => inplace.add_(x, value),
  sub_: (x, value) => inplace.sub_(x, value),
  mul_: (x) => inplace.mul_(x, 2),
  div_: (x) => inplace.div_(x, 2),
  indexPut_: (x, value) => inplace.indexPut_(x, [tensor(new Int32Array(0), { device: x.device })], value),
}

/** Empty tensors that cannot be changed in place, or trained. */
export async function inPlaceFaults(device: Device): Promise<string[]> {
  const faults: string[] = []
  using s = openScope()
  for (const shape of [[0], [3, 0], [0, 3], [0, 0], [2, 0, 3], [2, 3, 0], [3, 0, 2, 4]]) {
    const makers = {
      'a tensor': () => zeros(shape, { device }),
      'a transposed one': () =>
        zeros([...shape].reverse(), { device }).permute(shape.map((_, i) => shape.length - 1 - i)),
      'an expanded one': () =>
        zeros(
          shape.map((n) => Math.min(n, 1)),
          { device },
        ).expand(shape),
    }
    for (const [kind, make] of Object.entries(makers)) {
      const attempt = async (name: string, change: () => Tensor) => {
        try {
          const y = s.run(change)
          if (!sameShape(y.shape, shape)) faults.push(`${name} of ${kind} gives ${showShape(y.shape)}`)
          await y.data()
        } catch (error) {
          faults.push(`${name} of ${kind} of ${showShape(shape)}: ${(error as Error).message}`)
        }
      }
      for (const [name, change] of Object.entries(inPlace))
        await attempt(name, () => {
          const x = make()
          // What the first axis' indices pick has no rows.
          const picked = name === 'indexPut_' ? [0, ...shape.slice(1)] : shape
          return change(x, zeros(picked, { device }))
        })
      for (const optimizer of cases)
        await attempt(optimizer.name, () => {
          const x = make().detach().requiresGrad_()
          const step = optimizer.make([x])
          x.sum().backward()
          step.step()
          return x
        })
    }
  }
  return faults
}
