/**
 * @file The suites: names, amounts, that each case is right on the CPU, and that no variant of a kernel is left out.
 */
import { expect, test } from 'vitest'
import type { Case, Suite } from '../../src/bench/case.ts'
import { check } from '../../src/bench/check.ts'
import { Clock } from '../../src/bench/clock.ts'
import { measureSuite, type Setting } from '../../src/bench/measure.ts'
import { inputsOf } from '../../src/bench/suites/common.ts'
import { suites } from '../../src/bench/suites/index.ts'
import type { Constants, Facts, Params, Plan } from '../../src/core/kernel.ts'
import { cpu } from '../../src/devices.ts'
import { type Tensor, tap } from '../../src/index.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'

const all: readonly Suite[] = await Promise.all(Object.values(suites).map((load) => load()))

interface Launched {
  readonly kernel: string
  readonly params: Params
  readonly constants: Constants
}
/** Launches of cases whose variants are measured one by one, of that kernel. */
const launched: Launched[] = []

/** An adapter on which every variant may run. */
const able: Facts = {
  adapter: { vendor: '', architecture: '', device: '', description: '' },
  software: false,
  features: new Set(['subgroups', 'shader-f16']),
  subgroupSize: 32,
  maxThreads: 1024,
  maxWorkgroupBytes: 32768,
  maxBindingBytes: 2 ** 27,
}

/** `kernel/variant` of plans with several variants, which no launch could run by. */
const uncovered = (of: Readonly<Record<string, Plan>>, launches: readonly Launched[]): string[] =>
  Object.entries(of).flatMap(([name, { variants }]) => {
    const here = launches.filter(({ kernel }) => kernel === name)
    const fits = (variant: string): boolean =>
      here.some(({ params, constants }) => variants[variant].fits?.(params, able, constants) ?? true)
    return Object.keys(variants).length < 2 ? [] : Object.keys(variants).flatMap((v) => (fits(v) ? [] : `${name}/${v}`))
  })

test('a suite is found under its own name', () => {
  expect(all.map(({ name }) => name)).toEqual(Object.keys(suites))
})

test.each(['tiny', 'small', 'large'] as const)('%s cases have names of their own, and amounts above 0', (scale) => {
  for (const { name, cases, measure } of all) {
    const found = cases(scale)
    if (measure) continue
    expect(found.length, name).toBeGreaterThan(0)
    expect(new Set(found.map((one) => one.name)).size, name).toBe(found.length)
    const whole = (amount: number): boolean => Number.isInteger(amount) && amount > 0
    const strange = found.filter(({ flop, bytes }) => !whole(bytes) || (flop !== undefined && !whole(flop)))
    expect(strange.map((one) => one.name)).toEqual([])
  }
})

test.each(all)('$name is right on the CPU, as float64 says', { timeout: 60_000 }, async ({ cases }) => {
  for (const one of cases('tiny')) {
    const stop = tap(cpu, {
      run: (next, launch) => {
        const { kernel, params, constants = {} } = launch
        if (kernel.name === one.kernel?.name) launched.push({ kernel: kernel.name, params, constants })
        next(launch)
      },
    })
    try {
      const worst = await check(one, cpu)
      expect(worst.ulp, one.name).toBeLessThanOrEqual(one.ulp ?? 64)
    } finally {
      stop()
    }
  }
})

test('each variant of every kernel that has several is measured by some case', () => {
  expect(launched.length).toBeGreaterThan(0)
  expect(uncovered(plans, launched)).toEqual([])
  const more: Plan = { variants: { quick: { dispatch: () => [] }, plain: { dispatch: () => [] } } }
  expect(uncovered({ ...plans, more }, launched), 'a plan that comes is missed').toEqual(['more/quick', 'more/plain'])
  const narrow: Plan = { variants: { never: { fits: () => false, dispatch: () => [] }, plain: { dispatch: () => [] } } }
  expect(uncovered({ softmax: narrow }, launched), 'and one that fits nowhere').toEqual(['softmax/never'])
})

/** x + y, wrong where it is told to be. */
const sum = (run: (x: Tensor, y: Tensor) => Tensor, rest: Partial<Case> = {}): Case => ({
  name: 'x + y',
  bytes: 3 * 4 * 1024,
  inputs: inputsOf([1024], [1024]),
  run: ([x, y]) => run(x, y),
  ...rest,
})

test('a wrong result is refused, by its element', async () => {
  await expect(
    check(
      sum((x, y) => x.add(y)),
      cpu,
    ),
  ).resolves.toBeDefined()
  const wrong = sum((x, y) => (x.dtype === 'float64' ? x.add(y) : x.add(y.mul(1.01))))
  await expect(check(wrong, cpu)).rejects.toThrow(/element \d+ is .* ulp, 64 allowed/)
})

const setting = async (): Promise<Setting> => ({
  device: cpu,
  clock: await Clock.of(cpu),
  scale: 'tiny',
  peaks: null,
  probe: { name: 'probe', sample: async () => 1 },
  seconds: 0.05,
  compile: null,
  open: async () => cpu,
})

test('figures tell memory, and what a fresh device takes at first', async () => {
  // Inputs of 8 KiB, and two results of 4 KiB each at once; the second is made when the first is there.
  const one = sum((x, y) => x.add(y).mul(2), { rotate: false, first: true })
  const { figures, skipped } = await measureSuite({ name: 's', about: '', cases: () => [one] }, await setting())
  expect(skipped).toEqual([])
  const wall = figures.filter(({ clock }) => clock === 'wall')
  expect(wall.map(({ name, inputs }) => [name, inputs])).toEqual([
    ['x + y', 'hot'],
    ['x + y, the first on a fresh device', 'hot'],
  ])
  expect(wall[0]).toMatchObject({ peakBytes: 16384, allocations: 2, launches: 2 })
  expect(wall[1].seconds.count).toBe(5)
  expect(wall[1].seconds.median).toBeGreaterThan(0)
})

test('what is made ready is not part of a run', async () => {
  let [made, runs] = [0, 0]
  const ready = ([x, y]: readonly Tensor[]) => {
    made++
    return () => {
      runs++
      return x.add(y)
    }
  }
  const one = sum((x, y) => x.add(y), { ready, rotate: false })
  const { figures } = await measureSuite({ name: 's', about: '', cases: () => [one] }, await setting())
  expect(made).toBe(1)
  expect(runs).toBeGreaterThan(figures[0].runs)
})
