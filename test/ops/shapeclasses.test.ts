/**
 * @file Every op is tried on every class of shapes (run.ts adds the layouts: contiguous, transposed, with an offset,
 * expanded), or it is said here why it does not take one.
 */
import { describe, expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import { sizeOf } from '../../src/core/shape.ts'
import { cpu } from '../../src/devices.ts'
import { scope, Tensor } from '../../src/index.ts'
import { arrange, opNames } from '../table/run.ts'
import { type Case, type OpName, ops, table } from '../table/table.ts'

/** Elements of what comes out. */
function resultSizes(name: OpName, c: Case): number[] {
  return scope(() => {
    const x = c.x.map(({ shape, kind, draw }) =>
      arrange(draw(new Philox(1)), shape, 'contiguous', kind === 'float' ? 'float32' : kind, cpu),
    )
    const y = (c.f ?? (ops[name] as (...x: Tensor[]) => Tensor | Tensor[]))(...x)
    return (y instanceof Tensor ? [y] : y).map(({ shape }) => sizeOf(shape))
  })
}

const MANY = 65_536
const classes = {
  '0-d': (c: Case) => c.x.some(({ shape }) => shape.length === 0),
  'size 0': (c: Case) => c.x.some(({ shape }) => sizeOf(shape) === 0),
  'one element': (c: Case) => c.x.some(({ shape }) => shape.length > 0 && sizeOf(shape) === 1),
  odd: (c: Case) => c.x.some(({ shape }) => sizeOf(shape) > 1 && sizeOf(shape) % 2 === 1),
  'rank 5–6': (c: Case) => c.x.some(({ shape }) => shape.length >= 5),
  large: (c: Case, name: OpName) =>
    c.forward && (c.x.some(({ shape }) => sizeOf(shape) >= MANY) || resultSizes(name, c).some((n) => n >= MANY)),
} as const
type Class = keyof typeof classes

/** Ranks that an op takes, where they exclude a class; and other reasons. */
const EXCUSED: readonly (readonly [reason: string, classes: readonly Class[], ops: readonly OpName[]])[] = [
  [
    'takes one axis or more',
    ['0-d'],
    [
      ...(['cat', 'narrow', 'select', 'split', 'chunk', 'unbind', 'unflatten', 'unfold', 'matmul'] as const),
      ...(['tensorSplit', 'diagEmbed', 'flipud', 'indexCopy', 'multilabelSoftMarginLoss', 'diff', 'cross'] as const),
      ...([
        'indexAdd',
        'bilinear',
        'tripletMarginLoss',
        'tripletMarginWithDistanceLoss',
        'pairwiseDistance',
        'layerNorm',
        'rmsNorm',
      ] as const),
    ],
  ],
  [
    'takes two axes or more',
    ['0-d'],
    [
      ...(['diagonal', 'tril', 'triu', 'cdist', 'groupNorm', 'batchNorm', 'instanceNorm'] as const),
      ...(['matrixNorm', 'scaledDotProductAttention', 'rope', 'fliplr', 'rot90', 'localResponseNorm'] as const),
    ],
  ],
  ['takes vectors', ['0-d', 'rank 5–6'], ['dot', 'outer']],
  ['takes numbers and vectors', ['rank 5–6'], ['meshgrid']],
  ['takes vectors and matrices', ['0-d', 'rank 5–6'], ['diag']],
  ['takes matrices, vectors and numbers', ['rank 5–6'], ['cov', 'corrcoef']],
  ['takes vectors of three numbers', ['one element'], ['cross']],
  ['takes rows of scores', ['rank 5–6'], ['multiMarginLoss']],
  ['takes rows of logits', ['0-d', 'rank 5–6'], ['sample']],
  ['takes vectors and rows of scores', ['0-d', 'rank 5–6'], ['multilabelMarginLoss']],
  ['takes a table and rows of indices', ['0-d', 'rank 5–6'], ['embeddingBag']],
  ['takes maps of the plane, six numbers each', ['0-d', 'one element', 'odd', 'rank 5–6'], ['affineGrid']],
  ['turns pairs', ['one element', 'odd'], ['rope']],
  ['takes images', ['0-d'], ['pixelShuffle', 'pixelUnshuffle']],
  ['takes matrices', ['0-d', 'rank 5–6'], ['trace', 'lstmCell', 'gruCell', 'rnnCell']],
  ['takes matrices, and what broadcasts to one', ['rank 5–6'], ['addmm']],
  ['takes batches of matrices', ['0-d', 'rank 5–6'], ['bmm']],
  ['takes batches of matrices, and what broadcasts to one', ['rank 5–6'], ['baddbmm']],
  ['takes matrices, and vectors', ['0-d', 'rank 5–6'], ['mm', 'mv']],
  ['takes sequences of batches', ['0-d', 'rank 5–6'], ['lstm', 'gru', 'rnn', 'ctcLoss']],
  [
    'takes signals or images, and batches of them',
    ['0-d', 'rank 5–6'],
    [
      ...(['conv1d', 'conv2d', 'convTranspose1d', 'convTranspose2d', 'im2col', 'fold'] as const),
      ...(['maxPool1d', 'maxPool2d', 'avgPool1d', 'avgPool2d', 'interpolate', 'gridSample'] as const),
      ...(['dropout1d', 'dropout2d'] as const),
      ...(['adaptiveAvgPool1d', 'adaptiveAvgPool2d', 'adaptiveMaxPool1d', 'adaptiveMaxPool2d'] as const),
    ],
  ],
  ['halves an axis', ['0-d', 'one element', 'odd'], ['glu']],
]
const excuse = (name: OpName, of: Class): string | undefined =>
  EXCUSED.find(([, which, names]) => which.includes(of) && names.includes(name))?.[0]

describe('every op is tried on', () => {
  it.each(Object.keys(classes) as Class[])('%s', (of) => {
    const tried = (name: OpName) => table[name].cases.some((c) => classes[of](c, name))
    expect(opNames.filter((name) => !tried(name) && !excuse(name, of))).toEqual([])
  })

  it('where nothing else is said', () => {
    for (const [reason, which, names] of EXCUSED)
      for (const of of which)
        for (const name of names)
          expect(
            table[name].cases.some((c) => classes[of](c, name)),
            `${name}, ${of}: ${reason}`,
          ).toBe(false)
  })
})
