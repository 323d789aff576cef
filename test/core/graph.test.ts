/**
 * @file The graph and the walk backward through it: what accumulates, what is kept, hooks, grad(), second order, leaf
 * rules, grad mode, chains of any length, and what changes in place. Gradients of single ops are in ops.test.ts.
 */
import { describe, expect, it, test } from 'vitest'
import { liveNodes } from '../../src/core/graph.ts'
import {
  crossEntropy,
  customGrad,
  defineOp,
  enableGrad,
  grad,
  gradEnabled,
  memory,
  noGrad,
  ones,
  openScope,
  randn,
  scope,
  type Tensor,
  tensor,
} from '../../src/index.ts'

const leaf = (data: number[], shape = [data.length]): Tensor =>
  tensor(data, { shape, dtype: 'float64', requiresGrad: true })
const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data())

describe('backward', () => {
  it('adds to .grad until zeroGrad, and the handle stays the same', async () => {
    const x = leaf([1, 2])
    expect(x.hasGrad).toBe(false)
    x.square().sum().backward()
    const { grad: first } = x
    x.mul(10).sum().backward()
    expect(x.grad).toBe(first)
    expect(await values(first)).toEqual([12, 14])
    x.zeroGrad()
    expect(x.hasGrad).toBe(false)
    expect(await values(first)).toEqual([12, 14])
    x.sum().backward()
    expect(await values(x.grad)).toEqual([1, 1])
  })

  it('takes a cotangent for what is not a scalar, and leaves it alone', async () => {
    const x = leaf([1, 2, 3])
    const cotangent = tensor([1, 10, 100], { dtype: 'float64' })
    x.square().backward(cotangent)
    expect(await values(x.grad)).toEqual([2, 40, 600])
    expect(await values(cotangent)).toEqual([1, 10, 100])
    // A gradient may be changed: it is nobody else's memory.
    noGrad(() => x.grad.mul_(0))
    expect(await values(cotangent)).toEqual([1, 10, 100])
    const y = leaf([5])
    y.add(0).backward(undefined)
    expect(await values(y.grad)).toEqual([1])
  })

  it('of a leaf itself', async () => {
    const x = leaf([3])
    x.backward()
    expect(await values(x.grad)).toEqual([1])
  })

  it('reaches a leaf by every path: diamonds, the same input twice, outputs used twice', async () => {
    const x = leaf([3])
    const y = x.mul(x) // x²
    const z = y.add(y.mul(x)).sub(x) // x² + x³ − x
    z.backward()
    expect(await values(x.grad)).toEqual([2 * 3 + 3 * 9 - 1])
    const w = leaf([1, 2, 3, 4], [2, 2])
    w.matmul(w.transpose()).sum().backward()
    // ∂ Σ (w wᵀ) = 2 · column sums
    expect(await values(w.grad)).toEqual([8, 12, 8, 12])
  })

  it('visits each node once, however many paths lead there', () => {
    let visits = 0
    const counted = customGrad(
      (x) => x.mul(2),
      (g) => {
        visits++
        return [g.mul(2)]
      },
    )
    const x = leaf([1])
    let y = counted(x)
    for (let i = 0; i < 20; i++) y = y.add(y)
    y.backward()
    expect(visits).toBe(1)
  })

  it('twice needs retainGraph; then it adds up', async () => {
    const x = leaf([2])
    const y = x.square().mul(x).sum()
    y.backward(undefined, { retainGraph: true })
    y.backward()
    expect(await values(x.grad)).toEqual([24])
    expect(() => y.backward()).toThrow('backward: the graph of sum was released by an earlier backward')
    // A part of a released graph counts as released too.
    const shared = x.exp()
    shared.sum().backward()
    expect(() => shared.mul(2).sum().backward()).toThrow('the graph of exp was released')
  })

  it('passes constants by, and data for which no gradient is wanted', async () => {
    let asked = 0
    const watched = defineOp({
      name: 'watched',
      inputs: ['a', 'b'],
      dtypes: ['float64'],
      shape: ([a]) => ({ shape: a.shape }),
      view: (view) => view,
      vjp: {
        a: () => {
          throw new Error('no gradient of a is wanted')
        },
        b: ({ g }) => {
          asked++
          return g
        },
      },
    })
    const [data, w] = [tensor([1], { dtype: 'float64' }), leaf([2])]
    watched([data, w], {}).sum().backward()
    expect([asked, w.hasGrad, data.hasGrad]).toEqual([1, true, false])
  })
})

