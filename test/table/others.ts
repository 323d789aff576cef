/**
 * @file What tests other than the op table say of the GPU: the optimizers' steps, random numbers, wrong indices, how
 * exact special functions are.
 */
import {
  crossEntropy,
  type Device,
  embedding,
  IndexError,
  manualSeed,
  multinomial,
  nllLoss,
  oneHot,
  ones,
  rand,
  randn,
  type Tensor,
  type TensorOptions,
  tensor,
} from '../../src/index.ts'
import { defaultGenerator } from '../../src/ops/base/generator.ts'
import type { WebGPUOptions } from '../../src/webgpu/device.ts'
import { fewError } from '../generate/few.ts'
import { productsOff } from '../halves/products.ts'
import { accuracies, accuracyOn } from '../support/accuracy.ts'
import { averageFaults } from '../support/average.ts'
import { clipFaults } from '../support/clip.ts'
import { deviation, forcedTo, formulas, kernelFaults, makeParams } from '../support/optimizers.ts'

interface Other {
  readonly options: WebGPUOptions
  /** What is wrong. */
  run(device: Device): Promise<readonly string[]>
}

const optimizers = (force: Readonly<Record<string, string>>): Other => ({ options: { force }, run: kernelFaults })

/** Calls with an index that is just outside, and its place; at first several of them. */
function wrongIndices(on: Device): [() => Tensor, number | null][] {
  const x = ones([3, 4], { device: on })
  const ints = (...values: number[]) => tensor(Int32Array.from(values), { device: on })
  // Indices count from the end as well; classes do not, whose `low` is −1.
  const both = (
    limit: number,
    place: number,
    call: (bad: number) => Tensor,
    low = -limit - 1,
  ): [() => Tensor, number][] => [limit, low].map((bad) => [() => call(bad), place])
  return [
    [() => x.gather(1, ints(4, 5, 6).reshape([3, 1])), null],
    ...both(4, 2, (bad) => x.gather(1, ints(0, 3, bad).reshape([3, 1]))),
    ...both(4, 1, (bad) => x.scatter(1, ints(0, bad).reshape([2, 1]), 1)),
    ...both(3, 0, (bad) => x.scatterAdd(0, ints(bad, 0).reshape([2, 1]), ones([2, 1], { device: on }))),
    ...both(3, 1, (bad) => x.indexAdd(0, ints(1, bad), ones([2, 4], { device: on }))),
    ...both(3, 1, (bad) => x.indexSelect(0, ints(2, bad))),
    ...both(12, 1, (bad) => x.take(ints(1, bad))),
    ...both(3, 0, (bad) => x.at(ints(bad))),
    ...both(3, 1, (bad) => oneHot(ints(1, bad), 3), -1),
    ...both(3, 2, (bad) => embedding(x, ints(2, 0, bad))),
    ...both(4, 1, (bad) => crossEntropy(x, ints(0, bad, 1)), -1),
    ...both(4, 2, (bad) => nllLoss(x, ints(0, 1, bad)), -1),
  ]
}

/** As the tests of optim, clip, average, random, indexing and shaders on WebGPU have it. */
export const others: Readonly<Record<string, Other>> = {
  optimizers: optimizers({}),
  'optimizers, one element per thread': optimizers(forcedTo('element')),
  'optimizers, four elements per thread': optimizers(forcedTo('vec4')),
  ...Object.fromEntries(
    formulas.map(({ name, make, rule }): [string, Other] => [
      `ten steps of ${name}`,
      {
        options: {},
        run: async (device) => {
          manualSeed(1)
          const params = makeParams({ device })
          const off = await deviation(params, make(params), rule, 10)
          return off < 2e-5 ? [] : [`off by ${off}`]
        },
      },
    ]),
  ),
  ...Object.fromEntries(
    ['thread', 'group'].map((squares): [string, Other] => [
      `clipping, a ${squares} per sum`,
      { options: { force: { squares } }, run: (device) => clipFaults({ device }) },
    ]),
  ),
  ...Object.fromEntries(
    ['element', 'vec4'].map((average): [string, Other] => [
      `averages, ${average} per thread`,
      { options: { force: { average } }, run: averageFaults },
    ]),
  ),
  'tokens behind those of a cache': {
    options: {},
    run: async (device) => {
      const off = await fewError(device)
      return off < 1e-5 ? [] : [`off by ${off}`]
    },
  },
  'products of float16': { options: {}, run: (device) => productsOff(device, 'float16') },
  'products of bfloat16': { options: {}, run: (device) => productsOff(device, 'bfloat16') },
  'wrong indices': {
    options: {},
    run: async (device) => {
      const faults: string[] = []
      for (const [i, [call, position]] of wrongIndices(device).entries()) {
        const error: unknown = await call()
          .data()
          .catch((reason: unknown) => reason)
        const named = error instanceof IndexError && error.message.includes(` at position ${position ?? ''}`)
        if (!named) faults.push(`call ${i}: ${error}`)
      }
      return faults
    },
  },
  random: {
    options: {},
    run: async (device) => {
      const faults: string[] = []
      // At the beginning, and where the position passes 3·2³² blocks.
      for (const [draw, allowed, position] of [
        [rand, 0, 0],
        [randn, 1e-6, 0],
        [rand, 0, 3 * 2 ** 32 - 5],
      ] as const) {
        const on = (options: TensorOptions) => {
          manualSeed(2 ** 40 + 7)
          defaultGenerator.draw(position)
          return Promise.all([1, 3, 63, 1027, 65_536].map((n) => draw([n], options).data()))
        }
        const [want, got] = [await on({}), await on({ device })]
        got.forEach((data, i) => {
          const bad = data.findIndex((v, j) => !(Math.abs(v - want[i][j]) <= allowed))
          if (bad >= 0)
            faults.push(`${draw.name} of ${data.length}: element ${bad} is ${data[bad]}, not ${want[i][bad]}`)
        })
      }
      return faults
    },
  },
  multinomial: {
    options: {},
    run: async (device) => {
      const drawn = (on: TensorOptions) => {
        manualSeed(5)
        return multinomial(tensor([1, 0, 2, 5, 0.5, 3, 1, 1], { ...on }).reshape([2, 4]), 2).data()
      }
      const [want, got] = await Promise.all([drawn({}), drawn({ device })])
      return `${got}` === `${want}` ? [] : [`${got} was drawn, not ${want}`]
    },
  },
  ...Object.fromEntries(
    accuracies.map((row): [string, Other] => [
      `accuracy of ${row.name}`,
      {
        options: {},
        run: async (gpu) => {
          const { worst, at } = await accuracyOn(gpu, row)
          return worst <= row.ulps ? [] : [`${worst} ulp at ${at}`]
        },
      },
    ]),
  ),
}
