/** @file Where nothing flows back, the error names what on the way let no gradient pass. */
import { expect, it } from 'vitest'
import { inspect, nn, noGrad, tensor } from '../../src/index.ts'
import { type Any, loose, type Refusal, refusal } from '../support/refusals.ts'

const w = tensor(
  [
    [1, 2],
    [3, 5],
  ],
  { requiresGrad: true },
)
const plain = tensor([
  [1, 2],
  [3, 5],
])

const without = (what: string, tensorOf = 'tensor #n []'): string =>
  `backward: ${tensorOf} needs no gradient (${what} lets no gradient pass)`

const cases: readonly Refusal[] = [
  [() => w.gt(1).to('float32').sum().backward(), without('gt')],
  [() => w.mul(2).argmax(1).to('float32').mul(3).sum().backward(), without('argmax')],
  [() => w.sort().indices.to('float32').sum().backward(), without('sort')],
  [() => w.to('int32').to('float32').reshape([4]).sum().backward(), without('to')],
  // The first one on the way, whatever follows.
  [() => w.gt(1).logicalNot().to('float32').sum().backward(), without('gt')],
  [() => plain.mul(w.ge(2).to('float32')).sum().backward(), without('ge')],
  [() => loose['cdist'](w, w, { p: 0 }).sum().backward(), without('cdist with p: 0')],
  [() => nn.functional.pairwiseDistance(w, plain, { p: 0 }).sum().backward(), without('pairwiseDistance with p: 0')],
  [() => w.detach().sum().backward(), without('detach')],
  [() => noGrad(() => w.mul(2).sum()).backward(), without('noGrad')],
  [
    () => plain.sum().backward(),
    'backward: tensor #n [] needs no gradient (no input that it was computed from has requiresGrad)',
  ],
  [
    () => loose['grad'](w.sum(), w.gt(1).to('float32')),
    'grad: tensor #n [2, 2] needs no gradient (gt lets no gradient pass)',
  ],
  [
    () => inspect.graph(w.gt(1).to('float32').sum()),
    'inspect.graph: tensor #n [] needs no gradient, so it has no graph (gt lets no gradient pass)',
  ],
  [() => (w.gt(1).to('float32') as Any).grad, 'grad: tensor #n [2, 2] needs no gradient (gt lets no gradient pass)'],
]

it.each(cases.map(([call, text], n) => [`${n}: ${text}`, call, text] as const))('%s', async (_, call, text) => {
  expect(await refusal(call)).toBe(text)
})