describe('.grad =', () => {
  it('null takes the gradient away', async () => {
    const w = leaf([1, 2])
    w.sum().backward()
    const before = w.grad
    w.grad = null
    expect(w.hasGrad).toBe(false)
    expect(await values(before)).toEqual([1, 1])
    w.mul(3).sum().backward()
    expect(await values(w.grad)).toEqual([3, 3])
    const constant = tensor([1])
    constant.grad = null
    expect(constant.hasGrad).toBe(false)
  })

  it('a tensor is copied, and what backward finds is added', async () => {
    const w = leaf([1, 2])
    const g = tensor([10, 20], { dtype: 'float64' })
    w.grad = g
    w.sum().backward()
    expect([await values(w.grad), await values(g)]).toEqual([
      [11, 21],
      [10, 20],
    ])
    w.grad = w.grad.mul(2)
    expect(await values(w.grad)).toEqual([22, 42])
    scope(() => {
      w.grad = g.expand([2])
    })
    expect(await values(w.grad)).toEqual([10, 20])
  })

  it('refuses what is not a gradient of it', () => {
    const w = leaf([1, 2])
    const set = (x: Tensor, g: unknown) => () => {
      x.grad = g as Tensor
    }
    expect(set(w, leaf([1]))).toThrow('grad: the gradient is [1], the tensor [2] (they must have one shape)')
    expect(set(w, tensor([1, 2]))).toThrow("grad: inputs are float64 and float32 (cast with x.to('float64'))")
    expect(set(w, 5)).toThrow('grad: the gradient is 5, not a tensor (make it with tensor(…))')
    expect(set(tensor([1, 2]), w)).toThrow('needs no gradient (make it with { requiresGrad: true })')
    expect(w.hasGrad).toBe(false)
  })
})

describe('grad()', () => {
  it('takes one tensor for a list of one, and gives one', async () => {
    const x = leaf([1, 2])
    const g = grad(x.square(), x, { gradOutputs: tensor([1, 10], { dtype: 'float64' }) })
    expect(await values(g)).toEqual([2, 40])
    expect(await values(grad([x.sum(), x.mul(3).sum()], x, { gradOutputs: [null, null] }))).toEqual([4, 4])
    expect(grad(x.sum(), leaf([1]), { allowUnused: true, gradOutputs: null })).toBeNull()
  })

  it('gives gradients of several outputs and inputs and touches no .grad', async () => {
    const [a, b] = [leaf([2]), leaf([5])]
    const [ga, gb] = grad([a.mul(b), a.square()], [a, b])
    expect([await values(ga), await values(gb)]).toEqual([[9], [2]])
    expect([a.hasGrad, b.hasGrad]).toEqual([false, false])
  })

  it('takes cotangents by output, and ones where a scalar has none', async () => {
    const x = leaf([1, 2])
    const [g] = grad([x.mul(3), x.sum()], [x], { gradOutputs: [tensor([1, 10], { dtype: 'float64' })] })
    expect(await values(g)).toEqual([4, 31])
  })

  it('with respect to values inside the graph, and to an output itself', async () => {
    const x = leaf([2])
    const h = x.square()
    const y = h.mul(5)
    const [gh, gx, gy] = grad(y, [h, x, y])
    expect([await values(gh), await values(gx), await values(gy)]).toEqual([[5], [20], [1]])
  })

  it('allowUnused gives null; else an error, and the graph is still there', async () => {
    const [a, b] = [leaf([1]), leaf([1])]
    const y = a.mul(2)
    expect(() => grad(y, [a, b])).toThrow('grad: the outputs do not depend on')
    const [ga, gb] = grad(y, [a, b], { allowUnused: true })
    expect([await values(ga as Tensor), gb]).toEqual([[2], null])
  })

  it('goes only where the inputs are', () => {
    const [a, b] = [leaf([1]), leaf([1])]
    const never = customGrad(
      (x) => x.mul(1),
      () => {
        throw new Error('nobody asked for this gradient')
      },
    )
    expect(() => grad(a.mul(never(b)), [a])).not.toThrow()
  })

  it('the same input twice', async () => {
    const x = leaf([3])
    const [g, h] = grad(x.square(), [x, x])
    expect([await values(g), await values(h)]).toEqual([[6], [6]])
  })
})

