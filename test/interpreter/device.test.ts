/**
 * @file The interpreter as a device: its verbs and what they refuse, its memory, what a launch hands to a program, and
 * what is made of the two orders in which a program runs. Programs are stand-ins here, but in the last parts.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Block, Launch } from '../../src/core/device.ts'
import { DeviceLostError, HandgradError, IndexError, OutOfMemoryError } from '../../src/core/errors.ts'
import { defineKernel, type Kernel, type Plan } from '../../src/core/kernel.ts'
import { InterpreterDevice, type InterpreterOptions } from '../../src/interpreter/device.ts'
import { faultText, interpreter } from '../../src/interpreter/index.ts'
import type { BindingInfo, Memory, Program, Run } from '../../src/interpreter/program.ts'
import { Programs } from '../../src/interpreter/programs.ts'
import { tensor } from '../../src/node.ts'

const twin = () => {}

const plus = (plan?: Plan): Kernel =>
  defineKernel({
    wgsl: `
// kernel: plus
struct Params { size: u32, by: f32 }
override TWICE: u32 = 0u;
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@compute @workgroup_size(64)
fn plus(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < p.size) { y[id.x] = x[id.x] + p.by; }
}`,
    cpu: twin,
    plan,
  })

const bindings: readonly BindingInfo[] = [
  { name: 'p', binding: 0, space: 'uniform', writable: false, minBytes: 8 },
  { name: 'y', binding: 1, space: 'storage', writable: true, minBytes: 4 },
  { name: 'x', binding: 2, space: 'storage', writable: false, minBytes: 4 },
]

/** A device whose programs do what a test says. */
function standIn(run: (run: Run) => boolean | undefined, options?: InterpreterOptions, like: Partial<Program> = {}) {
  const make = (_: unknown, entry: string): Program => ({
    ...{ entry, workgroup: [64, 1, 1], workgroupBytes: 0, bindings, accesses: 0, flops: 0 },
    run: (given) => run(given) ?? true,
    ...like,
  })
  return new InterpreterDevice(new Programs(make), options)
}

const words = ({ buffer }: Memory): Uint32Array => new Uint32Array(buffer)
const floats = ({ buffer }: Memory): Float32Array => new Float32Array(buffer)
const set = (memory: Memory, i: number, value: number): void => {
  floats(memory)[i] = value
  memory.undefined[i] = 0
}
const at = ({ memory }: Run, binding: number): Memory => memory.get(binding) as Memory

/** Two tensors of three elements, and a launch on them. */
function launchOn(device: InterpreterDevice, over: Partial<Launch> = {}, size = 3): [Block, Block] {
  const y = device.alloc('float32', 3, 'y')
  const x = device.alloc('float32', 3, 'x')
  device.write(x, Float32Array.of(1, 2, 3))
  device.run({ kernel: plus(), blocks: [y, x], params: { size, by: 0.5 }, label: 'add', ...over })
  return [y, x]
}

const faultsOf = (device: InterpreterDevice): string[] => device.faults().map((fault) => faultText(fault))

