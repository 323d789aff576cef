/** @file Modules: names equal to PyTorch's, hidden parameters, state dicts, moving, and first values. */
import { expect, test } from 'vitest'
import { CpuDevice, manualSeed, nn, noGrad, ones, randn, scope, type Tensor, tensor, zeros } from '../../src/index.ts'
import type { Module } from '../../src/nn/index.ts'

const mlp = () => new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(3, 2))

class Block extends nn.Module {
  fc = new nn.Linear(2, 2, { bias: false })
  forward(x: Tensor): Tensor {
    return this.fc.forward(x)
  }
}

class Net extends nn.Module {
  body = mlp()
  blocks = [new Block(), new Block()]
  heads = new Map([
    ['left', new nn.Linear(2, 1)],
    ['right', new nn.Linear(2, 1)],
  ])
  scale = nn.parameter(tensor(2))
  mean = nn.buffer(zeros([2]))
  unused = null
  forward(x: Tensor): Tensor {
    return this.body.forward(x).mul(this.scale)
  }
}

test('names are those of PyTorch: own tensors first, then modules in the order of the fields', () => {
  expect(
    mlp()
      .namedParameters()
      .map(([name]) => name),
  ).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
  const net = new Net()
  const parameters = [
    'scale',
    'body.0.weight',
    'body.0.bias',
    'body.2.weight',
    'body.2.bias',
    'blocks.0.fc.weight',
    'blocks.1.fc.weight',
  ]
  const heads = ['heads.left.weight', 'heads.left.bias', 'heads.right.weight', 'heads.right.bias']
  expect(net.namedParameters().map(([name]) => name)).toEqual([...parameters, ...heads])
  expect(net.namedBuffers().map(([name]) => name)).toEqual(['mean'])
  expect(Object.keys(net.stateDict())).toEqual(['scale', 'mean', ...parameters.slice(1), ...heads])
  expect(net.namedModules().map(([name]) => name)).toEqual([
    '',
    'body',
    'body.0',
    'body.1',
    'body.2',
    'blocks.0',
    'blocks.0.fc',
    'blocks.1',
    'blocks.1.fc',
    'heads.left',
    'heads.right',
  ])
  expect(net.body.layers[0].toString()).toBe('Linear(4, 3), 15 parameters')
  expect(mlp().toString()).toBe(
    'Sequential(\n  (0): Linear(4, 3), 15 parameters\n  (1): ReLU()\n  (2): Linear(3, 2), 8 parameters\n), 23 parameters',
  )
})

test('a shared parameter is trained once and saved under each name; a frozen one stays a parameter', () => {
  class Tied extends nn.Module {
    a = new nn.Linear(2, 2)
    b = this.a
    forward(x: Tensor): Tensor {
      return this.b.forward(this.a.forward(x))
    }
  }
  const tied = new Tied()
  expect(tied.namedParameters().map(([name]) => name)).toEqual(['a.weight', 'a.bias'])
  expect(Object.keys(tied.stateDict())).toEqual(['a.weight', 'a.bias', 'b.weight', 'b.bias'])
  tied.a.weight.requiresGrad = false
  expect(tied.parameters()).toHaveLength(2)
})

test('a parameter that would be forgotten is an error that says where it is', () => {
  const hide = (hidden: unknown) => {
    class Net extends nn.Module {
      options = hidden
    }
    return () => new Net().parameters()
  }
  const w = nn.parameter(zeros([2]))
  const where = (path: string) =>
    `parameters: Net.${path} holds a parameter where none is looked for (put it in a field, an array, a Map or a Module)`
  expect(hide({ w })).toThrow(where('options.w'))
  expect(hide({ inner: [{ w }] })).toThrow(where('options.inner.0.w'))
  expect(hide(new Set([w]))).toThrow(where('options'))
  expect(hide({ layer: new nn.Linear(1, 1) })).toThrow(where('options.layer'))
  expect(hide(randn([2], { requiresGrad: true }))).toThrow(
    'parameters: Net.options needs a gradient but is not a parameter (make it one with nn.parameter(…), or hold it in a #private field)',
  )
  for (const harmless of [zeros([2]), w.mul(2), { lr: 1, sizes: [1, 2], big: new Float32Array(9) }, 'text', null]) {
    expect(hide(harmless)()).toEqual([])
  }
})

