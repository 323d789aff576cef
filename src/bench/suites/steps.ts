/** @file Whole training steps, one op after the other: forward, backward, Adam. */
import { optim } from '../../index.ts'
import { type Case, inTwo, readyOf, type Scale, type Suite } from '../case.ts'
import { leaf } from '../numbers.ts'
import { productOf, WORD } from './common.ts'
import { type Model, modelsAt } from './models.ts'

/** First losses that are held against those in float64. */
const LOSSES = 3

function stepOf({ name, flop, parameters, data, loss }: Model): Case {
  const elements = parameters.reduce((sum, shape) => sum + productOf(shape), 0)
  const step = inTwo((given) => {
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
  return {
    name,
    flop,
    // What Adam alone moves: a parameter and its two moments both ways, the gradient once.
    bytes: 7 * WORD * elements,
    inputs: (device, seed) => [
      ...data(device, seed),
      ...parameters.map((shape, i) => leaf(shape, seed + i, device, 1 / Math.sqrt(productOf(shape.slice(1))))),
    ],
    ...step,
    rotate: false,
    first: true,
  }
}

/** The same, of which the first losses are what is compared. */
const losses = (step: Case): Case => ({
  ...step,
  ready: undefined,
  run: (inputs) => {
    const run = readyOf(step, inputs)
    return Array.from({ length: LOSSES }, run).flat()
  },
})

export const stepsSuite: Suite = {
  name: 'steps',
  about: 'whole training steps, and the first of each on a fresh device',
  cases: (scale: Scale) => {
    // In float64 on the CPU three steps of a large model take minutes.
    const checked = modelsAt(scale === 'large' ? 'small' : scale).map(stepOf)
    return modelsAt(scale).map((model, i) => ({ ...stepOf(model), check: losses(checked[i]) }))
  },
}
