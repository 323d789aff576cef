/**
 * @file What an op costs before its kernel runs: a thousand small ops, each on the result of the one before. The host's
 * clock says when they are encoded, the wall's when they are done; a thousandth of either is one op's.
 */
import type { Tensor } from '../../core/tensor.ts'
import { grad, ones, scope, zeros } from '../../index.ts'
import { type Case, inTwo, type Suite } from '../case.ts'
import { WORD } from './common.ts'

const OPS = 1000
/** Ops of a scope: a training step has 30 to 300. */
const TOGETHER = 100
const LENGTH = 16

function chain(x: Tensor, one: Tensor, length: number): Tensor {
  let y = x
  for (let i = 0; i < length; i++) y = y.add(one)
  return y
}

const inScopes = (x: Tensor, one: Tensor): Tensor => {
  let y = x
  for (let i = 0; i < OPS; i += TOGETHER) y = scope(() => chain(y, one, TOGETHER))
  return y
}

/** Each op reads two small tensors and writes one. */
const amount = { flop: OPS * LENGTH, bytes: OPS * 3 * WORD * LENGTH, rotate: false } as const

/** Sums are exact. @param recorded  the graph is recorded as well */
const adds = (name: string, run: (x: Tensor, one: Tensor) => Tensor, recorded = false): Case => ({
  ...amount,
  name: `${OPS} adds, ${name}`,
  ulp: 0,
  inputs: (device) => [zeros([LENGTH], { device, requiresGrad: recorded }), ones([LENGTH], { device })],
  run: ([x, one]) => run(x, one).detach(),
})

export const dispatchSuite: Suite = {
  name: 'dispatch',
  about: 'a thousand small ops in a row: what each costs the host, and until it is done',
  cases: () => [
    adds('each result freed at once', (x, one) => {
      let y = x.add(one)
      for (let i = 1; i < OPS; i++) {
        const next = y.add(one)
        y.dispose()
        y = next
      }
      return y
    }),
    adds(`in scopes of ${TOGETHER}`, inScopes),
    adds(`in scopes of ${TOGETHER}, recorded`, inScopes, true),
    adds('in one scope', (x, one) => chain(x, one, OPS)),
    {
      ...amount,
      name: `backward through ${OPS} products`,
      // (−1)ⁿ, without rounding.
      ulp: 0,
      inputs: (device) => [ones([LENGTH], { device, requiresGrad: true })],
      ...inTwo(([x]) => {
        let y: Tensor = x
        for (let i = 0; i < OPS; i++) y = y.mul(-1)
        const loss = y.sum()
        return () => grad(loss, x, { retainGraph: true })
      }),
    },
  ],
}
