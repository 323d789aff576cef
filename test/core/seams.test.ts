/** @file The seams: what stands before a device, what hears of calls, and the backward pass in steps. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Launch } from '../../src/core/device.ts'
import { Leaf, Node } from '../../src/core/graph.ts'
import { backwardSteps } from '../../src/core/walk.ts'
import { CpuDevice, memory, noGrad, onCall, ones, scope, tap, tensor } from '../../src/index.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const f of undo.splice(0)) f()
})

describe('tap', () => {
  it('sees every launch, allocation, release, write and read', async () => {
    const device = new CpuDevice()
    const seen: string[] = []
    /** Notes what goes by, and lets it. */
    const noted =
      <A extends readonly unknown[], R>(text: (args: A) => string) =>
      (next: (...args: A) => R, ...args: A): R => {
        seen.push(text(args))
        return next(...args)
      }
    undo.push(
      tap(device, {
        run: noted(([{ kernel }]) => `run ${kernel.name}`),
        alloc: noted(([, length]) => `alloc ${length}`),
        free: noted(([{ length }]) => `free ${length}`),
        write: noted(([, data]) => `write ${data.length}`),
        read: noted(([, , length]) => `read ${length}`),
      }),
    )
    const x = tensor([1, 2, 3], { device })
    const y = x.add(1)
    expect([...(await y.data())]).toEqual([2, 3, 4])
    x.dispose()
    expect(seen).toEqual(['alloc 3', 'write 3', 'alloc 3', 'run pointwise', 'read 3', 'free 3'])
  })

  it('changes what happens: a launch that is not passed on does not run', async () => {
    const device = new CpuDevice({ debug: true })
    const off = tap(device, { run: () => {} })
    const lost = ones([2], { device })
    off()
    expect([...(await lost.data())]).toEqual([NaN, NaN]) // what debug devices allocate
    expect([...(await ones([2], { device }).data())]).toEqual([1, 1])
  })

  it('the last one is asked first, and each leaves in any order', () => {
    const device = new CpuDevice()
    const seen: string[] = []
    const one = (name: string) =>
      tap(device, {
        run: (next, launch) => {
          seen.push(name)
          next(launch)
        },
      })
    const [a, b, c] = [one('a'), one('b'), one('c')]
    ones([1], { device })
    b()
    ones([1], { device })
    a()
    ones([1], { device })
    c()
    ones([1], { device })
    expect(seen.join('')).toBe('cba' + 'ca' + 'c')
    expect(Object.hasOwn(device, 'run'), 'nothing is left on the device').toBe(false)
  })
})

describe('tap on a device that is not of a class', () => {
  it('gives its own methods back', () => {
    const bare = new CpuDevice()
    const runs: string[] = []
    const own = Object.assign(Object.create(bare) as CpuDevice, {
      run: (launch: Launch) => {
        runs.push(launch.kernel.name)
        bare.run(launch)
      },
      write: bare.write.bind(bare),
      alloc: bare.alloc.bind(bare),
      free: bare.free.bind(bare),
    })
    const { run } = own
    const off = tap(own, { run: (next, launch) => next(launch) })
    ones([1], { device: own })
    off()
    expect(own.run).toBe(run)
    ones([1], { device: own })
    expect(runs).toEqual(['fill', 'fill'])
  })
})

describe('onCall', () => {
  it('tells of every call with inputs, attributes and outputs, also where no gradient is recorded', () => {
    const calls: string[] = []
    const x = tensor([[1, 2]])
    const off = onCall(({ op, inputs, attrs, outputs }) => {
      const shapes = inputs.map((t) => (t ? String(t.shape) : '-'))
      calls.push(`${op.opName} ${shapes.join(' ')} ${JSON.stringify(attrs)} → ${outputs.map((t) => String(t.shape))}`)
    })
    noGrad(() => x.mul(2).transpose().sum(0))
    off()
    x.mul(3)
    expect(calls).toEqual([
      'mul 1,2 - {"b":2} → 1,2',
      'permute 1,2 {"dims":[1,0]} → 2,1',
      'sum 2,1 {"dims":[0],"keepdim":false} → 1',
    ])
  })

  it('hears of gradient rules too, as they are ops', () => {
    const w = tensor([2], { requiresGrad: true })
    const loss = w.square().sum()
    const calls: string[] = []
    undo.push(onCall(({ op }) => calls.push(op.opName)))
    loss.backward()
    expect(calls).toEqual(['reshape', 'expand', 'mul', 'mul'])
  })

  it('one function may listen twice', () => {
    let count = 0
    const listener = () => void count++
    const [a, b] = [onCall(listener), onCall(listener)]
    ones([1]).neg()
    a()
    ones([1]).neg()
    b()
    ones([1]).neg()
    expect(count).toBe(3)
  })

  it('several listen, and each ends by itself', () => {
    const counts = [0, 0]
    const [a, b] = counts.map((_, i) => onCall(() => counts[i]++))
    ones([1]).neg()
    a()
    ones([1]).neg()
    b()
    ones([1]).neg()
    expect(counts).toEqual([1, 2])
  })
})

