/**
 * @file What user code hands back: hooks, rules of own ops, kernels, taps, data sets, collate functions, optimizers,
 * modules. Something else than was asked for is an error that says whose it is, and nothing is changed by it.
 */
import { describe, expect, it } from 'vitest'
import * as handgrad from '../../src/index.ts'
import { judge } from '../../src/report/index.ts'
import { kernel, other, v3, w, x } from '../support/operands.ts'
import { type Any, refusal, refuse, loose as untyped } from '../support/refusals.ts'

// Called with what their types refuse.
const { CpuDevice, Live, data, nn, optim, tensor, train } = handgrad as unknown as Record<string, Any>
const { customGrad, defineKernel, defineOp, gradcheck, tap } = untyped

const none = handgrad.zeros([], { device: x.device })
const late = () => Promise.resolve(x)
const gone = handgrad.ones([2, 2], { device: x.device })
gone.dispose()
const ended = 'tensor #n [2, 2], which was disposed (return it from scope(), or keep(x) it)'
const elsewhere = handgrad.ones([2, 2], { device: other })
const doubles = handgrad.ones([2, 2], { dtype: 'float64', device: x.device })

/** backward() with a hook on w that returns something. */
const hooked = (given: Any) => () => {
  const off = w.registerHook(() => given)
  try {
    w.square().sum().backward()
  } finally {
    off()
  }
}
const hook = 'registerHook: what the hook of tensor #n [2, 2] returned is'
const orNothing = '(return a tensor at once, or nothing to leave the gradient as it is)'

describe('hooks', () => {
  refuse([
    [hooked(none), `${hook} [], the gradient [2, 2] (they must have one shape)`],
    [hooked(v3), `${hook} [3], the gradient [2, 2] (they must have one shape)`],
    [hooked(doubles), `${hook} float64, the gradient float32 (cast it)`],
    [hooked(elsewhere), `${hook} on cpu, the gradient on cpu (move it with to())`],
    [hooked(gone), `${hook} ${ended}`],
    [hooked(5), `${hook} 5, not a tensor ${orNothing}`],
    [hooked(0), `${hook} 0, not a tensor ${orNothing}`],
    [hooked(false), `${hook} false, not a tensor ${orNothing}`],
    [hooked(late()), `${hook} a Promise, not a tensor ${orNothing}`],
    [hooked([x]), `${hook} an array, not a tensor ${orNothing}`],
  ])

  it('of inner tensors and under createGraph, and a refused gradient is not kept', async () => {
    const leaf = handgrad.ones([2, 3], { requiresGrad: true })
    const inner = leaf.mul(2)
    const off = inner.registerHook((g) => g.sum())
    for (const createGraph of [false, true]) {
      expect(await refusal(() => inner.sum().backward(undefined, { createGraph, retainGraph: true }))).toBe(
        'registerHook: what the hook of tensor #n [2, 3] returned is [], the gradient [2, 3] (they must have one shape)',
      )
      expect(await refusal(() => handgrad.grad(inner.sum(), leaf, { createGraph, retainGraph: true }))).toContain('[]')
    }
    expect(leaf.hasGrad).toBe(false)
    off()
    inner.sum().backward()
    expect(Array.from(await leaf.grad.data())).toEqual([2, 2, 2, 2, 2, 2])
  })

  it('undefined and null leave the gradient; the same hook twice is two hooks', async () => {
    const leaf = handgrad.ones([2], { requiresGrad: true })
    for (const nothing of [undefined, null]) leaf.registerHook(() => nothing as Any)
    const twice = (g: handgrad.Tensor) => g.mul(2)
    leaf.registerHook(twice)
    const off = leaf.registerHook(twice)
    leaf.sum().backward()
    expect(Array.from(await leaf.grad.data())).toEqual([4, 4])
    off()
    leaf.zeroGrad()
    leaf.sum().backward()
    expect(Array.from(await leaf.grad.data())).toEqual([2, 2])
  })
})

