/**
 * @file Extreme values on the CPU: what PyTorch answers, in both float dtypes; and that the table of extremes knows
 * every elementwise op.
 */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { answersOtherwise, exceptions, extremes, integers, ours, pinned } from '../table/extremes.ts'
import { numbersOtherwise } from '../table/numbers.ts'
import { activations } from '../table/rows/elementwise/activations.ts'
import { elementwise } from '../table/rows/elementwise/elementwise.ts'

it.each(['float32', 'float64'] as const)('%s: values and gradients as PyTorch has them', async (dtype) => {
  expect(await answersOtherwise(pinned, cpu, dtype)).toEqual([])
})

it.each(['float32', 'float64'] as const)('%s: where we differ from PyTorch on purpose', async (dtype) => {
  expect(await answersOtherwise(ours, cpu, dtype)).toEqual([])
})

it('numbers next to float32 tensors are float32', async () => {
  expect(await numbersOtherwise(cpu)).toEqual([])
})

it('nanToNum replaces infinities by the ends of the dtype', async () => {
  const { tensor } = await import('../../src/index.ts')
  expect(await tensor([Infinity, -Infinity, NaN]).nanToNum().data()).toEqual(
    Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38, 0),
  )
  expect(await tensor([Infinity], { dtype: 'float64' }).nanToNum().data()).toEqual(Float64Array.of(Number.MAX_VALUE))
})

it('every elementwise op is tried', () => {
  const tried = new Set([...extremes, ...integers].map(({ op }) => op as string))
  expect([...Object.keys(elementwise), ...Object.keys(activations)].filter((op) => !tried.has(op))).toEqual([])
})

it('docs/numerics.md gives every exception and its reason', () => {
  const page = readFileSync(new URL('../../docs/numerics.md', import.meta.url), 'utf8').replace(/\s+/g, ' ')
  for (const { op, reason } of exceptions) {
    expect(page).toContain(`\`${op}\``)
    expect(page).toContain(reason)
  }
})