describe('verbs', () => {
  test('what was written is read, in part too; bits of all three dtypes', async () => {
    const device = standIn(() => true)
    const x = device.alloc('float32', 5, 'x')
    device.write(x, Float32Array.of(1, 2, 3, 4, NaN))
    device.write(x, Float32Array.of(-0), 1)
    expect(await device.read(x, 0, 5)).toEqual(Float32Array.of(1, -0, 3, 4, NaN))
    expect(await device.read(x, 2, 2)).toEqual(Float32Array.of(3, 4))
    expect(device.peek(x)).toEqual(await device.read(x, 0, 5))
    const i = device.alloc('int32', 1, 'i')
    device.write(i, Int32Array.of(-7))
    expect(await device.read(i, 0, 1)).toEqual(Int32Array.of(-7))
    expect(await device.read(device.alloc('bool', 0, 'b'), 0, 0)).toEqual(new Uint32Array(0))
  })

  test('what they refuse', async () => {
    const device = standIn(() => true)
    expect(() => device.alloc('float64', 1, 'x')).toThrow(
      "x: float64 tensors live on the cpu device only (use device 'cpu')",
    )
    const x = device.alloc('float32', 2, 'x')
    expect(() => device.write(x, new Float32Array(3))).toThrow('write: 3 elements do not fit a block of 2')
    expect(() => device.write(x, new Float64Array(1))).toThrow('a Float64Array does not hold elements of float32')
    await expect(device.read(x, 1, 2)).rejects.toThrow('read: elements 1 to 3 are not in a block of 2')
    device.free(x)
    expect(() => device.write(x, new Float32Array(1))).toThrow('write: the block of x was freed')
    await expect(device.read(x, 0, 1)).rejects.toThrow('read: the block of x was freed')
    expect(() => device.free(x)).toThrow('x: its block was freed twice')
    expect(() => launchOn(device, { blocks: [x, undefined] })).toThrow('add: binding y is a freed block of x')
  })

  test('memory is counted and limited; after destroy every call throws', async () => {
    const device = standIn(() => true, { memoryLimit: 64 })
    const x = device.alloc('float32', 5, 'x')
    expect(device.memory()).toMatchObject({ live: 1, liveBytes: 32, allocatedBytes: 32 })
    expect(String(device)).toBe('InterpreterDevice(interpreter, 32 of 64 bytes)')
    expect(() => device.alloc('float32', 9, 'big')).toThrow(OutOfMemoryError)
    device.free(x)
    expect(device.memory()).toMatchObject({ live: 0, liveBytes: 0 })
    expect(() => {
      device.memoryLimit = -1
    }).toThrow('memoryLimit is -1')
    device.destroy()
    for (const call of [() => device.alloc('float32', 1, 'x'), () => launchOn(device), () => device.peek(x)])
      expect(call).toThrow(DeviceLostError)
    await expect(device.sync()).rejects.toThrow('interpreter: the device interpreter was destroyed (make a new one)')
  })

  test('not on the main thread of a page', () => {
    vi.stubGlobal('document', {})
    expect(() => interpreter()).toThrow('would stand still while it runs (make the device in a worker)')
    vi.unstubAllGlobals()
  })

  test('options are checked', () => {
    const refused = (options: object) => () => interpreter(options)
    expect(refused({ fact: 'gpu' })).toThrow('interpreter: there is no option fact (did you mean facts?')
    expect(refused({ facts: 'gpu23' })).toThrow("there are no facts 'gpu23' (did you mean 'gpu")
    expect(refused({ facts: { lanes: 3 } })).toThrow('interpreter: facts: there is no option lanes')
    expect(refused({ facts: { features: new Set(['subgroups']) } })).toThrow('facts.subgroupSize is 0 (one of 4, 8')
    expect(refused({ facts: { subgroupSize: 8 } })).toThrow("(give 0, or features with 'subgroups')")
    expect(refused({ limit: 0.5 })).toThrow('limit is 0.5 (give an integer from 1 up)')
    expect(refused({ maxGroups: 0 })).toThrow('maxGroups is 0 (give an integer from 1 up)')
    expect(refused({ trace: true })).toThrow('trace is true (give a function (access) => …)')
    expect(refused({ memoryLimit: NaN })).toThrow('memoryLimit is NaN')
    expect(interpreter({ facts: { maxThreads: 64 } }).facts).toMatchObject({ maxThreads: 64, software: false })
  })
})

