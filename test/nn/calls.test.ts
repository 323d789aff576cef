/** @file The one way into a module: hooks, the module that a node knows, and errors that name the layer. */
import { expect, test } from 'vitest'
import { inspect, nn, noGrad, ones, randn, type Tensor, tensor, zeros } from '../../src/index.ts'

class Block extends nn.Module {
  fc1 = new nn.Linear(4, 8)
  fc2 = new nn.Linear(8, 4)
  forward(x: Tensor): Tensor {
    return x.add(this.fc2.forward(this.fc1.forward(x).relu()))
  }
}

class Net extends nn.Module {
  blocks = [new Block(), new Block()]
  head = new nn.Sequential({ act: new nn.Tanh(), out: new nn.Linear(4, 2) })
  forward(x: Tensor): Tensor {
    return this.head.forward(this.blocks.reduce((y, block) => block.forward(y), x))
  }
}

test('hooks see each call, in the order in which they were given, and may replace what goes in and out', async () => {
  const net = new Net()
  const seen: string[] = []
  const off = net.namedModules().map(([name, module]) =>
    module.registerForwardHook((m, args, y) => {
      expect(m).toBe(module)
      seen.push(`${name} ${(args[0] as Tensor).shape} → ${(y as Tensor).shape}`)
    }),
  )
  const plain = net.forward(ones([3, 4]))
  expect(seen).toEqual([
    'blocks.0.fc1 3,4 → 3,8',
    'blocks.0.fc2 3,8 → 3,4',
    'blocks.0 3,4 → 3,4',
    'blocks.1.fc1 3,4 → 3,8',
    'blocks.1.fc2 3,8 → 3,4',
    'blocks.1 3,4 → 3,4',
    'head.act 3,4 → 3,4',
    'head.out 3,4 → 3,2',
    'head 3,4 → 3,2',
    ' 3,4 → 3,2',
  ])
  for (const end of off) end()
  const ends = [
    net.registerForwardPreHook((_, [x]) => (x as Tensor).mul(0)),
    net.registerForwardPreHook((_, [x]) => [(x as Tensor).add(1)]),
    net.registerForwardHook((_, [x], y) => (y as Tensor).add((x as Tensor).sum())),
    net.registerForwardHook((_, __, y) => (y as Tensor).mul(2)),
  ]
  // ones·0 + 1 = ones goes in; what comes out is (y + 12)·2.
  expect(await net.forward(randn([3, 4])).array()).toEqual(await plain.add(12).mul(2).array())
  expect(seen).toHaveLength(10)
  for (const end of ends) end()
  expect(await net.forward(ones([3, 4])).array()).toEqual(await plain.array())
})

test('a hook that gives something else than a tensor is refused, and one that is not a function', () => {
  const layer = new nn.ReLU()
  const off = layer.registerForwardHook(() => 3)
  const text = 'a hook gave 3 for a tensor (return a tensor at once, or nothing to change nothing)'
  expect(() => layer.forward(ones([1]))).toThrow(`registerForwardHook: ${text}`)
  off()
  const offPre = layer.registerForwardPreHook(() => 3)
  expect(() => layer.forward(ones([1]))).toThrow(`registerForwardPreHook: ${text}`)
  offPre()
  expect(layer.forward(ones([1])).shape).toEqual([1])
  // @ts-expect-error bad input on purpose
  expect(() => layer.registerForwardHook('x')).toThrow("registerForwardHook: the hook is 'x' (give a function)")
  // @ts-expect-error bad input on purpose
  expect(() => layer.registerForwardPreHook()).toThrow(
    'registerForwardPreHook: the hook is undefined (give a function)',
  )
})

test('super.forward is part of the call it stands in; a subclass and its base keep their own', async () => {
  class Twice extends nn.Linear {
    override forward(x: Tensor): Tensor {
      return super.forward(x).mul(2)
    }
  }
  class Plain extends Twice {}
  const base = new nn.Linear(2, 2)
  for (const layer of [new Twice(2, 2), new Plain(2, 2)]) {
    let calls = 0
    layer.registerForwardHook(() => void calls++)
    const y = layer.forward(ones([1, 2]))
    expect(calls).toBe(1)
    noGrad(() => layer.weight.copy_(base.weight))
    noGrad(() => layer.bias?.copy_(base.bias as Tensor))
    expect(await layer.forward(ones([1, 2])).array()).toEqual(
      await base
        .forward(ones([1, 2]))
        .mul(2)
        .array(),
    )
    expect(y.shape).toEqual([1, 2])
  }
})

test('a module that calls itself again makes two calls', async () => {
  class Count extends nn.Module {
    forward(x: Tensor, n: number): Tensor {
      return n > 0 ? this.forward(x.add(1), n - 1) : x
    }
  }
  const count = new Count()
  let calls = 0
  count.registerForwardHook(() => void calls++)
  expect(await count.forward(tensor(0), 3).item()).toBe(3)
  expect(calls).toBe(4)
})

test('a forward in a field is refused: nothing would see its calls', () => {
  class Arrow extends nn.Module {
    forward = (x: Tensor): Tensor => x
  }
  const text = 'Module: Arrow has its forward in a field, which no hook sees (write a method: forward(x) { … })'
  expect(() => new Arrow().parameters()).toThrow(text)
  expect(() => new nn.Sequential(new Arrow()).parameters()).toThrow(text)
})

test('nodes know the module that they were made in', async () => {
  const net = new Net()
  const graph = await inspect.backward(net.forward(ones([3, 4])).sum())
  const paths = graph.nodes
    .filter(({ kind }) => kind === 'op')
    .map(({ op, modules }) => `${op} ${modules.map(({ path }) => path).join(' > ')}`)
  expect(paths).toContain('linear blocks.1 > blocks.1.fc2')
  expect(paths).toContain('add blocks.0')
  expect(paths).toContain('tanh head > head.act')
  expect(paths).toContain('sum ')
})

test('errors name the layer, by its path from the module that was called', () => {
  const net = new Net()
  const bad = ones([3, 5])
  expect(() => net.forward(bad)).toThrow(
    /^blocks\.0\.fc1 \(Linear 4, 8\): x is \[3, 5\], its last axis 5, not 4 \(give \[\.\.\., 4\]\)$/,
  )
  // An op's own error is named once, by the innermost module.
  net.head.replace('act', new nn.Lambda((x) => x.add(zeros([7]))))
  let error = new Error()
  try {
    net.forward(ones([3, 4]))
  } catch (caught) {
    error = caught as Error
  }
  expect(error.message).toMatch(/^head\.act \(Lambda\): add: /)
  expect(error.stack).toContain(error.message)
  // On its own, a layer goes by its class; the ops of a model itself by their own name.
  expect(() => new nn.Linear(784, 256).forward(ones([64, 28, 28]))).toThrow(
    'Linear(784, 256): x is [64, 28, 28], its last axis 28, not 784 (flatten(1) first?)',
  )
  expect(() => new nn.Lambda((x) => x.reshape([7])).forward(ones([3]))).toThrow(/^reshape: /)
  // What nobody holds in a field goes by its class.
  const hidden = new nn.Linear(2, 2)
  const outer = new nn.Sequential(new nn.Lambda((x) => hidden.forward(x)))
  expect(() => outer.forward(ones([3]))).toThrow(/^0\.Linear \(Linear 2, 2\): x is \[3\]/)
  // After an error, calls are what they were.
  expect(() => hidden.forward(ones([3]))).toThrow(/^Linear\(2, 2\): /)
})
