/** @file Labels that do not count, batches of one label, loaders that end, and models of vectors alone. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect, keep, manualSeed, nn, randn, scope, type Tensor, tensor } from '../../../src/index.ts'
import { healthy, sgd } from './programs.ts'

const { crossEntropy } = nn.functional
const device = new CpuDevice()

/** The perceptron with other labels. */
function labelled(
  change: (y: number[], batch: number) => number[],
  loss: inspect.DiagnoseOptions['loss'] = crossEntropy,
) {
  const { model, options } = healthy['a perceptron of ReLUs, by SGD'](device, 1)
  const batches = options.loader as [Tensor, Tensor][]
  const loader = Promise.all(
    batches.map(async ([x, y], i) => [x, tensor(Int32Array.from(change([...(await y.data())], i)), { device })]),
  )
  return { model, options: async () => ({ ...options, loss, loader: await loader }) }
}
async function found({ model, options }: ReturnType<typeof labelled>) {
  const { findings } = await inspect.diagnose(model, await options())
  return findings.map(({ code, numbers: { value, least } }) => [code, value ?? least])
}
const padded = (y: number[]) => y.map((v, i) => (i % 3 === 0 ? -100 : v))

test('labels that the loss passes over are none', async () => {
  expect(await found(labelled(padded))).toEqual([])
  expect(await found(labelled((y) => padded(y).map((v, i) => (i === 4 ? 9 : v))))).toEqual([['labelOutOfRange', 9]])
  expect(await found(labelled((y) => padded(y.map((v) => v + 1))))).toEqual([['labelOffByOne', 1]])
  // Of another name.
  const loss = new nn.CrossEntropyLoss({ ignoreIndex: -1 })
  const minus = (y: number[]) => padded(y).map((v) => (v === -100 ? -1 : v))
  expect(await found(labelled(minus, loss))).toEqual([])
  expect(await found(labelled((y) => minus(y).map((v, i) => (i === 4 ? -2 : v)), loss))).toEqual([
    ['labelOutOfRange', -2],
  ])
  const byClass = await found(labelled((y, batch) => padded(y.map(() => batch >> 1))))
  expect(byClass.map(([code]) => code)).toEqual(['batchesNotShuffled'])
})

test('a short batch at the end neither is evidence nor hides it', async () => {
  const { model, options } = healthy['a perceptron of ReLUs, by SGD'](device, 1)
  const one = [randn([1, 8], { device }), tensor(Int32Array.of(2), { device })] as const
  const given = options.loader as [Tensor, Tensor][]
  const codes = async (loader: (readonly Tensor[])[]) =>
    (await inspect.diagnose(model, { ...options, loader })).findings.map(({ code }) => code)
  expect(await codes([...given.slice(0, 5), one])).toEqual([])
  const sorted = given.map(([x, y], i) => [x, scope(() => keep(y.mul(0).add(i >> 1)))])
  expect(await codes([...sorted.slice(0, 5), one])).toEqual(['batchesNotShuffled'])
  const ones = Array.from({ length: 10 }, () => [randn([1, 8], { device }), one[1]])
  expect(await codes(ones)).toEqual([])
})

test('what can be gone through once only is refused, and nothing of it is taken', async () => {
  const { model, options } = healthy['a perceptron of ReLUs, by SGD'](device, 1)
  function* batches() {
    yield* options.loader as [Tensor, Tensor][]
  }
  const loader = batches()
  const refusal = 'can be gone through once only (give a DataLoader, or batches in an array)'
  await expect(inspect.diagnose(model, { ...options, loader })).rejects.toThrow(`diagnose: loader ${refusal}`)
  await expect(inspect.diagnose(model, { ...options, validation: loader })).rejects.toThrow(
    `diagnose: validation ${refusal}`,
  )
  expect([...loader]).toHaveLength(6)
})

/** y = w ∘ x + b. */
class Scaled extends nn.Module {
  w = nn.parameter(tensor([0.5, -0.5, 1], { device }))
  b = nn.parameter(tensor([0, 0, 0], { device }))
  forward(x: Tensor): Tensor {
    return x.mul(this.w).add(this.b)
  }
}

test.each([
  [0.3, []],
  [300, ['learningRateTooLarge']],
  [1e-6, ['learningRateTooSmall']],
])('a model of vectors alone, at a rate of %d', async (lr, codes) => {
  for (let seed = 1; seed <= 5; seed++) {
    manualSeed(seed)
    const model = new Scaled()
    const loader = Array.from({ length: 6 }, () => {
      const x = keep(randn([16, 3], { device }))
      return [x, keep(scope(() => x.mul(tensor([2, 1, -1], { device })).add(1)))]
    })
    const options = { loss: nn.functional.mseLoss, optimizer: sgd(lr)(model), loader }
    const { findings } = await inspect.diagnose(model, options)
    expect(
      findings.map(({ code }) => code),
      `seed ${seed}`,
    ).toEqual(codes)
  }
})
