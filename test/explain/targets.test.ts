/** @file What `explain` is given and what it then says: targets, inputs, facts, counts, texts. */
import { describe, expect, test } from 'vitest'
import { explain } from '../../src/explain/index.ts'
import { defineKernel, defineOp, floats, inspect, launch, liveTensors, ops, rand, tensor } from './names.ts'

const x = tensor([
  [1, 2, 3, 4],
  [5, 6, 7, 8],
])

describe('what it says', () => {
  test('of softmax, forward and backward, by hand', async () => {
    const told = await explain(ops.softmax, x, { facts: 'gpu32', backward: true })
    expect(told).toMatchObject({
      name: 'softmax',
      place: { file: 'src/ops/reduce/softmax.ts' },
      inputs: [{ name: 'x', shape: [2, 4], dtype: 'float32' }],
      outputs: [{ name: 'y', shape: [2, 4], dtype: 'float32' }],
      notes: [],
    })
    expect(told.about).toMatch(/^yⱼ = e\^\(xⱼ − m\)/)
    expect(told.facts).toBe('gpu32: subgroups of 32, workgroups of up to 256 threads and 16384 bytes')
    const [call] = told.forward
    expect(call).toMatchObject({
      op: 'softmax',
      formula: 'y = exp x / Σ exp x',
      derivative: { x: 'y · (g − Σ g · y)' },
      saved: [{ name: 'y', shape: [2, 4], bytes: 32, readBy: ['x'] }],
    })
    const [launched] = call.launches
    expect(launched).toMatchObject({ kernel: 'softmax', variant: 'thread_vec4', file: 'shaders/softmax.wgsl' })
    expect(launched.refused.map(({ variant, reason }) => [variant, reason])).toEqual([
      ['group', 'it is not expected to be faster here'],
      ['thread', 'thread_vec4 comes first'],
    ])
    expect(launched.refused[0].condition).toContain('cols')
    const [dispatch] = launched.dispatches
    expect(dispatch).toMatchObject({
      entry: 'softmax_thread_vec4',
      overrides: { LOG: 0 },
      params: { rows: 2, cols: 4, offset: 0 },
      groups: [1, 1, 1],
      workgroup: [256, 1, 1],
      threads: 256,
      workgroupBytes: 0,
      outputs: 8,
    })
    expect(dispatch.bindings).toContainEqual({
      ...{ name: 'y4', binding: 1, holds: 'tensor', dtype: 'float32', length: 8, bytes: 32 },
    })
    // One vec4 a row, read three times; written once.
    const by = Object.fromEntries(dispatch.touched.map((one) => [one.name, one]))
    expect(by.x4).toMatchObject({ reads: 6, writes: 0, bytesRead: 96, distinctRead: 32 })
    expect(by.y4).toMatchObject({ reads: 0, writes: 2, bytesWritten: 32, distinctWritten: 32 })
    expect(dispatch.flops).toBeGreaterThan(8)
    expect(dispatch.flopPerByte).toBeCloseTo((dispatch.flops ?? 0) / 64)
    expect(told.backward.map(({ op, of }) => [op, of])).toEqual([
      ['mul', 'softmax'],
      ['sum', 'softmax'],
      ['sub', 'softmax'],
      ['mul', 'softmax'],
    ])
  })

  test('lines are linked: what reads and writes the same, the op code, the launch', async () => {
    const told = await explain(ops.mul, x, x)
    const [{ launches, source }] = told.forward
    const [{ dispatches, twin }] = launches
    const [{ links, wgsl, codes }] = dispatches
    expect(codes).toEqual(['MUL'])
    const link = (about: string) => links.find((one) => one.about === about)
    expect(wgsl[link('MUL')?.wgsl[0] ?? -1].text).toContain('case MUL: { return bits(f(x) * f(y)); }')
    expect(twin.lines[link('MUL')?.twin[0] ?? -1]).toBe('MUL: (x, y) => x * y')
    expect(source.lines[link('MUL')?.source[0] ?? -1]).toContain("'MUL'")
    expect(wgsl.map(({ text }) => text).join('\n')).not.toContain('case SUB')
    const [store] = link('writes y4')?.wgsl ?? []
    expect(wgsl[store]).toMatchObject({ file: 'shaders/lib/elements.wgsl', writes: ['y4 2'], reads: [] })
    expect((link('writes y4')?.twin ?? []).every((i) => /y\[i\] = /.test(twin.lines[i]))).toBe(true)
  })

  test('steps are what all threads do at once, phase by phase', async () => {
    const told = await explain(ops.softmax, rand([1, 64]), { facts: 'gpu' })
    const [{ entry, steps = [] }] = told.forward[0].launches[0].dispatches
    expect(entry).toBe('softmax_group')
    expect(steps[0]).toMatchObject({ phase: 0, does: 'read', buffer: 'x', bytes: 4 })
    expect(steps[0].touches).toEqual(Array.from({ length: 64 }, (_, i) => [i, 4 * i]))
    // 64 floats are two lines, one for each 32 neighbours.
    expect(steps[0].lines).toEqual([1, 1])
    expect(steps.map(({ phase }) => phase)).toEqual(steps.map(({ phase }) => phase).sort((a, b) => a - b))
    expect(steps.at(-1)).toMatchObject({ does: 'write', buffer: 'y' })
    expect(steps.find(({ buffer }) => buffer === 'partial')?.lines).toEqual([])
  })

  test('neighbours that are far apart touch a line each', async () => {
    const turn = (a: typeof x) => ops.contiguous(ops.transpose(a, 0, 1))
    const told = await explain(turn, rand([32, 32]), { force: { copy: 'short' } })
    const steps = told.forward.flatMap(({ launches }) => launches.flatMap((one) => one.dispatches[0].steps ?? []))
    const lines = steps.filter(({ does }) => does === 'read').flatMap((step) => step.lines)
    expect(Math.max(...lines)).toBe(32)
  })
})