describe('a launch', () => {
  test('is a program with its memory, in two orders', () => {
    const runs: Run[] = []
    const device = standIn((run) => {
      runs.push(run)
      return true
    })
    launchOn(device, {}, 130)
    expect(runs.map(({ groups, checked, order }) => [groups, checked, order.reversed])).toEqual([
      [[3, 1, 1], true, false],
      [[3, 1, 1], false, true],
    ])
    const [first, second] = runs
    expect(words(at(first, 0)).slice(0, 2)).toEqual(new Uint32Array(Float32Array.of(0, 0.5).buffer).fill(130, 0, 1))
    expect(at(first, 1)).toMatchObject({ bytes: 12, tensor: true, undefined: Uint8Array.of(1, 1, 1, 1) })
    expect(at(first, 2)).toMatchObject({ bytes: 12, tensor: true, undefined: Uint8Array.of(0, 0, 0, 1) })
    expect(at(first, 2)).toBe(at(second, 2))
    expect(at(first, 1)).not.toBe(at(second, 1))
    expect(device.faults()).toEqual([])
    expect(device.counts()).toEqual({ 'plus/plus': 1 })
  })

  test('what was not written is other garbage each time, what is behind a tensor too; the rest stays', async () => {
    const seen: string[] = []
    const device = standIn((run) => {
      seen.push(words(at(run, 1)).join(), String(words(at(run, 2))[3]))
      return true
    })
    const [, x] = launchOn(device)
    launchOn(device)
    expect(new Set(seen).size).toBe(seen.length)
    expect(await device.read(x, 0, 3)).toEqual(Float32Array.of(1, 2, 3))
  })

  test('out begins undefined, in full again; in keeps what it has, and so does out where it is read too', () => {
    const flags: number[] = []
    const device = standIn((run) => {
      flags.push(at(run, 1).undefined[0])
      set(at(run, 1), 0, 1)
      return true
    })
    const [y, x] = launchOn(device)
    device.run({ kernel: plus(), blocks: [y, x], params: { size: 1, by: 0 }, label: 'add' })
    expect(flags).toEqual([1, 1, 1, 1])
    device.run({ kernel: plus(), blocks: [x, x], params: { size: 1, by: 0 }, label: 'add' })
    expect(flags.slice(4)).toEqual([0, 0])
    expect(faultsOf(device)).toEqual([
      'inline.wgsl:9: plus: x is bound twice: bindings y and x are the same buffer ' +
        '(launch on two tensors, or give the kernel one binding for both)',
    ])
  })

  test('scratch is one memory for all dispatches, and gone after the launch', () => {
    const seen: Memory[] = []
    const device = standIn((run) => {
      if (run.checked) seen.push(at(run, 1))
      return true
    })
    const plan: Plan = {
      variants: {
        two: {
          dispatch: () => {
            const scratch = { bytes: 20 }
            const one = { entry: 'plus', groups: 1, constants: { TWICE: 1 } }
            return [
              { ...one, blocks: [scratch, 1] },
              { ...one, blocks: [scratch, 0] },
            ]
          },
        },
      },
    }
    launchOn(device, { kernel: plus(plan) })
    expect(seen[0]).toMatchObject({ bytes: 20, tensor: false })
    expect(seen[1]).toBe(seen[0])
    expect(device.memory().live).toBe(2)
  })

  test.each([
    [4, [4, 1, 1]],
    [3, [2, 2, 1]],
    [2, [2, 2, 1]],
  ])('has grids of at most %i workgroups in one dimension', (maxGroups, groups) => {
    const device = standIn((run) => void expect(run.groups).toEqual(groups), { maxGroups })
    const plan = { variants: { one: { dispatch: () => ({ entry: 'plus', groups: 4 }) } } }
    launchOn(device, { kernel: plus(plan) })
  })

  test('is refused where WebGPU refuses it', () => {
    const of = (
      like: Partial<Program>,
      groups: number | [number, number, number] = 1,
      options?: InterpreterOptions,
    ) => {
      const plan = { variants: { one: { dispatch: () => ({ entry: 'plus', groups }) } } }
      return () =>
        launchOn(
          standIn(() => true, options, like),
          { kernel: plus(plan) },
        )
    }
    expect(of({ workgroup: [32, 16, 1] })).toThrow('add: plus has workgroups of 32 × 16 × 1 threads, the adapter 256')
    expect(of({ workgroupBytes: 16388 })).toThrow('uses 16388 bytes of workgroup memory, the adapter has 16384')
    expect(of({}, [65536, 1, 1])).toThrow('plus needs a grid of 65536 × 1 × 1 workgroups (split it)')
    expect(of({}, 65536, { limit: 100 })).toThrow('plus would run 4194304 threads, the limit is 100')
    expect(of({}, 1025, { trace: () => {} })).toThrow('trace dispatches of at most 65536 threads')
    const lacking = [...bindings, { ...bindings[2], name: 'z', binding: 3 }]
    expect(of({ bindings: lacking })).toThrow('plus of plus uses z, and nothing is bound there')
    const large = bindings.map((one) => ({ ...one, minBytes: 20 }))
    expect(of({ bindings: large })).toThrow('p of plus takes 20 bytes at least, its buffer has 16')
    expect(() =>
      launchOn(
        standIn(() => true),
        { params: { size: 1 } },
      ),
    ).toThrow('param by of kernel plus is missing')
  })

  test('text that is wrong: with its line', () => {
    const kernel = plus()
    const [module] = kernel.code!.modules
    const text = module.source.text.replace('+ p.by', '+ p.size')
    const broken = {
      ...kernel,
      code: { ...kernel.code!, modules: [{ ...module, source: { ...module.source, text } }] },
    }
    expect(() =>
      launchOn(
        standIn(() => true),
        { kernel: broken },
      ),
    ).toThrow(/^plus: inline\.wgsl:10: .*u32/)
    const needy = { ...kernel, code: { ...kernel.code!, modules: [{ ...module, needs: ['subgroups'] }] } }
    expect(() =>
      launchOn(
        standIn(() => true),
        { kernel: needy },
      ),
    ).toThrow('needs subgroups, which interpreter does not')
  })
})