test('a module that holds its parent ends', () => {
  class Child extends nn.Module {
    parent: Module
    w = nn.parameter(zeros([1]))
    constructor(parent: Module) {
      super()
      this.parent = parent
    }
  }
  class Parent extends nn.Module {
    child = new Child(this)
  }
  expect(Object.keys(new Parent().stateDict())).toEqual(['child.w'])
  expect(new Parent().parameters()).toHaveLength(1)
})

test('linear layers compute x Wᵀ + b and pass gradients', async () => {
  const layer = new nn.Linear(3, 2)
  layer.loadStateDict({
    weight: tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    bias: tensor([10, 20]),
  })
  const y = layer.forward(
    tensor([
      [1, 1, 1],
      [0, 1, 0],
    ]),
  )
  expect(await y.array()).toEqual([
    [16, 35],
    [12, 25],
  ])
  y.sum().backward()
  expect(await layer.weight.grad.array()).toEqual([
    [1, 2, 1],
    [1, 2, 1],
  ])
  expect(await layer.bias?.grad.array()).toEqual([2, 2])
  layer.zeroGrad()
  expect(layer.weight.hasGrad).toBe(false)
  expect(await new nn.Linear(3, 2, { bias: false }).forward(zeros([2, 3])).array()).toEqual([
    [0, 0],
    [0, 0],
  ])
})

test('activations and Flatten as layers', async () => {
  const x = tensor([[[-1, 2]], [[0, -3]]])
  const y = new nn.Sequential(new nn.Flatten(), new nn.ReLU()).forward(x)
  expect(await y.array()).toEqual([
    [0, 2],
    [0, 0],
  ])
  expect((await new nn.Tanh().forward(tensor([0.5])).item()).toFixed(6)).toBe(Math.tanh(0.5).toFixed(6))
  expect((await new nn.Sigmoid().forward(tensor([0.5])).item()).toFixed(6)).toBe((1 / (1 + Math.exp(-0.5))).toFixed(6))
})

test('sizes that do not fit are refused by name', () => {
  const layer = new nn.Linear(3, 2)
  expect(() => layer.forward(zeros([2, 4]))).toThrow(
    'Linear(3, 2): x is [2, 4], its last axis 4, not 3 (give [..., 3])',
  )
  expect(() => layer.forward(zeros([]))).toThrow('linear: input [] has no features, weight [2, 3] takes 3')
  expect(() => new nn.Linear(0, 2)).toThrow('Linear: inFeatures is 0 (give an integer from 1 up)')
  expect(() => new nn.Linear(2, 1.5)).toThrow('Linear: outFeatures is 1.5 (give an integer from 1 up)')
  expect(() => new nn.Linear(2, 3, { foo: 1 } as object)).toThrow(
    'Linear: there is no option foo (it takes { device, dtype, bias, weight })',
  )
  const given = (weight: unknown) => () => new nn.Linear(2, 3, { weight } as object)
  expect(given([1])).toThrow('Linear: weight is')
  expect(given(tensor([1, 2]))).toThrow('Linear: weight is [2] (give [3, 2])')
  // biome-ignore lint/suspicious/noExplicitAny: bad input on purpose
  expect(() => new nn.Sequential(mlp(), 'relu' as any)).toThrow(
    "Sequential: layer 1 is 'relu' (give modules with forward(x), such as new nn.ReLU())",
  )
  // @ts-expect-error bad input on purpose: the compiler refuses it too
  expect(() => nn.parameter(3)).toThrow('parameter: 3 is not a tensor (give randn(…), zeros(…) or tensor(…))')
  expect(() => nn.buffer(nn.parameter(zeros([1])))).toThrow(
    'needs a gradient (a buffer is not trained; use parameter(x), or buffer(x.detach()))',
  )
})