describe('targets', () => {
  test('a tensor: the op that made it, on what was saved', async () => {
    const w = rand([4, 2], { requiresGrad: true })
    const y = ops.matmul(x, w)
    const before = liveTensors()
    const told = await explain(y, { backward: true })
    expect(liveTensors()).toBe(before)
    expect(told.name).toBe('matmul')
    expect(told.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['a', [2, 4]],
      ['b', [4, 2]],
    ])
    // a is saved for the gradient of b; b is not, as a wants none.
    expect(told.notes).toEqual(['no value of b is kept: random numbers in row-major order'])
    expect(told.backward.length).toBeGreaterThan(0)
  })

  test('a tensor whose graph was walked: shapes are enough', async () => {
    const w = rand([3], { requiresGrad: true })
    const y = ops.sum(ops.exp(w))
    y.backward()
    const told = await explain(y)
    expect(told.forward[0].launches[0].kernel).toBe('reduce')
  })

  test('a node of a drawing and of a recorded step', async () => {
    const w = rand([3], { requiresGrad: true })
    const { nodes } = inspect.graph(ops.sum(ops.tanh(w)))
    expect((await explain(nodes[1])).name).toBe('tanh')
    await expect(explain(nodes[0])).rejects.toThrow('explain: node 0 is a leaf, not an op (give one that is)')
    const { graph } = await inspect.record(() => ops.sum(ops.tanh(w)).backward())
    const told = await explain(graph.nodes[1], { backward: true })
    expect([told.name, told.backward.map(({ of }) => of)]).toEqual(['tanh', told.backward.map(() => 'tanh')])
  })

  test('an index that is gone: what is known without it', async () => {
    const w = rand([5, 2], { requiresGrad: true })
    const y = ops.embedding(w, tensor(Int32Array.of(1, 4)))
    const node = inspect.graph(y).nodes.find(({ op }) => op === 'embedding')
    y.sum().backward()
    const told = await explain(node as inspect.GraphNode)
    expect(told.notes).toEqual(['not run again, for no value of index is kept'])
    expect(told.forward).toMatchObject([
      { op: 'embedding', launches: [], formula: 'y = the rows of x that index names' },
    ])
  })

  test('a function of several ops, one that waits, lists and options', async () => {
    const several = await explain((a, b) => ops.relu(ops.add(a, b)), x, x)
    expect(several.forward.map(({ op }) => op)).toEqual(['add', 'relu'])
    const waits = await explain(ops.nonzero, x)
    expect(waits.outputs[0].shape).toEqual([8, 2])
    const list = await explain(ops.cat, [x, x], 1)
    expect(list.inputs.map(({ name }) => name)).toEqual(['x[0]', 'x[1]'])
    expect(list.outputs[0].shape).toEqual([2, 8])
  })

  test('an op of the user, with the texts of its own', async () => {
    const kernel = defineKernel({
      wgsl: `
// kernel: half
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@compute @workgroup_size(64)
fn half(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < p.size) { y[id.x] = 0.5f * x[id.x]; }
}`,
      cpu: ([y, x]) => {
        for (let i = 0; i < y.length; i++) y[i] = 0.5 * x[i]
      },
    })
    const half = defineOp({
      name: 'half',
      inputs: ['x'],
      dtypes: floats,
      shape: ([x]) => ({ shape: x.shape }),
      launch: ([x], [y]) => launch('half', kernel, [y, x], { size: x.numel }),
      vjp: { x: ({ g }) => ops.mul(g, 0.5) },
    })
    const told = await explain((a) => half([a], {}), tensor([1, 2, 3]), { backward: true })
    const [call] = told.forward
    expect(call.derivative.x).toMatch(/g.*0?\.5/)
    const [{ variant, twin, dispatches }] = call.launches
    expect(variant).toBe('half')
    expect(twin.lines.join('')).toMatch(/y\[i\] ?= ?0?\.5 ?\* ?x\[i\]/)
    expect(dispatches[0]).toMatchObject({ outputs: 3, flops: 3, flopPerByte: 3 / 24 })
  })

  test('is refused where nothing made it', async () => {
    await expect(explain(x)).rejects.toThrow(
      /^explain: tensor #\d+ \[2, 4\] needs no gradient, so what made it is not kept/,
    )
    await expect(explain(rand([2], { requiresGrad: true }))).rejects.toThrow('is a leaf: no op made it')
    await expect(explain(5 as never)).rejects.toThrow('explain: 5 cannot be explained (give a function and its inputs')
    await expect(explain(x, x)).rejects.toThrow('explain: a Tensor is not a function, and inputs follow it')
    await expect(explain(() => 3)).rejects.toThrow('explain: a function gave 3 (return tensors)')
    await expect(explain(() => x)).rejects.toThrow('explain: a function gave a tensor on cpu (give what it is made of')
    await expect(explain(ops.exp, x, { backward: 1 as never })).rejects.toThrow('explain: backward is 1 (give true or')
    await expect(explain(ops.exp, x, { facts: 'gpu23' as never })).rejects.toThrow("there are no facts 'gpu23'")
  })
})