describe('second order', () => {
  it('createGraph records the backward pass, to any order', async () => {
    const x = leaf([2])
    let y = x.pow(5)
    const found: number[] = []
    for (let order = 1; order <= 5; order++) {
      ;[y] = grad(y.sum(), [x], { createGraph: true })
      found.push(await y.item())
    }
    expect(found).toEqual([80, 160, 240, 240, 120])
  })

  it('backward with createGraph leaves a .grad that can be gone back through', async () => {
    const x = leaf([3])
    x.pow(3).backward(undefined, { createGraph: true })
    const { grad: g } = x
    expect(g.requiresGrad).toBe(true)
    const [second] = grad(g, [x])
    expect(await values(second)).toEqual([18])
  })

  it('without createGraph gradients are constants', () => {
    const x = leaf([3])
    const [g] = grad(x.square(), [x])
    expect(g.requiresGrad).toBe(false)
    x.square().backward()
    expect(x.grad.requiresGrad).toBe(false)
  })

  it('of a mixed derivative: ∂²/∂a∂b of a²b³', async () => {
    const [a, b] = [leaf([2]), leaf([3])]
    const [ga] = grad(a.square().mul(b.pow(3)), [a], { createGraph: true })
    const [gab] = grad(ga, [b])
    expect(await values(gab)).toEqual([2 * 2 * 3 * 9])
  })

  it('a fused op is differentiated through its reference, also by way of its cotangent', async () => {
    const x = tensor(
      [
        [0.3, -0.2, 0.9],
        [1, 0.4, -0.7],
      ],
      { dtype: 'float64', requiresGrad: true },
    )
    const target = tensor(Int32Array.of(2, 0))
    const scale = leaf([1.5])
    const composed = () => {
      const logp = x.logSoftmax()
      const hit = tensor(
        [
          [0, 0, 1],
          [1, 0, 0],
        ],
        { dtype: 'float64' },
      )
      return logp.mul(hit).sum(1).neg().mean()
    }
    const second = async (loss: Tensor) => {
      const [g] = grad(loss.mul(scale), [x], { createGraph: true })
      const [h, s] = grad(g.square().sum(), [x, scale])
      return [...(await values(h)), ...(await values(s))]
    }
    const [fused, plain] = [await second(crossEntropy(x, target)), await second(composed())]
    fused.forEach((v, i) => expect(v).toBeCloseTo(plain[i], 12))
    expect(Math.max(...fused.map(Math.abs))).toBeGreaterThan(0.01)
  })

  it('an op that has none says so by name, never a silent zero', () => {
    const once = defineOp({
      name: 'onlyOnce',
      inputs: ['x'],
      dtypes: ['float64'],
      shape: ([x]) => ({ shape: x.shape }),
      view: (view) => view,
      vjp: 'once',
    })
    const wrapped = defineOp({
      name: 'wrapped',
      inputs: ['x'],
      dtypes: ['float64'],
      shape: ([x]) => ({ shape: x.shape }),
      view: (view) => view,
      vjp: { x: ({ g }) => once([g], {}) },
    })
    const x = leaf([1])
    const [first] = grad(wrapped([x.square()], {}), [x])
    expect(first.numel).toBe(1)
    const [g] = grad(wrapped([x.square()], {}).square(), [x], { createGraph: true })
    expect(() => g.backward()).toThrow(
      'backward: onlyOnce has no second derivative (compute the loss from ops that have one)',
    )
  })
})

