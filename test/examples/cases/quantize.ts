/** @file T14: weights of few bits, with what they cost in accuracy and save in bytes. */
import { main } from '../../../examples/deploy/quantize.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'deploy/quantize.ts',
  reaches: 'int8 costs no accuracy and a quarter of the bytes; errors are s/√12; a layer in whole numbers is the same',
  main,
  goals: ({ float, found, off }) => {
    const at = (bits: number, perRow: boolean) => found.find((f) => f.bits === bits && f.perRow === perRow) ?? found[0]
    return {
      'float32: ≥ 90 % right': float.accuracy >= 0.9,
      'int8, per tensor and per channel: within a point': [false, true].every(
        (perRow) => Math.abs(at(8, perRow).accuracy - float.accuracy) <= 0.01,
      ),
      'int8: little more than a quarter of the bytes': [false, true].every(
        (perRow) => at(8, perRow).bytes < 0.26 * float.bytes,
      ),
      'errors are s/√12 within 3 % down to 3 bits': found.every(
        ({ bits, error, theory }) => bits < 3 || Math.abs(error / theory - 1) < 0.03,
      ),
      'a scale for each row: smaller errors at all bits': [8, 6, 4, 3, 2].every(
        (bits) => at(bits, true).error < at(bits, false).error,
      ),
      '2 bits: a scale for each row is worth more than 5 points': at(2, true).accuracy > at(2, false).accuracy + 0.05,
      'whole numbers give the same layer': off < 1e-4,
    }
  },
  says: ({ float, found }) =>
    `${(100 * float.accuracy).toFixed(1)} % in float32, ${(100 * found[1].accuracy).toFixed(1)} % in int8 with ${((100 * found[1].bytes) / float.bytes).toFixed(0)} % of the bytes`,
})
