/** @file The table of `npm run examples`: a row for each program and device, replaced by a later run. */
import { expect, test } from 'vitest'
import { type Ran, withRuns } from '../../tools/examples/page.ts'

const ran = (given: Partial<Ran>): Ran => ({
  ...{ program: 'xor.ts', device: 'cpu', result: '20 of 20', missed: [], seconds: 1.6, options: '' },
  ...given,
})
const rowsOf = (text: string): string[] => text.split('\n').filter((line) => line.includes('.ts | '))

test('a program has a row for each device, and a later run takes its place', () => {
  const first = withRuns('', [ran({}), ran({ device: 'webgpu:llvmpipe', options: '--epochs 9' })])
  expect(rowsOf(first)).toEqual([
    '| xor.ts | cpu | 20 of 20 | reached | 2 |  |',
    '| xor.ts | webgpu:llvmpipe | 20 of 20 | reached | 2 | `--epochs 9` |',
  ])
  const second = withRuns(first, [ran({ result: 'a|b', missed: ['19 of 20', 'dead'] }), ran({ program: 'cnn.ts' })])
  expect(rowsOf(second)).toEqual([
    '| cnn.ts | cpu | 20 of 20 | reached | 2 |  |',
    '| xor.ts | cpu | a\\|b | missed: 19 of 20; dead | 2 |  |',
    '| xor.ts | webgpu:llvmpipe | 20 of 20 | reached | 2 | `--epochs 9` |',
  ])
  expect(withRuns(second, [])).toBe(second)
})