const spec = { name: 'mine', inputs: ['x'], dtypes: ['float32'], shape: ([a]: Any) => ({ shape: a.shape }) }
const identity = { ...spec, view: (v: Any) => v }
const ruled = (given: Any) => () =>
  defineOp({ ...identity, vjp: { x: () => given } })([w], {})
    .sum()
    .backward()
const joint = (given: Any) => () =>
  defineOp({ ...identity, vjp: { all: () => given } })([w], {})
    .sum()
    .backward()
const listed = (given: Any) => () =>
  defineOp({ ...identity, inputs: 'list', vjp: { list: () => given } })([w], {})
    .sum()
    .backward()
const called = (more: Any) => () => defineOp({ ...spec, vjp: 'none', ...more })([x], {})
const referenced = (given: Any) => () => {
  const op = defineOp({ ...identity, saves: { x: ['x'] }, vjp: { x: ({ g }: Any) => g }, reference: () => given })
  handgrad.grad(op([w], {}).sum(), w, { createGraph: true })
}

describe('own ops', () => {
  const rule = 'mine: what its gradient rule gave for'
  refuse([
    [ruled(none), `${rule} x is [], the input [2, 2] (they must have one shape)`],
    [ruled(doubles), `${rule} x is float64, the input float32 (cast it)`],
    [ruled(elsewhere), `${rule} x is on cpu, the input on cpu (move it with to())`],
    [ruled(gone), `${rule} x is ${ended}`],
    [ruled(5), `${rule} x is 5, not a tensor (return a tensor like the input)`],
    [ruled(late()), `${rule} x is a Promise, not a tensor (return a tensor like the input)`],
    [ruled(undefined), 'backward: mine has no gradient for x (its rule gave none)'],
    [joint({ x: 5 }), `${rule} x is 5, not a tensor (return a tensor like the input)`],
    [joint({ x: doubles }), `${rule} x is float64, the input float32 (cast it)`],
    [joint(undefined), 'backward: mine has no gradient for x (its rule gave none)'],
    [joint(late()), 'backward: mine has no gradient for x (its rule gave none)'],
    [listed(none), `${rule} input 0 is [], the input [2, 2] (they must have one shape)`],
    [called({ shape: () => undefined }), 'mine: shape is undefined (give an array of sizes, such as [2, 3])'],
    [called({ shape: () => [2, 2] }), 'mine: shape is undefined (give an array of sizes, such as [2, 3])'],
    [called({ shape: () => ({ shape: [2, 0.5] }) }), 'mine: [2, 0.5] is not a shape (sizes are integers from 0 up)'],
    [called({ outputs: ['y', 'z'] }), 'mine: its shape() gave 1 of y,z (give each)'],
    [called({ view: () => undefined }), 'mine: its view is undefined (one for each shape, of that shape)'],
    [called({ view: (v: Any) => ({ ...v, shape: [4] }) }), 'mine: its view is [4] (one for each shape, of that shape)'],
    [
      called({ view: (v: Any) => ({ ...v, offset: 1 }) }),
      'mine: its view has elements 1 to 4 of a storage of 4 (stay inside of it)',
    ],
  ])

  it('a launch that returns a promise, a reference that gives something else', async () => {
    expect(await refusal(called({ launch: async () => {} }))).toBe(
      'mine: its launch returned a promise (await nothing in it)',
    )
    expect(await refusal(referenced(5))).toBe(
      'mine: what its reference gave is undefined, not a tensor (return a tensor)',
    )
    expect(await refusal(referenced(gone))).toBe(`mine: what its reference gave is ${ended}`)
    expect(await refusal(referenced(none))).toBe(
      'mine: what its reference gave is [], the output [2, 2] (they must have one shape)',
    )
  })
})

const own = (f: Any, vjp: Any) => () => customGrad(f, vjp)(w).sum().backward()
const doubled = (a: Any) => a.mul(2)

