/** @file The line of a program that a search for NaN names, out of stacks as engines write them. */
import { expect, test } from 'vitest'
import { callerOf } from '../../src/train/origin.ts'

const pnpm = 'file:///p/node_modules/.pnpm/handgrad@0.1.0/node_modules/handgrad/dist/'

test.each([
  ['pnpm', pnpm, `    at mul (${pnpm}core/op.js:12:3)\n    at file:///p/train.ts:4:9`, 'file:///p/train.ts:4:9'],
  [
    'spaces',
    '/lib/',
    '    at f (/lib/a.js:1:2)\n    at g (C:\\My Code (2)\\train.cjs:3:4)',
    'C:\\My Code (2)\\train.cjs:3:4',
  ],
  ['no name', '/lib/', '    at async /home/a b/train.js:5:6', '/home/a b/train.js:5:6'],
  [
    'Firefox',
    'https://x.org/lib/',
    'mul@https://x.org/lib/op.js:1:2\nstep@https://x.org/@me/t.js:7:8',
    'https://x.org/@me/t.js:7:8',
  ],
  ['Node itself', '/lib/', '    at run (node:internal/process:9:9)', undefined],
  ['a bundle that knows no place', '', '    at f (/a.js:1:2)', undefined],
])('%s', (_, home, stack, place) => {
  expect(callerOf({ stack: `Error: x\n${stack}` }, home)).toBe(place)
})