describe('hooks and kept gradients', () => {
  it('hooks run in order and may replace the gradient', async () => {
    const x = leaf([1, 2])
    const seen: string[] = []
    const y = x.mul(2)
    y.registerHook((g) => {
      seen.push('first')
      return g.mul(10)
    })
    const remove = y.registerHook((g) => {
      seen.push(`second ${g.shape}`)
    })
    x.registerHook((g) => g.add(1))
    y.sum().backward(undefined, { retainGraph: true })
    expect(seen).toEqual(['first', 'second 2'])
    expect(await values(x.grad)).toEqual([21, 21])
    remove()
    x.zeroGrad()
    y.sum().backward()
    expect(seen).toEqual(['first', 'second 2', 'first'])
  })

  it('a hook sees the sum over all paths, once', async () => {
    const x = leaf([2])
    const h = x.mul(1)
    const seen: number[][] = []
    h.registerHook((g) => {
      seen.push(Array.from(g.device.peek!(g.storage.block).slice(0, 1)))
    })
    h.mul(h).add(h).backward()
    expect(seen).toEqual([[5]])
  })

  it('what a hook keeps stays readable', async () => {
    const x = leaf([1, 2])
    let kept: Tensor | undefined
    x.registerHook((g) => {
      kept = g
    })
    x.square().sum().backward()
    expect(await values(kept as Tensor)).toEqual([2, 4])
  })

  it('hooks run for grad() too', async () => {
    const x = leaf([1])
    x.registerHook((g) => g.mul(7))
    const [g] = grad(x.mul(2), [x])
    expect(await values(g)).toEqual([14])
  })

  it('an exception in a hook passes through, and nothing of the walk is left', () => {
    const x = leaf([1, 2])
    const own = new Error('mine')
    const y = x.square().sum()
    const before = memory().storages
    x.registerHook(() => {
      throw own
    })
    expect(() => scope(() => y.backward(undefined, { retainGraph: true }))).toThrow(own)
    expect(gradEnabled()).toBe(true)
    expect(memory().storages).toBe(before)
  })

  it('retainGrad keeps the gradient of a value inside, once backward has come by', async () => {
    const x = leaf([3])
    const h = x.square().retainGrad()
    expect(h.hasGrad).toBe(false)
    h.mul(4).backward()
    expect([await values(h.grad), await values(x.grad)]).toEqual([[4], [24]])
    const plain = x.square()
    plain.mul(4).backward()
    expect(plain.hasGrad).toBe(false)
  })
})