describe('customGrad', () => {
  const rule = 'customGrad: what its gradient rule gave for input 0 is'
  refuse([
    [own(doubled, () => [5]), `${rule} 5, not a tensor (return a tensor like the input)`],
    [own(doubled, () => [gone]), `${rule} ${ended}`],
    [own(doubled, () => [0]), `${rule} 0, not a tensor (return a tensor like the input)`],
    [own(doubled, () => [doubles]), `${rule} float64, the input float32 (cast it)`],
    [own(doubled, () => [elsewhere]), `${rule} on cpu, the input on cpu (move it with to())`],
    [own(doubled, late), 'customGrad: its gradient rule gave a Promise, not a list of 1 (null stands for none)'],
    [own(late, () => [x]), 'customGrad: the result of f is a Promise, not a tensor (make it with tensor(…))'],
  ])

  it('a result without a gradient', async () => {
    expect(
      await refusal(
        own(
          (a: Any) => a.to('int32'),
          (g: Any) => [g],
        ),
      ),
    ).toBe("customGrad: the result of f is int32, not float32 or float64 (cast with x.to('float32'))")
  })
})

it('gradcheck: what f gives', async () => {
  const d = handgrad.ones([2], { dtype: 'float64' })
  const text = (f: Any) => refusal(() => gradcheck(f, [d]))
  expect(await text(() => 5)).toBe('gradcheck: the result of f is 5, not a tensor (make it with tensor(…))')
  expect(await text(() => undefined)).toContain('the result of f is undefined, not a tensor')
  expect(await text(() => [])).toBe('gradcheck: the result of f is an empty list (one of its results must be float64)')
  expect(await text((a: Any) => a.to('float32'))).toContain('the result of f is float32 (one of its results')
})

describe('own kernels, taps and cells', () => {
  it('a CPU twin that goes on later, a variant without dispatch', async () => {
    const waits = defineKernel({ wgsl: kernel(), cpu: async () => {} })
    expect(await refusal(() => handgrad.launch('mine', waits, [v3.clone(), v3], { size: 3 }))).toBe(
      'mine: the CPU twin of plus returned a promise (await nothing in it)',
    )
    expect(await refusal(() => defineKernel({ wgsl: kernel(), cpu: () => {}, plan: { variants: { one: {} } } }))).toBe(
      'defineKernel: variant one of plus has no dispatch (give a function (params) => …)',
    )
  })

  it('taps that keep what others wait for', async () => {
    const device = new CpuDevice()
    const y = handgrad.ones([2], { device })
    const offRead = tap(device, { read: () => undefined })
    expect(await refusal(() => y.data())).toBe('tap: read gave undefined (return what next(…) gives)')
    offRead()
    const offAlloc = tap(device, { alloc: () => undefined })
    expect(await refusal(() => y.add(1))).toBe('tap: alloc gave undefined (return what next(…) gives)')
    offAlloc()
    expect(Array.from(await y.add(1).data())).toEqual([2, 2])
  })

  it('a cell that does not know how to go on', async () => {
    const cell = new Live(1, () => undefined)
    expect(await refusal(() => cell.advance())).toBe('Live: next gave undefined after 1 (return a number)')
    expect(cell.value).toBe(1)
  })
})

