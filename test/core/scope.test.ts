/** @file Scopes: what they free, what moves out, how they nest, and how they behave across awaits and errors. */
import { describe, expect, it, vi } from 'vitest'
import { grad, keep, memory, nn, openScope, optim, scope, type Tensor, tensor, zeros } from '../../src/index.ts'
import { collect } from '../support/gc.ts'

const live = (): number => memory().tensors
const one = (): Tensor => zeros([1])

describe('scope', () => {
  it('frees what is made inside, returns what is returned', async () => {
    const before = live()
    let inner: Tensor | undefined
    const y = scope(() => {
      inner = tensor([1, 2, 3])
      return inner.add(1).mul(2)
    })
    expect([inner?.disposed, y.disposed, live() - before]).toEqual([true, false, 1])
    expect(Array.from(await y.data())).toEqual([4, 6, 8])
    y.dispose()
    expect(live()).toBe(before)
  })

  it('returns any value, and keeps the tensors in nested arrays, objects, maps and sets', () => {
    const before = live()
    const made = scope(() => {
      one().add(1)
      return {
        a: one(),
        list: [one(), [one()]],
        map: new Map([['k', one()]]),
        set: new Set([one()]),
        n: 5,
        s: 'x',
        f: () => 0,
      }
    })
    expect(live() - before).toBe(5)
    const kept = [
      made.a,
      made.list[0] as Tensor,
      (made.list[1] as Tensor[])[0],
      made.map.get('k') as Tensor,
      ...made.set,
    ]
    for (const x of kept) expect(x.disposed).toBe(false)
    for (const x of kept) x.dispose()
    expect([made.n, made.s, live()]).toEqual([5, 'x', before])
    expect([scope(() => undefined), scope(() => null), scope(() => 7)]).toEqual([undefined, null, 7])
  })

  it('looks into objects that refer to themselves, and not into typed arrays', () => {
    const circle: { x?: Tensor; self?: unknown } = {}
    circle.self = circle
    scope(() => {
      circle.x = one()
      return circle
    })
    expect(circle.x?.disposed).toBe(false)
    circle.x?.dispose()
    expect(scope(() => new Float32Array(1e6))).toHaveLength(1e6)
  })

  it('keeps the graph of what it returns', async () => {
    const w = tensor([2, 3], { requiresGrad: true })
    const loss = scope(() => w.square().mul(w).sum())
    loss.backward()
    expect(Array.from(await w.grad.data())).toEqual([12, 27])
  })

  it('nests: what an inner one returns belongs to the outer one', () => {
    const before = live()
    let middle: Tensor | undefined
    scope(() => {
      middle = scope(() => one().add(1))
      expect(middle.disposed).toBe(false)
      const outside = one()
      scope(() => expect(outside.disposed).toBe(false))
      expect(outside.disposed).toBe(false)
    })
    expect([middle?.disposed, live()]).toEqual([true, before])
  })

  it('what existed before is not touched, returned or not', () => {
    const x = one()
    expect(scope(() => x)).toBe(x)
    scope(() => void x.add(1))
    expect(x.disposed).toBe(false)
  })

  it('frees everything on an exception, which passes through', () => {
    const before = live()
    const own = new Error('mine')
    expect(() =>
      scope(() => {
        one()
        scope(() => {
          one()
          throw own
        })
      }),
    ).toThrow(own)
    expect(live()).toBe(before)
    const after = one()
    expect(after.owner).toBe(null)
    after.dispose()
  })

  it('a tensor disposed inside is not freed twice', () => {
    const before = live()
    scope(() => {
      const x = one()
      x.dispose()
      using y = one()
      return y.numel
    })
    expect(live()).toBe(before)
  })
})

describe('what moves to a longer-lived owner', () => {
  it('gradients of leaves, also those of retainGrad', async () => {
    const w = tensor([3], { requiresGrad: true })
    let h: Tensor | undefined
    scope(() => {
      h = keep(w.square().retainGrad())
      h.mul(2).backward()
    })
    expect([await w.grad.item(), await (h as Tensor).grad.item()]).toEqual([12, 2])
    scope(() => w.mul(5).backward())
    expect(await w.grad.item()).toBe(17)
    w.zeroGrad()
    expect(w.hasGrad).toBe(false)
  })

  it('the handle that .grad gives belongs to the scope around; the gradient does not', async () => {
    const w = tensor([3], { requiresGrad: true })
    const inside = scope(() => {
      w.square().backward()
      const { grad: g } = w
      expect(w.grad).toBe(g)
      return { g: () => g }
    }).g()
    expect(inside.disposed).toBe(true)
    expect(await w.grad.item()).toBe(6)
    const returned = scope(() => w.grad)
    w.zeroGrad()
    expect(await returned.item()).toBe(6)
    const before = live()
    for (let i = 0; i < 10; i++) {
      scope(() => {
        w.square().backward()
        w.grad.mul(2)
        w.zeroGrad()
      })
    }
    expect(live()).toBe(before)
  })

  it('gradients that are returned', async () => {
    const w = tensor([3], { requiresGrad: true })
    const g = scope(() => grad(w.square(), [w])[0])
    expect(await g.item()).toBe(6)
  })

  it('optimizer state and parameters of modules made inside', () => {
    const before = live()
    const { model, adam } = scope(() => {
      const made = new nn.Linear(2, 3)
      const optimizer = new optim.Adam(made.parameters())
      made
        .forward(zeros([4, 2]))
        .sum()
        .backward()
      optimizer.step()
      return { model: () => made, adam: () => optimizer }
    })
    for (const p of model().parameters()) expect(p.disposed).toBe(false)
    adam().step()
    // Two parameters, their gradients, two state tensors.
    expect(live() - before).toBe(6)
  })

  it('keep(x): one tensor or a structure of them, through all scopes around', () => {
    const kept: Tensor[] = []
    const before = live()
    scope(() =>
      scope(() => {
        kept.push(keep(one()))
        const pair = keep({ a: one(), b: [one()] })
        kept.push(pair.a, pair.b[0])
        one()
      }),
    )
    expect([kept.some((x) => x.disposed), live() - before]).toEqual([false, 3])
    // It says nothing about what is kept already.
    keep(kept)
    for (const x of kept) x.dispose()
    expect(live()).toBe(before)
  })
})