describe('leaves', () => {
  it('only leaves are set; results follow their inputs', () => {
    const x = tensor([1, 2])
    expect([x.requiresGrad, x.isLeaf, x.add(1).requiresGrad]).toEqual([false, true, false])
    x.requiresGrad = true
    expect([x.requiresGrad, x.isLeaf]).toEqual([true, true])
    const y = x.add(1)
    expect([y.requiresGrad, y.isLeaf]).toEqual([true, false])
    x.requiresGrad_(false)
    expect([x.requiresGrad, x.add(1).requiresGrad]).toEqual([false, false])
    // y was made while it was one.
    expect(y.requiresGrad).toBe(true)
    expect(x.requiresGrad_().requiresGrad).toBe(true)
  })

  it('setting it again changes nothing: gradient and graph stay', async () => {
    const x = leaf([2])
    x.square().backward()
    const y = x.mul(3)
    x.requiresGrad_(true)
    y.backward()
    expect(await values(x.grad)).toEqual([7])
  })

  it('detach shares memory and no graph', async () => {
    const x = leaf([1, 2])
    const y = x.mul(2)
    const z = y.detach()
    expect([z.requiresGrad, z.isLeaf, z.storage === y.storage]).toEqual([false, true, true])
    y.mul(z).sum().backward()
    expect(await values(x.grad)).toEqual([4, 8])
    const leaf2 = z.requiresGrad_()
    leaf2.sum().backward()
    expect([await values(leaf2.grad), await values(x.grad)]).toEqual([
      [1, 1],
      [4, 8],
    ])
  })

  it('integer and bool results have no gradient, comparisons cut it', () => {
    const x = leaf([1, 2])
    expect([x.gt(1).requiresGrad, x.argmax().requiresGrad, x.to('int32').requiresGrad]).toEqual([false, false, false])
    expect(x.max(0).indices.requiresGrad).toBe(false)
    expect(x.max(0).values.requiresGrad).toBe(true)
  })
})

describe('grad mode', () => {
  it('nests, and ops outside record nothing', () => {
    const x = leaf([1])
    const modes: boolean[] = []
    noGrad(() => {
      modes.push(gradEnabled(), x.mul(2).requiresGrad)
      enableGrad(() => {
        modes.push(gradEnabled(), x.mul(2).requiresGrad)
        noGrad(() => modes.push(gradEnabled()))
        modes.push(gradEnabled())
      })
      modes.push(gradEnabled())
    })
    modes.push(gradEnabled())
    expect(modes).toEqual([false, false, true, true, false, true, false, true])
  })

  it('returns what the callback returns', () => {
    expect([noGrad(() => 5), enableGrad(() => 'x')]).toEqual([5, 'x'])
  })

  it('two async loops that interleave disturb neither mode nor scopes', async () => {
    const log: boolean[] = []
    const kept: Tensor[] = []
    const train = async (steps: number, evaluate: boolean) => {
      const w = leaf([1])
      for (let step = 0; step < steps; step++) {
        using s = openScope()
        const loss = s.run(() => {
          const y = evaluate ? noGrad(() => w.mul(2)) : w.square()
          log.push(y.requiresGrad === !evaluate)
          if (!evaluate) y.backward()
          return y
        })
        await loss.item()
        // Between awaits the other loop ran: grad mode is the outermost one, and no scope is open.
        log.push(gradEnabled())
        const free = tensor(1)
        log.push(free.owner === null)
        free.dispose()
        if (evaluate) continue
        noGrad(() => w.sub_(w.grad.mul(0.1)))
        w.zeroGrad()
      }
      kept.push(w)
    }
    await Promise.all([train(20, false), train(30, true), train(10, false)])
    expect(log).not.toContain(false)
    expect(kept).toHaveLength(3)
    for (const w of kept) expect(w.disposed).toBe(false)
    const trained = (await Promise.all(kept.map((w) => w.item()))).sort()
    expect(trained[2]).toBe(1)
    expect(trained[0]).toBeCloseTo(0.8 ** 20, 12)
    expect(trained[1]).toBeCloseTo(0.8 ** 10, 12)
  })
})