describe('own data sets and collate functions', () => {
  const field = { data: new Float32Array(2), shape: [2] }
  const first = (get: Any, options = {}) => [...new data.DataLoader({ length: 1, get }, options)][0]
  const cases: [Any, Any, string][] = [
    [() => undefined, {}, 'DataLoader: sample 0 is undefined (get(index) returns it)'],
    [late, {}, 'DataLoader: get(0) returned a promise (take the batches by for await, or load data before)'],
    [
      late,
      { collate: (s: Any) => s },
      'DataLoader: get(0) returned a promise (take the batches by for await, or load data before)',
    ],
    [
      () => [{ data: new Float32Array(2), shape: [3] }],
      {},
      'DataLoader: field 0 has 2 elements, and as shape [3] ([] is that of one number)',
    ],
    [
      () => [{ data: new Float32Array(2) }],
      {},
      'DataLoader: field 0 has 2 elements, and as shape undefined ([] is that of one number)',
    ],
    [() => [field], { collate: () => {} }, 'DataLoader: collate gave undefined (return the batch, at once)'],
    [() => [field], { collate: late }, 'DataLoader: collate returned a promise (return the batch, at once)'],
  ]
  it.each(cases)('%#', async (get, options, expected) => {
    expect(await refusal(() => first(get, options))).toBe(expected)
  })

  it('a batch whose tensors are gone', async () => {
    const gone = () => {
      const y = handgrad.zeros([2])
      y.dispose()
      return y
    }
    const said = 'DataLoader: collate gave tensor #n [2], which was disposed (return it from scope(), or keep(x) it)'
    for (const batch of [gone, () => [x, gone()], () => ({ image: gone() })])
      expect(await refusal(() => first(() => [field], { collate: batch }))).toBe(said)
    expect(first(() => [field], { collate: () => null })).toBe(null)
  })
})

describe('own modules', () => {
  class Mine extends nn.Module {
    private readonly f: Any
    constructor(f: Any) {
      super()
      this.f = f
    }
    forward(...given: Any[]): Any {
      return this.f(...given)
    }
  }
  const chain = (forward: Any) => () => new nn.Sequential(new Mine((a: Any) => a), new Mine(forward)).forward(x)
  const said = (what: string) =>
    `Sequential: layer 1, Mine, gave ${what} (return a tensor from its forward(x), at once)`
  refuse([
    [chain(() => undefined), said('undefined')],
    [chain(() => 5), said('5')],
    [chain(late), said('a Promise')],
    [chain(() => [x]), said('an array')],
  ])

  it('lists of parameters, and fields', async () => {
    class Junk extends nn.Module {
      parameters(): Any {
        return [w, 5]
      }
    }
    class None extends nn.Module {
      parameters(): Any {}
    }
    class Fields extends nn.Module {
      fields(): Any {
        return [w]
      }
    }
    class NoFields extends nn.Module {
      fields(): Any {}
    }
    const todo = '(return a list of tensors)'
    expect(await refusal(() => new Junk().zeroGrad())).toBe(`parameters: Junk.parameters() gave 5 ${todo}`)
    expect(await refusal(() => new Junk().to(x.device))).toBe(`parameters: Junk.parameters() gave 5 ${todo}`)
    expect(await refusal(() => new None().zeroGrad())).toBe(`parameters: None.parameters() gave undefined ${todo}`)
    const pairs = '(return pairs [name, value])'
    expect(await refusal(() => new Fields().parameters())).toBe(`parameters: Fields.fields() gave a Tensor ${pairs}`)
    expect(await refusal(() => new NoFields().stateDict())).toBe(
      `parameters: NoFields.fields() gave undefined ${pairs}`,
    )
    expect(await refusal(() => new optim.SGD(new Junk().parameters()))).toBe('SGD: parameter 1 is 5, not a tensor')
  })

  it('models and batches of training loops', async () => {
    const good = [[handgrad.ones([2, 2]), tensor([0, 1], { dtype: 'int32' })]]
    const model = (forward: Any) => Object.assign(new Mine(forward), { weight: nn.parameter(handgrad.ones([2, 2])) })
    const sgd = (m: Any) => new optim.SGD(m.parameters(), { lr: 0.1 })
    const loss = (a: Any) => a.mean()
    const trained = (forward: Any, batches: Any, change = {}) => {
      const m = model(forward)
      return refusal(() =>
        train.fit(m, { train: batches, loss, optimizer: Object.assign(sgd(m), change), progress: false }),
      )
    }
    const forward = '(return a tensor from its forward, at once)'
    expect(await trained(() => undefined, good)).toBe(`fit: the model, Mine, gave undefined ${forward}`)
    expect(await trained(async () => x, good)).toBe(`fit: the model, Mine, gave a Promise ${forward}`)
    const two = '(give a list of tensors: inputs, and the target last)'
    expect(await trained((a: Any) => a, [x])).toBe(`fit: a batch is a Tensor ${two}`)
    expect(await trained((a: Any) => a, [[x]])).toBe(`fit: a batch is [a Tensor] ${two}`)
    expect(await trained((a: Any) => a, [undefined])).toBe(`fit: a batch is undefined ${two}`)
    expect(await trained((a: Any) => a, new Set([1]))).toBe(
      'fit: train is a Set (give a DataLoader, or batches with their number as length)',
    )
    const weighs = function (this: Any, a: Any) {
      return a.matmul(this.weight)
    }
    expect(await trained(weighs, good, { step: async () => {} })).toBe(
      'fit: optimizer.step() returned a promise (await nothing in it)',
    )
    const measured = (f: Any, batches: Any) => refusal(() => train.evaluate(model(f), batches, { loss }))
    const judged = (f: Any, batches: Any) => refusal(() => judge(model(f) as Any, batches))
    expect(await measured(() => 5, good)).toBe(`evaluate: the model, Mine, gave 5 ${forward}`)
    expect(await measured((a: Any) => a, [5])).toBe(`evaluate: a batch is 5 ${two}`)
    expect(await judged(() => 5, good)).toBe(`judge: the model, Mine, gave 5 ${forward}`)
    expect(await judged((a: Any) => a, [5])).toBe(`judge: a batch is 5 ${two}`)
  })
})

