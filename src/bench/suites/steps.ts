/** @file Whole training steps, one op after the other: forward, backward, Adam. */
import { optim } from '../../index.ts'
import { type Case, inTwo, type Scale, type Suite } from '../case.ts'
import { leaf } from '../numbers.ts'
import { productOf, WORD } from './common.ts'
import { type Model, modelsAt } from './models.ts'

/** First losses that are held against those in float64. */
const LOSSES = 3

function stepOf({ name, flop, parameters, data, loss }: Model): Case {
  const elements = parameters.reduce((sum, shape) => sum + productOf(shape), 0)
  const inputs: Case['inputs'] = (device, seed) => [
    ...data(device, seed),
    ...parameters.map((shape, i) => leaf(shape, seed + i, device, 1 / Math.sqrt(productOf(shape.slice(1))))),
  ]
  const { run, ready } = inTwo((given) => {
    const params = given.filter((x) => x.requiresGrad)
    const others = given.filter((x) => !x.requiresGrad)
    const adam = new optim.Adam(params, { lr: 1e-3 })
    return () => {
      adam.zeroGrad()
      const y = loss(others, params)
      y.backward()
      adam.step()
      return y.detach()
    }
  })
  // What Adam alone moves: a parameter and its two moments both ways, the gradient once.
  const about = { name, flop, bytes: 7 * WORD * elements, inputs }
  return {
    ...about,
    run,
    ready,
    rotate: false,
    first: true,
    // Adam's first step is ±lr whatever the gradient's size: where a gradient is rounding alone, its sign is as well.
    ulp: 256,
    check: {
      ...about,
      run: (given) => {
        const step = ready?.(given) ?? (() => run(given))
        return Array.from({ length: LOSSES }, step).flat()
      },
    },
  }
}

export const stepsSuite: Suite = {
  name: 'steps',
  about: 'whole training steps, and the first of each on a fresh device',
  cases: (scale: Scale) => modelsAt(scale).map(stepOf),
}