describe('changes in place', () => {
  it('leaves are updated under noGrad, and the next step sees it', async () => {
    const w = leaf([1, 2])
    w.square().sum().backward()
    noGrad(() => w.sub_(w.grad.mul(0.5)))
    expect(await values(w)).toEqual([0, 0])
    expect([w.requiresGrad, w.isLeaf]).toEqual([true, true])
  })

  it('each counts, through any view', () => {
    const x = tensor([1, 2, 3, 4])
    const version = x.storage.version
    x.add_(1)
    x.slice([1, 3]).zero_()
    x.reshape([2, 2]).fill_(5)
    x.copy_(tensor([1]))
    expect(x.storage.version - version).toBe(4)
    expect(x.storage.changedBy).toBe('copy_')
  })

  it('an operand may be the tensor itself, or overlap it', async () => {
    const x = tensor([1, 2, 3, 4])
    x.add_(x)
    expect(await values(x)).toEqual([2, 4, 6, 8])
    const shifted = x.slice([1, 4])
    x.slice([0, 3]).copy_(shifted)
    expect(await values(x)).toEqual([4, 6, 8, 8])
    x.slice([1, 4]).copy_(x.slice([0, 3]))
    expect(await values(x)).toEqual([4, 4, 6, 8])
    x.mul_(x.slice([0, 1]))
    expect(await values(x)).toEqual([16, 16, 24, 32])
  })

  it('what backward has already read may change', async () => {
    const w = leaf([2])
    const y = w.square()
    y.backward()
    noGrad(() => w.fill_(100))
    expect(await values(w.grad)).toEqual([4])
  })
})

describe('customGrad', () => {
  /** Identity forward, the gradient scaled. */
  const scaled = (by: number) =>
    customGrad(
      (x: Tensor) => x.mul(1),
      (g) => [g.mul(by)],
      'scaled',
    )

  it('uses the rule given, also where f returns its input', async () => {
    const x = leaf([1, 2])
    scaled(5)(x).sum().backward()
    expect(await values(x.grad)).toEqual([5, 5])
    const straight = customGrad(
      (t: Tensor) => t.round(),
      (g) => [g],
    )
    x.zeroGrad()
    straight(x.mul(1.3)).mul(2).sum().backward()
    expect(await values(x.grad)).toEqual([2.6, 2.6])
    const same = customGrad(
      (t: Tensor) => t,
      (g) => [g.neg()],
    )
    x.zeroGrad()
    const y = same(x)
    y.sum().backward()
    expect([await values(x.grad), await values(y), x.disposed]).toEqual([[-1, -1], [1, 2], false])
  })

  it('null stands for no gradient', async () => {
    const f = customGrad(
      (a: Tensor, b: Tensor) => a.mul(b),
      (g, [, b]) => [g.mul(b), null],
    )
    const [a, b] = [leaf([2]), leaf([3])]
    f(a, b).backward()
    expect([await values(a.grad), b.hasGrad]).toEqual([[3], false])
    expect(() => grad(f(a, b), [b])).toThrow('the outputs do not depend on')
  })

  it('has second derivatives: the rule is differentiated', async () => {
    const cube = customGrad(
      (x: Tensor) => x.mul(x).mul(x),
      (g, [x]) => [g.mul(x.square()).mul(3)],
    )
    const x = leaf([2])
    const [first] = grad(cube(x), [x], { createGraph: true })
    const [second] = grad(first, [x], { createGraph: true })
    const [third] = grad(second, [x])
    expect([await first.item(), await second.item(), await third.item()]).toEqual([12, 12, 6])
    // By way of the output too: y = eˣ, dy = g·y.
    const exp = customGrad(
      (t: Tensor) => t.exp(),
      (g, _, y) => [g.mul(y)],
    )
    const [d1] = grad(exp(x), [x], { createGraph: true })
    const [d2] = grad(d1, [x])
    expect(await d2.item()).toBeCloseTo(Math.exp(2), 12)
  })

  it('notices inputs that were changed', () => {
    const a = tensor([1], { dtype: 'float64' })
    const x = leaf([1])
    const f = customGrad(
      (p: Tensor, q: Tensor) => p.mul(q),
      (g, [p, q]) => [g.mul(q), g.mul(p)],
      'product',
    )
    const y = f(x, a)
    a.zero_()
    expect(() => y.backward()).toThrow(
      /^backward: product needs its input 1, tensor #\d+ \[1\], which zero_ changed in place/,
    )
  })

  it('does not exist under noGrad or for constants', () => {
    const x = leaf([1])
    expect(noGrad(() => scaled(2)(x)).requiresGrad).toBe(false)
    expect(scaled(2)(x.detach()).requiresGrad).toBe(false)
  })
})