describe('openScope', () => {
  it('holds what is made in run, until its end', () => {
    const before = live()
    {
      using s = openScope()
      const x = s.run(() => one())
      const outside = one()
      s.run(() => x.add(1))
      expect(live() - before).toBe(3)
      outside.dispose()
    }
    expect(live()).toBe(before)
  })

  it('stays open across awaits, and an interleaved one takes nothing of it', async () => {
    const before = live()
    const job = async (n: number) => {
      using s = openScope()
      let sum = 0
      for (let i = 0; i < n; i++) {
        const x = s.run(() => tensor([i, n]))
        sum += (await x.data())[0]
        expect(x.owner).not.toBe(null)
      }
      return sum
    }
    expect(await Promise.all([job(5), job(9), job(3)])).toEqual([10, 36, 3])
    expect(live()).toBe(before)
  })

  it('scope inside run gives its results to the open one', () => {
    const before = live()
    const s = openScope()
    const x = s.run(() => scope(() => one().add(1)))
    expect([x.disposed, live() - before]).toEqual([false, 1])
    s.dispose()
    s.dispose()
    expect([x.disposed, live()]).toEqual([true, before])
  })

  it('keep takes out of it', () => {
    const s = openScope()
    const x = s.run(() => keep(one()))
    s.dispose()
    expect(x.disposed).toBe(false)
    x.dispose()
  })

  it('release ends it and frees nothing: its tensors go to the scope around, or to the collector', async () => {
    await collect()
    const before = live()
    const [s, other] = [openScope(), openScope()]
    const [x, y] = [s.run(one), other.run(one)]
    scope(() => s.release())
    expect([x.disposed, live() - before]).toEqual([true, 1])
    other.release()
    other.dispose()
    expect(y.disposed).toBe(false)
    expect(() => other.run(one)).toThrow('openScope: the scope was closed (run() before the end of its block)')
    y.dispose()
    ;(() => {
      const third = openScope()
      third.run(one)
      third.release()
    })()
    expect(live() - before).toBe(1)
    await expect.poll(() => collect().then(live)).toBe(before)
  })

  it('dispose may say what is told to those who use its tensors afterwards', () => {
    const s = openScope()
    const x = s.run(one)
    s.dispose('ask again')
    expect(() => x.add(1)).toThrow(/^add: tensor #\d+ \[1\] was disposed \(ask again\)$/)
  })

  it('one that nobody can end any more leaves its tensors to the collector, one by one', async () => {
    await collect()
    const before = live()
    const make = () => openScope().run(() => [one(), one()])
    const [x] = make()
    await collect()
    await collect()
    expect([x.disposed, live() - before]).toEqual([false, 1])
    x.dispose()
  })

  it('a closed one is refused before anything is made', () => {
    const s = openScope()
    s.dispose()
    const before = memory()
    let ran = false
    expect(() =>
      s.run(() => {
        ran = true
        return one()
      }),
    ).toThrow('openScope: the scope was closed (run() before the end of its block)')
    expect([ran, memory()]).toEqual([false, before])
  })

  it('closed in its own run: what is made after that is the garbage collector’s', () => {
    const s = openScope()
    const x = s.run(() => {
      s.dispose()
      return one()
    })
    expect([x.disposed, x.owner]).toEqual([false, null])
    x.dispose()
  })
})

it('an open scope that ended leaves nothing with the finalizer', () => {
  const register = vi.spyOn(FinalizationRegistry.prototype, 'register')
  const unregister = vi.spyOn(FinalizationRegistry.prototype, 'unregister')
  try {
    openScope().dispose()
    openScope().release()
    expect(register).toHaveBeenCalledTimes(2)
    const removed = unregister.mock.results.filter(({ value }) => value === true)
    expect(removed).toHaveLength(2)
  } finally {
    vi.restoreAllMocks()
  }
})