describe('the orders are compared', () => {
  /** What differs between them: values by order. */
  const differing = (inOrder: number, reversed: number, i = 1) =>
    standIn((run) => {
      for (let k = 0; k < 3; k++) set(at(run, 1), k, 7)
      set(at(run, 1), i, run.order.reversed ? reversed : inOrder)
      return true
    })

  test('a difference is a fault, once for a line, and the first order counts', async () => {
    const device = differing(1.5, 2.5)
    const [y] = launchOn(device)
    launchOn(device)
    expect(await device.read(y, 0, 3)).toEqual(Float32Array.of(7, 1.5, 7))
    expect(device.faults()).toMatchObject([
      { kind: 'order', kernel: 'plus', label: 'add', buffer: 'y', index: 1, count: 2 },
    ])
    expect(faultsOf(device)).toEqual([
      'inline.wgsl:9: plus: y[1] depends on the order of threads: it is 1.5 in order, 2.5 in reverse, 2 times ' +
        '(let one thread write an element, and combine in a fixed order)',
    ])
    device.clearFaults()
    expect(device.faults()).toEqual([])
  })

  test('NaN is NaN, −0 is not 0', () => {
    const nan = new Float32Array(Uint32Array.of(0xffc00123).buffer)[0]
    for (const [device, count] of [
      [differing(NaN, nan), 0],
      [differing(0, -0), 1],
    ] as const) {
      launchOn(device)
      expect(device.faults()).toHaveLength(count)
    }
  })

  test('not what is behind a tensor, and not what nothing was written to', () => {
    for (const device of [differing(1, 2, 3), standIn(() => true)]) {
      launchOn(device)
      expect(device.faults()).toEqual([])
    }
  })

  test('not after a thread was stopped; one that stops in reverse only is a fault', () => {
    let runs = 0
    const stopped = standIn(() => ++runs > 1)
    launchOn(stopped)
    expect([runs, stopped.faults()]).toEqual([1, []])
    const once = standIn((run) => !run.order.reversed)
    launchOn(once)
    expect(once.faults()).toMatchObject([{ kind: 'order', what: 'all threads end in order, and not in reverse' }])
  })
})

describe('tensors', () => {
  test('softmax forwards and backwards is the CPU’s, without a fault, on every adapter', async () => {
    const results: (readonly number[])[][] = []
    for (const facts of [null, 'gpu', 'gpu8', 'software'] as const) {
      const device = facts ? interpreter({ facts }) : undefined
      const x = tensor(
        [
          [1, 2, 3, -1],
          [0, -1, 5, 2],
        ],
        { ...(device && { device }), requiresGrad: true },
      )
      const y = x.softmax(-1)
      y.mul(x).sum().backward()
      results.push([Array.from(await y.data()), Array.from(await x.grad!.data())])
      expect(device?.faults() ?? []).toEqual([])
      if (device) expect(device.accesses).toBeGreaterThan(100)
    }
    for (const [k, all] of results.entries())
      all.forEach((row, i) =>
        row.forEach((value, j) => expect(value, `${k} ${i} ${j}`).toBeCloseTo(results[0][i][j], 6)),
      )
  })

  test('what a kernel reports is thrown by the next read or sync, once', async () => {
    const device = interpreter()
    const x = tensor([1, 2, 3], { device })
    const picked = x.indexSelect(0, tensor(Int32Array.of(0, 5), { device }))
    await expect(picked.data()).rejects.toThrow(IndexError)
    await device.sync()
    x.indexSelect(0, tensor(Int32Array.of(-7, 9), { device }))
    await expect(device.sync()).rejects.toThrow('indexSelect: index')
    expect(await x.data()).toEqual(Float32Array.of(1, 2, 3))
    expect(device.faults()).toEqual([])
  })

  test('a variant that is forced runs; facts decide otherwise', async () => {
    const device = interpreter({ force: { softmax: 'group' } })
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { device },
    )
    x.softmax(-1)
    expect(device.counts()).toMatchObject({ 'softmax/group': 1, 'softmax/thread': 0 })
    expect(device.faults()).toEqual([])
  })

  test('a device that was destroyed, dtypes it lacks', () => {
    const device = interpreter()
    expect(() => tensor([1], { device, dtype: 'float64' })).toThrow(HandgradError)
    device.destroy()
    expect(() => tensor([1], { device })).toThrow(DeviceLostError)
  })
})