describe('ops with several outputs', () => {
  const split = defineOp({
    name: 'split',
    inputs: ['x'],
    outputs: ['head', 'tail'],
    dtypes: ['float64'],
    shape: ([x]) => [{ shape: [1] }, { shape: [x.numel - 1] }],
    launch: ([x], [head, tail]) => {
      head.copy_(x.detach().slice([0, 1]))
      tail.copy_(x.detach().slice([1]))
    },
    vjp: {
      x: (ctx) => {
        const none = (n: number) => ones([n], { dtype: 'float64' }).mul(0)
        const [head, tail] = ctx.gs
        return joined([head ?? none(1), tail ?? none(ctx.meta('x').shape[0] - 1)])
      },
    },
  })
  const joined = ([head, tail]: Tensor[]) => {
    const n = head.numel + tail.numel
    const place = (x: Tensor, at: number) => {
      const y = ones([n], { dtype: 'float64' }).mul(0)
      y.slice([at, at + x.numel]).copy_(x)
      return y
    }
    return place(head, 0).add(place(tail, head.numel))
  }

  it('gradients arrive from those that were used', async () => {
    const x = leaf([1, 2, 3])
    const [head, tail] = split.all([x], {})
    head.mul(10).add(tail.sum()).backward()
    expect(await values(x.grad)).toEqual([10, 1, 1])
    x.zeroGrad()
    split.all([x], {})[1].sum().backward()
    expect(await values(x.grad)).toEqual([0, 1, 1])
  })
})

describe('size', () => {
  test('a chain of 100,000 ops runs backward, and its memory goes back', async () => {
    const nodes = liveNodes()
    const { storages } = memory()
    const x = leaf([1])
    const y = scope(() => {
      let z: Tensor = x
      for (let i = 0; i < 100_000; i++) z = i % 2 ? z.add(1e-5) : z.mul(1)
      return z
    })
    expect(liveNodes() - nodes).toBe(100_000)
    y.backward()
    expect(await values(x.grad)).toEqual([1])
    expect(liveNodes()).toBe(nodes)
    y.dispose()
    // x and its gradient are left.
    expect(memory().storages - storages).toBe(2)
  })

  test('a deep graph that is dropped is freed without overflow', () => {
    const nodes = liveNodes()
    const { storages } = memory()
    const x = leaf([1])
    const y = scope(() => {
      let z: Tensor = x
      for (let i = 0; i < 100_000; i++) z = z.sin()
      return z
    })
    expect(memory().storages - storages).toBeGreaterThan(100_000)
    y.dispose()
    expect([liveNodes(), memory().storages - storages]).toEqual([nodes, 1])
  })

  test('a wide graph: one input of 20,000 ops, 20,000 inputs of one sum', async () => {
    const x = leaf([1])
    const y = scope(() => {
      const parts = Array.from({ length: 20_000 }, (_, i) => x.mul(i % 3))
      while (parts.length > 1) parts.push((parts.shift() as Tensor).add(parts.shift() as Tensor))
      return parts[0]
    })
    y.backward()
    expect(await x.grad.item()).toBe(6666 * 3 + 0 + 1)
  })
})

test('random graphs do not share gradients by mistake: the same function as the sum of its parts', async () => {
  const x = randn([4], { dtype: 'float64', requiresGrad: true })
  const f = (t: Tensor) => t.sin().mul(t.exp())
  const g = (t: Tensor) => t.square().sum().mul(t)
  const [whole] = grad(f(x).add(g(x)).sum(), [x])
  const [a] = grad(f(x).sum(), [x])
  const [b] = grad(g(x).sum(), [x])
  const [left, right] = [await values(whole), await values(a.add(b))]
  left.forEach((v, i) => expect(v).toBeCloseTo(right[i], 12))
})