describe('backward in steps', () => {
  const loss = () => {
    const w = tensor([1, 2], { requiresGrad: true })
    return { w, loss: w.mul(3).exp().sum() }
  }

  it('comes by each node, newest first, and by the leaves', async () => {
    const { w, loss: y } = loss()
    const seen: string[] = []
    noGrad(() => {
      for (const { source, arrived, gradients } of backwardSteps(y, null, {}))
        seen.push(`${source.name} ${arrived.map((g) => g?.shape)} ${gradients.map((g) => g?.shape)}`)
    })
    expect(seen).toEqual(['sum  2', 'exp 2 2', 'mul 2 2,', 'leaf 2 '])
    const steps = await w.grad.array()
    const whole = loss()
    whole.loss.backward()
    expect(steps).toEqual(await whole.w.grad.array())
  })

  it('shows values while it stands, and frees them when it goes on', async () => {
    const { loss: y } = loss()
    const kept = noGrad(() => {
      const walk = backwardSteps(y, null, {})
      const values: number[][] = []
      const tensors = []
      for (let step = walk.next(); !step.done; step = walk.next()) {
        const [g] = step.value.arrived
        if (g) {
          values.push([...(g.device.peek?.(g.storage.block) ?? [])])
          tensors.push(g)
        }
      }
      return { values, tensors }
    })
    expect(kept.values[0]).toEqual([1])
    expect(kept.values).toHaveLength(4)
    expect(kept.tensors.every((t) => t.disposed)).toBe(true)
  })

  it('may be given up: nothing is kept, and the graph is still there', () => {
    const before = memory()
    scope(() => {
      const { w, loss: y } = loss()
      noGrad(() => {
        for (const after of [1, 2, 3]) {
          const alive = memory()
          const walk = backwardSteps(y, null, { retainGraph: true })
          for (let i = 0; i < after; i++) expect(walk.next().done).toBe(false)
          walk.return(new Map())
          expect(memory(), `after ${after} steps`).toEqual(alive)
        }
      })
      expect(w.hasGrad).toBe(false)
      y.backward()
      expect(w.hasGrad).toBe(true)
      w.grad = null
    })
    expect(memory()).toEqual(before)
  })

  it('steps are of nodes and leaves', () => {
    const { loss: y } = loss()
    const kinds = noGrad(() => [...backwardSteps(y, null, {})].map(({ source }) => source.constructor))
    expect(kinds).toEqual([Node, Node, Node, Leaf])
  })
})

describe('the core without the ops', () => {
  it('says what is missing where gradients meet', async () => {
    const { spawnSync } = await import('node:child_process')
    // y = x twice, as an op of two views: its two cotangents meet at x, and there is no op to add them.
    const script = `
      import { CpuDevice } from './src/cpu/device.ts'
      import { setRequiresGrad } from './src/core/graph.ts'
      import { tensorOf } from './src/core/launch.ts'
      import { defineOp } from './src/core/op.ts'
      import { backward } from './src/core/walk.ts'
      const device = new CpuDevice()
      const both = defineOp({ name: 'both', inputs: ['a', 'b'], dtypes: ['float32'], shape: ([a]) => ({ shape: a.shape }),
        view: (v) => v, vjp: { a: ({ g }) => g, b: ({ g }) => g } })
      const leaf = () => setRequiresGrad(tensorOf([2], [], 'float32', device, 'leaf'), true)
      const [a, b] = [leaf(), leaf()]
      backward(both([a, b], {}), null, {})
      console.log('apart: fine')
      try {
        backward(both([a, a], {}), null, {})
      } catch (error) {
        console.log(error.name, error.message)
      }`
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    )
    expect(status, stderr).toBe(0)
    expect(stdout).toBe(
      "apart: fine\nHandgradError backward: gradients meet, and there is no op that adds them (import the ops: import 'handgrad')\n",
    )
  })
})
