/**
 * @file What references do not show of layers: what training changes, what is saved, how they are printed. That they
 * compute what PyTorch's do is in layers.test.ts, where they begin in init.test.ts.
 */
import { expect, test } from 'vitest'
import { tap } from '../../src/core/tap.ts'
import { CpuDevice, full, manualSeed, memory, nn, ones, randn, scope, type Tensor, tensor } from '../../src/index.ts'

test('normalisation begins as the identity of what it learns', async () => {
  const begun = await Promise.all(
    Object.entries({
      ...new nn.BatchNorm1d(2).stateDict(),
      ...new nn.LayerNorm([2]).stateDict(),
      ...new nn.GroupNorm(1, 2).stateDict(),
    }).map(async ([name, x]) => [name, await x.array()]),
  )
  expect(Object.fromEntries(begun)).toEqual({
    weight: [1, 1],
    bias: [0, 0],
    running_mean: [0, 0],
    running_var: [1, 1],
    num_batches_tracked: 0,
  })
  expect(await new nn.PReLU({ numParameters: 2 }).weight.array()).toEqual([0.25, 0.25])
})

test('running statistics are the same tensors from step to step, without a read and with flat memory', async () => {
  const device = new CpuDevice()
  let reads = 0
  const off = tap(device, {
    read: (next, ...args) => {
      reads++
      return next(...args)
    },
  })
  for (const momentum of [0.1, null]) {
    reads = 0
    const net = new nn.BatchNorm2d(3, { device, momentum })
    const { runningMean, runningVar, numBatchesTracked } = net
    const x = randn([2, 3, 4, 4], { device })
    const step = () => scope(() => net.forward(x).sum().backward())
    step()
    const { bytes, live, nodes } = memory(device)
    for (let i = 0; i < 20; i++) step()
    expect(memory(device)).toMatchObject({ bytes, live, nodes })
    const now = [net.runningMean, net.runningVar, net.numBatchesTracked]
    expect(now.map((y, i) => y === [runningMean, runningVar, numBatchesTracked][i])).toEqual([true, true, true])
    expect(reads).toBe(0)
    expect(await net.numBatchesTracked?.item()).toBe(21)
    net.eval()
    const before = await runningMean?.data()
    step()
    expect(await runningMean?.data()).toEqual(before)
  }
  off()
})

test('state dicts have PyTorch’s names, and options say where and as what tensors are made', () => {
  const device = new CpuDevice()
  const made = (layer: nn.Module) => {
    const dict = Object.entries(layer.stateDict())
    expect(dict.every(([, x]) => x.device === device)).toBe(true)
    return dict.map(([name, x]) => `${name} ${x.dtype} [${x.shape}]`).join(', ')
  }
  const where = { device, dtype: 'float64' } as const
  expect([
    made(new nn.Conv2d(2, 4, [3, 1], { ...where, groups: 2 })),
    made(new nn.ConvTranspose1d(2, 4, 3, { ...where, bias: false })),
    made(new nn.BatchNorm1d(2, where)),
    made(new nn.InstanceNorm2d(2, { ...where, affine: true, trackRunningStats: true })),
    made(new nn.LayerNorm([2, 3], { ...where, bias: false })),
    made(new nn.RMSNorm(2, where)),
    made(new nn.PReLU(where)),
    made(new nn.BCEWithLogitsLoss({ weight: ones([2], where), posWeight: ones([2], where) })),
    made(new nn.CrossEntropyLoss({ weight: ones([3], where) })),
  ]).toEqual([
    'weight float64 [4,1,3,1], bias float64 [4]',
    'weight float64 [2,4,3]',
    'weight float64 [2], bias float64 [2], running_mean float64 [2], running_var float64 [2], num_batches_tracked int32 []',
    'weight float64 [2], bias float64 [2], running_mean float64 [2], running_var float64 [2], num_batches_tracked int32 []',
    'weight float64 [2,3]',
    'weight float64 [2]',
    'weight float64 [1]',
    'weight float64 [2], pos_weight float64 [2]',
    'weight float64 [3]',
  ])
})

test('dropout drops in training alone: elements, or whole channels', async () => {
  const layers: [layer: nn.Module & { forward(x: Tensor): Tensor }, shape: number[]][] = [
    [new nn.Dropout(0.25), [100, 100]],
    [new nn.Dropout1d({ p: 0.25 }), [20, 50, 3]],
    [new nn.Dropout2d(0.25), [20, 50, 2, 2]],
    [new nn.AlphaDropout(0.25), [100, 100]],
  ]
  manualSeed(5)
  for (const [layer, shape] of layers) {
    const x = ones(shape)
    const y = await layer.forward(x).data()
    const kept = y[0] === y[1] || y[0] > y[1] ? Math.max(...y) : y[1]
    const rate = y.filter((v) => v !== kept).length / y.length
    expect(Math.abs(rate - 0.25)).toBeLessThan(0.04)
    const size = shape.slice(2).reduce((n, m) => n * m, 1)
    expect(y.every((v, i) => v === y[i - (i % size)])).toBe(true)
    expect(layer.eval().forward(x)).toBe(x)
  }
})

