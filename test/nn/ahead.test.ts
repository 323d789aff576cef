/** @file A Linear and the ReLU after it as one launch: what is the same as by two, and when they stay two. */
import { expect, test } from 'vitest'
import { add, CpuDevice, full, inspect, linear, nn, randn, relu, type Tensor, tensor } from '../../src/index.ts'
import { launchesOf } from '../support/labels.ts'

const device = new CpuDevice()

const where = { device }
const x = () => randn([3, 4], where)
const pair = () => [new nn.Linear(4, 5, where), new nn.ReLU()] as const

test('a Linear and a ReLU in a row are one launch, with the bits and gradients of two', async () => {
  const [fc, act] = pair()
  const model = new nn.Sequential(fc, act)
  const input = x()
  const [y, launches] = launchesOf(device, () => model.forward(input))
  expect(launches).toEqual(['linear'])
  const apart = relu(fc.forward(input))
  expect(await y.data()).toEqual(await apart.data())
  const gradientsOf = async (y: Tensor) => {
    model.zeroGrad()
    const [, launches] = launchesOf(device, () => y.square().sum().backward())
    return { launches, data: await Promise.all(model.parameters().map((p) => p.grad.data())) }
  }
  expect(await gradientsOf(y)).toEqual(await gradientsOf(apart))
})

test('the graph has both ops where they were called', () => {
  const model = new nn.Sequential(...pair())
  const shown = (y: Tensor) => inspect.graph(y).nodes.map(({ op, modules, attrs, view }) => [op, modules, attrs, view])
  const one = shown(model.forward(x()))
  expect(one.map(([op]) => op)).toEqual(expect.arrayContaining(['linear', 'relu']))
  const end = model.registerForwardHook(() => undefined)
  model.layers[1].registerForwardHook(() => undefined)
  expect(shown(model.forward(x()))).toEqual(one)
  end()
})

test('hooks, other layers and recordings see what is between them', async () => {
  const runs = (model: nn.Sequential) =>
    launchesOf(device, () => model.forward(x()))[1].filter((name) => name !== 'randn')
  for (const which of [0, 1]) {
    const model = new nn.Sequential(...pair())
    const seen: unknown[] = []
    const end = model.layers[which].registerForwardHook((_, [input], y) => void seen.push([input, y]))
    expect(runs(model)).toEqual(['linear', 'relu'])
    expect(seen).toHaveLength(1)
    end()
    expect(runs(model)).toEqual(['linear'])
  }
  // Its own forward may call linear more than once.
  class Twice extends nn.Linear {
    override forward(x: Tensor): Tensor {
      return add(linear(x, this.weight), linear(x, this.weight, this.bias))
    }
  }
  const two = new nn.Sequential(new Twice(4, 5, where), new nn.ReLU())
  expect(runs(two)).toEqual(['linear', 'linear', 'add', 'relu'])
  expect(runs(new nn.Sequential(new nn.Linear(4, 5, where), new nn.Tanh()))).toEqual(['linear', 'tanh'])
})

test('a recorded step has the values between them', async () => {
  const model = new nn.Sequential(...pair())
  model.layers[0].loadStateDict({ weight: full([5, 4], -1, where), bias: full([5], 0, where) })
  const input = full([1, 4], 1, where)
  const recorded = await inspect.record(() => model.forward(input).sum().backward())
  expect(recorded.toHTML()).toContain('−4')
  // Afterwards they are one launch again.
  expect(launchesOf(device, () => model.forward(input))[1]).toEqual(['linear'])
})

test('a call that fails leaves the next linear as it is', async () => {
  const model = new nn.Sequential(...pair())
  expect(() => model.forward(randn([3, 7], where))).toThrow('its last axis 7')
  const [weight, one] = [tensor([[-1]], where), tensor([[1]], where)]
  expect(await linear(one, weight).data()).toEqual(new Float32Array([-1]))
})

test('linear with relu keeps NaN, and takes no other activation', async () => {
  const values = tensor([[Number.NaN], [-1], [2], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]], where)
  const y = linear(values, tensor([[1]], where), null, { activation: 'relu' })
  expect(await y.data()).toEqual(new Float32Array([Number.NaN, 0, 2, Number.POSITIVE_INFINITY, 0]))
})

test('an encoder layer widens by one launch', () => {
  const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0, ...where })
  const src = randn([3, 2, 8], where)
  expect(launchesOf(device, () => layer.forward(src))[1]).not.toContain('relu')
  layer.linear1.registerForwardHook(() => undefined)
  expect(launchesOf(device, () => layer.forward(src))[1]).toContain('relu')
})

test('a forward that a program puts in a class is called, and sees what is between them', async () => {
  const [fc, act] = pair()
  const model = new nn.Sequential(fc, act)
  const input = x()
  const own = nn.ReLU.prototype.forward
  try {
    nn.ReLU.prototype.forward = (y) => y.mul(2)
    expect(await model.forward(input).data()).toEqual(await fc.forward(input).mul(2).data())
  } finally {
    nn.ReLU.prototype.forward = own
  }
  expect(launchesOf(device, () => model.forward(input))[1]).toEqual(['linear'])
})