describe('own optimizers', () => {
  const plain = {
    name: 'Mine',
    kernel: new optim.SGD([w]).rule.kernel,
    options: {
      lr: optim.numberOption('lr', 0.1),
      nesterov: optim.flagOption('NESTEROV', false),
      weightDecay: optim.numberOption('decay', 0),
    },
    states: () => [],
  }
  const made = (change: Any) => {
    class Mine extends optim.Optimizer {
      constructor() {
        super({ ...plain, ...change }, [handgrad.ones([2], { requiresGrad: true })], {})
      }
    }
    return new Mine() as Any
  }
  it.each([
    [{ states: () => undefined }, 'Mine: states gave undefined (give up to 1 names)'],
    [{ states: () => ['a', 'b'] }, 'Mine: states gave [a,b] (give up to 1 names)'],
    [{ states: () => [5] }, 'Mine: states gave [5] (give up to 1 names)'],
    [
      { kernel: defineKernel({ wgsl: kernel(), cpu: () => {} }) },
      'Mine: kernel plus does not update parameters (bind the state, then p0, g0, p1, g1, …)',
    ],
    [
      { options: { lr: { ...plain.options.lr, numbers: () => undefined } } },
      'Mine: the option lr gave undefined for its numbers (give a list of 1)',
    ],
    [
      { options: { lr: { ...plain.options.lr, numbers: () => [1, 2] } } },
      'Mine: the option lr gave an array for its numbers (give a list of 1)',
    ],
  ] as [Any, string][])('%#', async (change, said) => {
    expect(await refusal(() => made(change))).toBe(said)
  })

  it('numbers by step', async () => {
    for (const [given, shown] of [
      ['5', "'5'"],
      [Number.NaN, 'NaN'],
      [undefined, 'undefined'],
    ]) {
      const mine = made({ byStep: () => ({ lr: given }) })
      mine.params[0].sum().backward()
      expect(await refusal(() => mine.step())).toBe(`Mine: byStep gave lr = ${shown} for step 1 (give a number)`)
      expect(mine.stateDict().state, 'a step that was not taken').toEqual({})
      expect(Array.from(await mine.params[0].data())).toEqual([1, 1])
    }
  })
})