test('state dicts move values between models, and are checked before anything changes', async () => {
  const [from, to] = [mlp(), mlp()]
  expect(to.loadStateDict(from.stateDict())).toEqual({ missing: [], unexpected: [] })
  const x = randn([5, 4])
  expect(await to.forward(x).array()).toEqual(await from.forward(x).array())

  const dict = from.stateDict()
  const { '0.weight': weight, '0.bias': bias, ...rest } = dict
  expect(() => to.loadStateDict({ ...rest, '0.weight': weight, other: bias })).toThrow(
    'loadStateDict: 0.bias missing, other unknown (pass { strict: false } to load what fits)',
  )
  expect(to.loadStateDict({ ...rest, other: bias }, { strict: false })).toEqual({
    missing: ['0.weight', '0.bias'],
    unexpected: ['other'],
  })
  for (const [given, what] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [new Map(Object.entries(dict)), 'a Map'],
    [[weight], 'an array'],
  ]) {
    // @ts-expect-error bad input on purpose
    expect(() => to.loadStateDict(given)).toThrow(
      `loadStateDict: the weights are ${what} (give tensors by name, as stateDict() does)`,
    )
  }
  const before = await to.stateDict()['2.bias'].array()
  expect(() => to.loadStateDict({ ...dict, '0.weight': zeros([4, 3]), '2.bias': tensor(Int32Array.of(1, 2)) })).toThrow(
    "loadStateDict: 0.weight is [4, 3], the module's [3, 4]; 2.bias is int32, the module's float32",
  )
  // biome-ignore lint/suspicious/noExplicitAny: bad input on purpose
  expect(() => to.loadStateDict({ ...dict, '0.weight': [1, 2] as any })).toThrow(
    'loadStateDict: 0.weight is an array, not a tensor',
  )
  const elsewhere = zeros([2], { device: new CpuDevice() })
  expect(() => to.loadStateDict({ ...dict, '2.bias': elsewhere })).toThrow(
    "loadStateDict: 2.bias is on cpu, the module's on cpu: move it with to(device)",
  )
  expect(await to.stateDict()['2.bias'].array()).toEqual(before)

  const wide = new nn.Linear(4, 3, { dtype: 'float64' })
  wide.loadStateDict({ weight, bias })
  expect(await wide.bias?.array()).toEqual(await bias.array())
  expect(wide.weight.dtype).toBe('float64')
})

test('train and eval reach every module', () => {
  const net = new Net()
  expect(net.training).toBe(true)
  expect(
    net
      .eval()
      .modules()
      .every((m) => !m.training),
  ).toBe(true)
  expect(
    net
      .train()
      .modules()
      .every((m) => m.training),
  ).toBe(true)
})

test('parameters made inside a scope outlive it', async () => {
  const layer = scope(() => {
    const made = new nn.Linear(2, 2)
    return () => made
  })()
  expect(layer.weight.disposed).toBe(false)
  expect(await layer.forward(zeros([1, 2])).array()).toEqual([await layer.bias?.array()])
})

test('to(device) moves parameters and buffers, and the handles stay', async () => {
  const other = new CpuDevice()
  const net = new Net()
  const [before, handles] = [await net.scale.item(), net.parameters()]
  net.scale.sum().backward()
  net.body.stateDict()['0.bias'].requiresGrad = false
  expect(await net.to(other)).toBe(net)
  expect(net.parameters().every((x, i) => x === handles[i])).toBe(true)
  expect([...net.parameters(), ...net.buffers()].every((x) => x.device === other)).toBe(true)
  expect(await net.scale.item()).toBe(before)
  expect([net.scale.requiresGrad, net.scale.hasGrad]).toEqual([true, false])
  expect(net.body.stateDict()['0.bias'].requiresGrad).toBe(false)
  expect(other.memory().live).toBe(net.parameters().length + net.buffers().length)
  net
    .forward(ones([1, 4], { device: other }))
    .sum()
    .backward()
  expect(net.scale.hasGrad).toBe(true)

  const half = mlp()
  other.memoryLimit = 0
  await expect(half.to(other)).rejects.toThrow('to: 48 bytes more do not fit')
  expect(half.parameters().every((x) => x.device !== other)).toBe(true)
})

