/** @file Where nothing flows back, the error names what on the way let no gradient pass. */
import { expect, it } from 'vitest'
import { customGrad, inspect, nn, noGrad, tensor } from '../../src/index.ts'
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

const row = tensor([1, 2], { requiresGrad: true })
const all = loose as Any
const flows = (y: Any) => y.to('float32').sum().backward()
const twice = customGrad(
  (x) => x.mul(2),
  (g) => [g.mul(2)],
)

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
  // What a function is made of is not named, nor what it does inside.
  [
    () =>
      noGrad(() => twice(w))
        .sum()
        .backward(),
    without('noGrad'),
  ],
  [() => twice(w.gt(1).to('float32')).sum().backward(), without('gt')],
  [async () => (await w.mul(1).to(plain.device)).sum().backward(), without('to')],
  [async () => flows((await all['nonzero'](w)) as Any), without('nonzero')],
  [async () => flows(((await all['nonzero'](w, { asTuple: true })) as Any)[0]), without('nonzero')],
  [
    async () => flows((await all['bincount'](tensor([0, 1], { dtype: 'int32' }), { weights: row })) as Any),
    without('bincount'),
  ],
  [async () => flows((await all['unique'](w)) as Any), without('unique')],
  [
    async () => flows(((await all['uniqueConsecutive'](w, { returnCounts: true })) as Any).counts),
    without('uniqueConsecutive'),
  ],
  [() => flows(all['isin'](w, plain)), without('isin')],
  [() => flows(all['mode'](w).indices), without('mode')],
  [() => flows(all['kthvalue'](w, 1).indices), without('kthvalue')],
  [() => flows(all['cummax'](w, 0).indices), without('cummax')],
  [() => flows(all['bucketize'](w, row.detach())), without('bucketize')],
  [() => flows(all['multinomial'](w, 1)), without('multinomial')],
  [() => flows(all['bernoulli'](w.div(9))), without('bernoulli')],
  [() => flows(all['normal'](w, 1)), without('normal')],
  [() => flows(all['histc'](w, { bins: 2 })), without('histc')],
  [() => flows(w.argsort()), without('argsort')],
  [() => flows(w.topk(1).indices), without('topk')],
  [() => flows(w.median(0).indices), without('median')],
  // The first one on the way, again.
  [() => flows(w.gt(1).to('float32').argmax(0)), without('gt')],
  [() => flows(all['isin'](w.gt(1).to('float32'), plain)), without('gt')],
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