test('RReLU draws a slope for each element in training, and takes their mean after', async () => {
  manualSeed(5)
  const layer = new nn.RReLU(0.25, 0.5)
  const x = full([10_000], -1)
  const slopes = Array.from(await layer.forward(x).data(), (y) => -y)
  expect([Math.min(...slopes) >= 0.25, Math.max(...slopes) <= 0.5]).toEqual([true, true])
  expect(new Set(slopes).size).toBeGreaterThan(9_000)
  expect(slopes.reduce((all, a) => all + a, 0) / x.numel).toBeCloseTo(0.375, 2)
  expect(
    await layer
      .eval()
      .forward(tensor([-2, 3]))
      .tolist(),
  ).toEqual([-0.75, 3])
  expect(
    await layer
      .train()
      .forward(tensor([0, 3]))
      .tolist(),
  ).toEqual([0, 3])
})

test('layers are printed with their sizes and what is not the default', () => {
  const layers = [
    new nn.Conv2d(1, 8, 3, { stride: 2, padding: [1, 0], bias: false, dtype: 'float32' }),
    new nn.Conv1d(2, 4, 5, { padding: 'same', paddingMode: 'reflect', groups: 2 }),
    new nn.MaxPool2d(2),
    new nn.AvgPool2d([2, 3], { stride: 1, countIncludePad: false }),
    new nn.AdaptiveAvgPool2d([1, null]),
    new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
    new nn.ReflectionPad2d(1),
    new nn.Unflatten(1, [2, 3]),
    new nn.BatchNorm2d(3, { momentum: null }),
    new nn.LayerNorm(4),
    new nn.GroupNorm(2, 4),
    new nn.Dropout(),
    new nn.LeakyReLU(0.2),
    new nn.GELU(),
    new nn.Softmax(1),
    new nn.CrossEntropyLoss({ weight: tensor([1, 2]), labelSmoothing: 0.1 }),
    new nn.CosineSimilarity({ dim: 0 }),
  ]
  expect(layers.map((layer) => layer.title())).toEqual([
    'Conv2d(1, 8, 3, stride 2, padding [1, 0], no bias)',
    'Conv1d(2, 4, 5, padding same, groups 2, paddingMode reflect)',
    'MaxPool2d(2)',
    'AvgPool2d([2, 3], stride 1, no countIncludePad)',
    'AdaptiveAvgPool2d([1, null])',
    'Upsample(scaleFactor 2, mode bilinear)',
    'ReflectionPad2d([1, 1, 1, 1], mode reflect)',
    'Unflatten(1, [2, 3])',
    'BatchNorm2d(3, momentum null)',
    'LayerNorm(4)',
    'GroupNorm(2, 4)',
    'Dropout(p 0.5)',
    'LeakyReLU(negativeSlope 0.2)',
    'GELU()',
    'Softmax(dim 1)',
    'CrossEntropyLoss(labelSmoothing 0.1)',
    'CosineSimilarity(dim 0)',
  ])
})

test('what PyTorch takes by position and by name goes both ways', async () => {
  const x = randn([2, 3])
  const pairs = [
    [new nn.ELU(2), new nn.ELU({ alpha: 2 })],
    [new nn.Hardtanh(-2, 2), new nn.Hardtanh({ minVal: -2, maxVal: 2 })],
    [new nn.Softplus(2, 1), new nn.Softplus({ beta: 2, threshold: 1 })],
    [new nn.GELU('tanh'), new nn.GELU({ approximate: 'tanh' })],
    [new nn.Threshold(0.1, 5), new nn.Threshold({ threshold: 0.1, value: 5 })],
    [new nn.Softmax(0), new nn.Softmax({ dim: 0 })],
  ]
  for (const [a, b] of pairs) expect(await a.forward(x).array()).toEqual(await b.forward(x).array())
  const image = randn([1, 2, 7, 7])
  const windows = [
    [new nn.MaxPool2d(3, 2, 1), new nn.MaxPool2d(3, { stride: 2, padding: 1 })],
    [new nn.MaxPool2d(2, 2), new nn.MaxPool2d(2, { stride: 2 })],
    [new nn.AvgPool2d(3, 2, 1, true), new nn.AvgPool2d(3, 2, { padding: 1, ceilMode: true })],
  ]
  for (const [a, b] of windows) expect(await a.forward(image).array()).toEqual(await b.forward(image).array())
  const titles = [
    [new nn.Conv2d(2, 4, 3, 2, 1), new nn.Conv2d(2, 4, 3, { stride: 2, padding: 1 })],
    [new nn.Conv1d(2, 4, 3, 1, 'same', 2), new nn.Conv1d(2, 4, 3, { padding: 'same', dilation: 2 })],
    [
      new nn.ConvTranspose2d(2, 4, 3, 2, 1, 1, { bias: false }),
      new nn.ConvTranspose2d(2, 4, 3, { stride: 2, padding: 1, outputPadding: 1, bias: false }),
    ],
  ]
  for (const [a, b] of titles) expect(a.title()).toBe(b.title())
  expect(titles[2][0].title()).toBe('ConvTranspose2d(2, 4, 3, stride 2, padding 1, outputPadding 1, no bias)')
})