test('first values: bounds, variances, the same for one seed', async () => {
  const spread = async (x: Tensor) => {
    const values = [...(await x.data())]
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)
    return { mean, std, most: Math.max(...values.map(Math.abs)) }
  }
  const x = () => zeros([300, 200])
  manualSeed(3)
  const weight = new nn.Linear(200, 300).weight
  const linear = await spread(weight)
  expect(linear.most).toBeLessThanOrEqual(1 / Math.sqrt(200))
  expect(linear.most).toBeGreaterThan(0.999 / Math.sqrt(200))
  const cases: [Tensor, number][] = [
    [weight, 1 / Math.sqrt(3 * 200)],
    [nn.init.kaimingUniform_(x(), { a: Math.sqrt(5) }), 1 / Math.sqrt(3 * 200)],
    [nn.init.kaimingUniform_(x(), { nonlinearity: 'relu' }), Math.sqrt(2 / 200)],
    [nn.init.kaimingNormal_(x(), { mode: 'fanOut', nonlinearity: 'tanh' }), 5 / 3 / Math.sqrt(300)],
    [nn.init.xavierUniform_(x()), Math.sqrt(2 / 500)],
    [nn.init.xavierNormal_(x(), { gain: 2 }), 2 * Math.sqrt(2 / 500)],
    [nn.init.normal_(x(), 1, 0.5), 0.5],
    [nn.init.xavierUniform_(zeros([30, 20, 10, 10])), Math.sqrt(2 / 5000)],
  ]
  for (const [values, std] of cases) expect((await spread(values)).std / std).toBeCloseTo(1, 1.7)
  expect(await nn.init.constant_(zeros([2]), 3).array()).toEqual([3, 3])
  expect(await nn.init.ones_(zeros([2])).array()).toEqual([1, 1])
  expect(await nn.init.zeros_(ones([2])).array()).toEqual([0, 0])

  manualSeed(3)
  expect(await new nn.Linear(200, 300).weight.equal(weight)).toBe(true)
  const turned = zeros([2, 3]).transpose()
  nn.init.uniform_(turned, 1, 2)
  expect(noGrad(() => turned.min()).requiresGrad).toBe(false)
  expect(await turned.min().item()).toBeGreaterThanOrEqual(1)
})

test('first values refuse what they cannot fill', () => {
  expect(() => nn.init.kaimingUniform_(zeros([3]))).toThrow(
    /kaimingUniform_: tensor #\d+ \[3\] has 1 dims, fans need 2/,
  )
  expect(() => nn.init.uniform_(zeros([3]), 2, 1)).toThrow('uniform_: low 2 is above high 1')
  expect(() => nn.init.normal_(zeros([3]), 0, -1)).toThrow('normal_: std is -1 (give a number from 0 up)')
  expect(() => nn.init.normal_(zeros([3], { dtype: 'int32' }))).toThrow(
    /normal_: tensor #\d+ \[3\] is int32 \(only float tensors are drawn\)/,
  )
  // biome-ignore lint/suspicious/noExplicitAny: bad input on purpose
  expect(() => nn.init.calculateGain('gelu' as any)).toThrow("calculateGain: 'gelu' is not a nonlinearity")
  // biome-ignore lint/suspicious/noExplicitAny: bad input on purpose
  expect(() => nn.init.kaimingNormal_(zeros([3, 3]), { mode: 'fan_in' as any })).toThrow(
    "kaimingNormal_: mode is 'fan_in' ('fanIn' or 'fanOut')",
  )
})
