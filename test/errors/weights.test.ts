/** @file Weights that nothing can be drawn by: refused on the CPU at once, before a random number is used up. */
import { expect, it } from 'vitest'
import { getDefaultDevice, getRandomState, multinomial, tensor } from '../../src/index.ts'
import { badWeights } from '../support/weights.ts'

for (const dtype of ['float32', 'float64'] as const)
  for (const [text, list, n, replacement] of badWeights)
    it(`${dtype}: ${text}`, () => {
      const weights = tensor(list, { device: getDefaultDevice(), dtype })
      if (dtype === 'float64' && text.includes('Infinity (divide')) {
        // What float32 cannot add up float64 can.
        expect(multinomial(weights, n, { replacement }).shape).toEqual([n])
        return
      }
      const before = getRandomState()
      expect(() => multinomial(weights, n, { replacement })).toThrow(text)
      expect(getRandomState()).toEqual(before)
    })