describe('how it is run', () => {
  test('on copies that lie as the inputs do; float64 as float32; nothing is left', async () => {
    const wide = rand([4, 6]).slice(null, [1, 5])
    const told = await explain(ops.exp, ops.transpose(wide, 0, 1))
    expect(told.forward[0].launches[0]).toMatchObject({ variant: 'strided' })
    const before = liveTensors()
    const double = tensor([1, 2], { dtype: 'float64' })
    expect((await explain(ops.exp, double, { backward: true })).notes).toEqual([
      'float64 inputs are run as float32: a GPU has no other',
    ])
    expect(liveTensors()).toBe(before + 1)
  })

  test('the random numbers of the program stay what they were', async () => {
    const state = ops.getRandomState()
    await explain(ops.dropout, x)
    expect(ops.getRandomState()).toEqual(state)
  })

  test('gradients go to the inputs that ask for one, or to all', async () => {
    const asks = tensor([1, 2, 3, 4], { requiresGrad: true })
    const one = await explain(ops.mul, x, asks, { backward: true })
    const both = await explain(ops.mul, x, tensor([1, 2, 3, 4]), { backward: true })
    expect(one.backward.filter(({ op }) => op === 'mul')).toHaveLength(1)
    expect(both.backward.filter(({ op }) => op === 'mul')).toHaveLength(2)
    expect(() => asks.grad).toThrow('has no gradient yet')
  })

  test('a forced variant; more threads than are counted', async () => {
    const forced = await explain(ops.softmax, x, { force: { softmax: 'group' } })
    expect(forced.forward[0].launches[0]).toMatchObject({
      variant: 'group',
      refused: [{ reason: 'group is forced' }, { reason: 'group is forced' }],
    })
    const large = await explain(ops.softmax, rand([70_000, 1]), { facts: 'software' })
    expect(large.notes).toEqual(['a dispatch has more threads than are looked at: nothing is counted'])
    const [dispatch] = large.forward[0].launches[0].dispatches
    expect(dispatch).toMatchObject({ entry: 'softmax_thread', threads: 70_144, touched: [] })
    expect([dispatch.flops, dispatch.steps]).toEqual([undefined, undefined])
    // Lines are linked by their text then.
    expect(dispatch.links.map(({ about }) => about)).toEqual(expect.arrayContaining(['writes y', 'reads x']))
  })
})

describe('forms', () => {
  test('it is plain data', async () => {
    const told = await explain(ops.softmax, x, { backward: true })
    const { toText, toMarkdown, toHTML, ...data } = told
    expect(JSON.parse(JSON.stringify(data))).toEqual(data)
    expect([toText, toMarkdown, toHTML].map((f) => typeof f())).toEqual(['string', 'string', 'string'])
  })

  test('as text: each part once', async () => {
    const text = (await explain(ops.softmax, x, { backward: true })).toText()
    expect(text.split('\n')[0]).toBe('softmax: x [2, 4] → y [2, 4]')
    for (const part of ['Forward', 'Backward', '∂L/∂x    y · (g − Σ g · y)', 'CPU twin, src/cpu/kernels/softmax.ts:'])
      expect(text).toContain(part)
    expect(text.match(/fn softmax_thread_vec4/g)).toHaveLength(1)
    expect(/: undefined|NaN per|\[object/.test(text)).toBe(false)
  })

  test('as Markdown: tables and fences that are closed', async () => {
    const markdown = (await explain(ops.softmax, x)).toMarkdown()
    expect(markdown).toMatch(/^# softmax: x \\\[2, 4\\\] → y/)
    expect(markdown.match(/^```/gm)?.length).toBe(6)
    expect(markdown).toContain('| FLOPs |')
  })

  test('as a page: nothing from elsewhere, its data as the script takes it', async () => {
    const page = (await explain((a) => ops.softmax(a), x)).toHTML()
    expect(page).not.toMatch(/(src|href)="|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/)
    const [, json] = page.match(/<script type="application\/json" id="data">(.*?)<\/script>/s) ?? []
    const [played] = JSON.parse(json)
    expect(played.buffers).toEqual([
      { name: 'x4', cells: 8 },
      { name: 'y4', cells: 8 },
    ])
    expect(played.steps).toHaveLength(4)
    expect(played.steps.every(({ line }: { line: number }) => line >= 0)).toBe(true)
  })
})
