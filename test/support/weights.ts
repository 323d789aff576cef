/** @file Weights that multinomial refuses, with the text: errors/weights.test.ts and ops/weights.webgpu.test.ts. */

type Rows = number[] | number[][]

const [INF, NAN] = [Infinity, NaN]
const finite = '(weights are finite numbers from 0 up)'
const few = '(draw fewer, or with replacement)'

/** Text, weights, draws, replacement; on each only one thing is wrong. */
export const badWeights: readonly (readonly [text: string, weights: Rows, n: number, replacement: boolean])[] = [
  ['multinomial: the weights of row 0 are all 0 (at least one must be above 0)', [0, 0, 0], 1, true],
  ['multinomial: the weights of row 0 are all 0 (at least one must be above 0)', [-0], 1, true],
  [
    'multinomial: the weights of row 2 are all 0 (at least one must be above 0)',
    [
      [1, 2],
      [0, 1],
      [0, 0],
    ],
    3,
    true,
  ],
  [`multinomial: weight 1 of row 0 is NaN ${finite}`, [1, NAN, 2], 2, true],
  [`multinomial: weight 1 of row 0 is NaN ${finite}`, [0, NAN, 0], 2, true],
  [`multinomial: weight 1 of row 0 is NaN ${finite}`, [1, NAN, 2], 2, false],
  [`multinomial: weight 2 of row 0 is -1 ${finite}`, [1, 3, -1], 2, true],
  [`multinomial: weight 1 of row 0 is -1 ${finite}`, [1, -1], 2, true],
  [`multinomial: weight 1 of row 0 is -1 ${finite}`, [1, -1], 2, false],
  [
    `multinomial: weight 0 of row 1 is -0.5 ${finite}`,
    [
      [1, 3],
      [-0.5, 2],
    ],
    1,
    false,
  ],
  [`multinomial: weight 0 of row 0 is Infinity ${finite}`, [INF, 3], 1, true],
  [`multinomial: weight 0 of row 0 is Infinity ${finite}`, [INF, 3], 1, false],
  [`multinomial: weight 1 of row 0 is -Infinity ${finite}`, [3, -INF], 1, true],
  ['multinomial: the weights of row 0 add up to Infinity (divide them by the greatest)', [2e38, 0, 2e38], 2, true],
  [`multinomial: row 0 has 2 weights above 0, and 4 are drawn ${few}`, [0, 10, 3, 0], 4, false],
  [`multinomial: row 0 has 0 weights above 0, and 1 are drawn ${few}`, [0, -0], 1, false],
  [
    `multinomial: row 1 has 1 weights above 0, and 2 are drawn ${few}`,
    [
      [1, 2, 0],
      [0, 5, 0],
    ],
    2,
    false,
  ],
]
