/**
 * @file Looking at the graph: data, captured values and gradients, and drawings of micrograd's expression and of a
 * model.
 */
import { describe, expect, test } from 'vitest'
import {
  arange,
  customGrad,
  getDefaultDevice,
  memory,
  nn,
  noGrad,
  ones,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'
import * as inspect from '../../src/inspect/index.ts'
import { GPT, lesson, nextTokenLoss } from '../support/gpt.ts'

/** The expression of micrograd's README. */
function micrograd() {
  const a = tensor(-4, { requiresGrad: true })
  const b = tensor(2, { requiresGrad: true })
  let c = a.add(b)
  let d = a.mul(b).add(b.pow(3))
  c = c.add(c.add(1))
  c = c.add(c.add(1).add(a.neg()))
  d = d.add(d.mul(2).add(b.add(a).relu()))
  d = d.add(d.mul(3).add(b.sub(a).relu()))
  const e = c.sub(d)
  const f = e.pow(2)
  const g = f.div(2).add(f.pow(-1).mul(10))
  return { a, b, c, d, e, f, g }
}

test("micrograd's expression: every value and gradient, and the leaves' .grad as ever", async () => {
  const names = micrograd()
  const graph = await inspect.backward(names.g, { names })
  expect(await names.a.grad.item()).toBeCloseTo(138.8338, 3)
  expect(await names.b.grad.item()).toBeCloseTo(645.5773, 3)
  const node = (name: string) => graph.nodes.find((n) => n.name === name)
  expect(node('g')?.value?.values?.[0]).toBeCloseTo(24.7041, 4)
  expect(node('g')?.grad?.values).toEqual([1])
  expect(node('a')).toMatchObject({ kind: 'leaf', shape: [], value: { values: [-4] } })
  expect(node('b')?.grad?.values?.[0]).toBeCloseTo(645.5773, 3)
  // e = c − d, by hand: dg/de = (1/2 − 10/f²)·2e with e = −7, f = 49.
  expect(node('e')?.value?.values).toEqual([-7])
  expect(node('e')?.grad?.values?.[0]).toBeCloseTo((0.5 - 10 / 49 ** 2) * 2 * -7, 5)
  expect(graph.nodes.every((n) => n.value && n.grad)).toBe(true)
  expect(graph.nodes.at(-1)?.name).toBe('g')
  expect(() => names.g.backward()).toThrow('the graph of add was released by an earlier backward')
})

test('the graph as data: inputs before results, edges by the names of inputs', () => {
  const w = tensor([[1, 2]], { requiresGrad: true })
  const y = w
    .mul(3)
    .matmul(tensor([[1], [2]]))
    .sum()
  const { nodes, edges, captured } = inspect.graph(y, { names: { w, y } })
  expect(captured).toBe(false)
  expect(nodes.map(({ kind, op, name, shape }) => [kind, op, name, shape.join()])).toEqual([
    ['leaf', 'leaf', 'w', '1,2'],
    ['op', 'mul', undefined, '1,2'],
    ['constant', 'constant', undefined, '2,1'],
    ['op', 'matmul', undefined, '1,1'],
    ['op', 'sum', 'y', ''],
  ])
  expect(nodes[1].attrs).toEqual({ b: 3 })
  expect(edges).toEqual([
    { from: 0, output: 0, to: 1, input: 'a' },
    { from: 1, output: 0, to: 3, input: 'a' },
    { from: 2, output: 0, to: 3, input: 'b' },
    { from: 3, output: 0, to: 4, input: 'x' },
  ])
  expect(inspect.graph(w).nodes).toHaveLength(1)
})

test('a model: values that no op saved are computed again', async () => {
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2))
  const images = tensor([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
    [1, 0, 1],
    [0, 0, 2],
  ])
  const labels = tensor(Int32Array.of(0, 1, 0, 1, 0))
  const logits = model.forward(images)
  const loss = nn.functional.crossEntropy(logits, labels)
  const value = await loss.item()
  const graph = await inspect.backward(loss, {
    names: { ...Object.fromEntries(model.namedParameters()), images, labels },
  })
  expect(graph.nodes.every((n) => n.value !== null)).toBe(true)
  expect(graph.nodes.every((n) => n.kind === 'constant' || n.grad !== null)).toBe(true)
  expect(graph.nodes.at(-1)?.value?.values).toEqual([value])
  expect(graph.nodes.filter((n) => n.kind === 'constant').map(({ name, dtype }) => [name, dtype])).toEqual([
    ['images', 'float32'],
    ['labels', 'int32'],
  ])
  const last = graph.nodes.findLast((n) => n.op === 'linear')
  const flat = [...(await logits.data())]
  expect(last?.value?.max).toBeCloseTo(Math.max(...flat), 5)
  expect(last?.value?.mean).toBeCloseTo(flat.reduce((a, b) => a + b, 0) / 10, 5)
  expect(await model.parameters()[0].grad.array()).toHaveLength(4)
})

test('a constant is what its op took, however else its memory is seen', async () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ])
  const w = nn.parameter(ones([2, 2]))
  const seen = async (y: Tensor) => (await inspect.backward(y.sum(), { names: { x, w } })).nodes
  const turned = await seen(x.matmul(w).sub(x.t().matmul(w)))
  const valuesOf = (op: string) => turned.filter((n) => n.op === op).map(({ value }) => value?.values)
  expect(valuesOf('constant')).toEqual([
    [1, 2, 3, 4],
    [1, 3, 2, 4],
  ])
  expect(valuesOf('matmul')).toEqual([
    [3, 3, 7, 7],
    [4, 4, 6, 6],
  ])
  // The op gets the shape that it took, too.
  const image = tensor([[1, 2, 3, 4]])
  const kernel = nn.parameter(ones([2, 1, 1, 1]))
  const y = nn.functional.conv2d(image.reshape([1, 1, 2, 2]), kernel)
  const { nodes } = await inspect.backward(y.sum(), { names: { image, kernel } })
  expect(nodes.find((n) => n.op === 'conv2d')?.value).toMatchObject({ bad: 0, min: 1, max: 4 })
})

test('what nothing holds any more stays unknown, and what is not finite is counted', async () => {
  const x = tensor([1, 2, 3, 4, 5], { requiresGrad: true })
  // The added constant is dropped by everyone, so the sum cannot be computed again.
  const y = x
    .add(tensor([5, 4, 3, 2, 1]))
    .mul(2)
    .sum()
  const graph = await inspect.backward(y)
  expect(graph.nodes.map(({ op, value }) => [op, value !== null])).toEqual([
    ['leaf', false],
    ['constant', false],
    ['add', false],
    ['mul', false],
    ['sum', false],
  ])
  expect(inspect.toDot(graph)).toContain('value not kept')
  const z = tensor([-1, 0, 1, Infinity, 4], { requiresGrad: true })
  const { nodes } = await inspect.backward(z.log().sum(), { names: { z } })
  expect(nodes[0].value).toMatchObject({ bad: 1, min: -1, max: 4 })
  expect(nodes[1].value).toMatchObject({ bad: 3, min: 0 })
  expect(inspect.toMermaid({ nodes, edges: [], captured: true })).toContain('value 3 NaN or ∞<br/>')
  const long = tensor([-1, 0, 1, Infinity, 4, 1, 1, 1, 1], { requiresGrad: true })
  const drawn = inspect.toMermaid(await inspect.backward(long.log().sum()))
  expect(drawn).toContain('value 3 NaN or ∞, else 0 … 1.39, mean 0.231 ± 0.517')
})

test('a rule of its own is drawn, with the gradients that pass it', async () => {
  const x = tensor([3], { requiresGrad: true })
  const double = customGrad(
    (v: Tensor) => v.mul(2),
    (g) => [g.mul(2)],
    'double',
  )
  const y = double(x).square().sum()
  const { nodes } = await inspect.backward(y)
  expect(nodes.map(({ op, value, grad }) => [op, value?.values?.[0], grad?.values?.[0]])).toEqual([
    ['leaf', 3, 24],
    ['double', 6, 12],
    ['square', 36, 1],
    ['sum', 36, 1],
  ])
})

test('options: a cotangent, and keeping the graph', async () => {
  const x = tensor([1, 2], { requiresGrad: true })
  const y = x.mul(x)
  const cotangent = tensor([1, 10])
  const first = await inspect.backward(y, { cotangent, retainGraph: true })
  expect(first.nodes[0].grad?.values).toEqual([2, 40])
  y.backward(cotangent)
  expect(await x.grad.array()).toEqual([4, 80])
})

test('it leaves nothing behind but the gradients of leaves', async () => {
  const w = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  )
  const kept = w.mul(3).retainGrad()
  const loss = kept.tanh().sum()
  const before = memory()
  const done = inspect.backward(loss)
  // What is read is held until it has arrived; nothing was awaited yet, so no finalizer ran in between.
  await done
  expect(memory().nodes).toBe(before.nodes - 3)
  expect(await kept.grad.array()).toHaveLength(2)
  expect(w.hasGrad).toBe(true)
})

test('bad input is refused', async () => {
  expect(() => inspect.graph(zeros([2]))).toThrow(
    /inspect.graph: tensor #\d+ \[2\] needs no gradient, so it has no graph/,
  )
  // @ts-expect-error bad input on purpose: the compiler refuses it too
  expect(() => inspect.graph(3)).toThrow('inspect.graph: 3 is not a tensor (give the loss)')
  const y = tensor([1, 2], { requiresGrad: true }).mul(2)
  await expect(inspect.backward(y)).rejects.toThrow(/backward: tensor #\d+ \[2\] is not a scalar/)
  y.sum().backward()
  expect(() => inspect.graph(y)).toThrow(
    'inspect.graph: the graph of mul was released by backward (look before backward, or use inspect.backward(loss))',
  )
  expect(noGrad(() => y.add(1)).edge).toBe(null)
})

test('options that mean nothing are refused', async () => {
  const y = tensor([1, 2], { requiresGrad: true }).mul(2).sum()
  const drawings = { toDot: inspect.toDot, toMermaid: inspect.toMermaid, toSVG: inspect.toSVG }
  const never = 'give tensors by name: { a, b }'
  const cases: [options: object, said: string][] = [
    [{ direction: 'up' }, "direction is 'up' (give 'right' or 'down')"],
    [{ direction: null }, "direction is null (give 'right' or 'down')"],
    [{ foldViews: 'no' }, "foldViews is 'no' (give true or false)"],
    [{ names: null }, `names is null (${never})`],
    [{ names: [y] }, `names is an array (${never})`],
    [{ names: { a: 5 } }, `names has a: 5, which is not a tensor (${never})`],
  ]
  const graph = inspect.graph(y)
  for (const [name, draw] of Object.entries(drawings)) {
    for (const of of [y, graph])
      for (const [options, said] of cases) expect(() => draw(of, options)).toThrow(`inspect.${name}: ${said}`)
    for (const [of, what] of [
      [5, '5'],
      [undefined, 'undefined'],
      [null, 'null'],
      [{ nodes: 3 }, 'an object'],
    ]) {
      // @ts-expect-error bad input on purpose
      expect(() => draw(of)).toThrow(
        `inspect.${name}: ${what} is neither a graph nor a tensor (give the loss, or what inspect.backward(loss) gave)`,
      )
    }
  }
  // @ts-expect-error bad input on purpose
  expect(() => inspect.toSVG(y, { width: '400' })).toThrow(
    "inspect.toSVG: width is '400' (give pixels, a number above 0)",
  )
  // @ts-expect-error bad input on purpose
  expect(() => inspect.graph(y, { names: { a: 5 } })).toThrow(
    `inspect.graph: names has a: 5, which is not a tensor (${never})`,
  )
  // @ts-expect-error bad input on purpose
  await expect(inspect.backward(y, { names: null })).rejects.toThrow(`inspect.backward: names is null (${never})`)
  // @ts-expect-error bad input on purpose
  await expect(inspect.backward(y, { retainGraph: 'no' })).rejects.toThrow(
    "inspect.backward: retainGraph is 'no' (give true or false)",
  )
})

test('drawings say that backward was not run, and never show zeros instead', () => {
  const { g } = micrograd()
  for (const text of [inspect.toDot(g), inspect.toMermaid(g), inspect.toSVG(g)]) {
    expect(text).toContain('backward not run yet')
    expect(text).not.toMatch(/\bgrad |\bvalue /)
  }
})

test('drawings of one small expression, character by character', async () => {
  const x = tensor(3, { requiresGrad: true })
  const w = tensor([1, 2], { requiresGrad: true })
  const y = w.mul(x).pow(2).sum()
  const graph = await inspect.backward(y, { names: { 'x "1"': x, w, y } })
  expect(inspect.toDot(graph)).toMatchSnapshot()
  expect(inspect.toMermaid(graph)).toMatchSnapshot()
  expect(inspect.toSVG(graph)).toMatchSnapshot()
  expect(inspect.toSVG(graph, { direction: 'down' })).toMatchSnapshot()
})

test('boxes of a drawing do not overlap, and all lie inside', async () => {
  const model = new nn.Sequential(
    new nn.Linear(3, 4),
    new nn.Tanh(),
    new nn.Linear(4, 4),
    new nn.Sigmoid(),
    new nn.Linear(4, 1),
  )
  for (const y of [micrograd().g, model.forward(tensor([[1, 2, 3]])).sum()]) {
    for (const direction of ['right', 'down'] as const) {
      const svg = inspect.toSVG(y, { direction })
      const [width, height] = (svg.match(/viewBox="0 0 (\d+) (\d+)"/) as RegExpMatchArray).slice(1).map(Number)
      const boxes = [...svg.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g)].map(
        (m) => m.slice(1).map(Number),
      )
      expect(boxes).toHaveLength(inspect.graph(y).nodes.length)
      for (const [i, [x, y0, w, h]] of boxes.entries()) {
        expect(x >= 0 && y0 >= 0 && x + w <= width && y0 + h <= height).toBe(true)
        for (const [x2, y2, w2, h2] of boxes.slice(i + 1)) {
          expect(x + w <= x2 || x2 + w2 <= x || y0 + h <= y2 || y2 + h2 <= y0).toBe(true)
        }
      }
    }
  }
})

test('every piece of a split is shown, and the target that the user holds', async () => {
  const x = tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { requiresGrad: true },
  )
  const target = tensor([[0], [1]])
  const [a, b, c] = x.split(1, 1)
  const loss = nn.functional.mseLoss(a.mul(c), target)
  const { nodes, edges } = await inspect.backward(loss, { names: { x, a, b, target, loss } })
  expect(nodes.map(({ kind, op, name, outputs }) => [kind, op, name, outputs])).toEqual([
    ['leaf', 'leaf', 'x', 0],
    ['op', 'split', undefined, 3],
    ['output', 'split.0', 'a', 0],
    ['output', 'split.1', 'b', 0],
    ['output', 'split.2', undefined, 0],
    ['op', 'mul', undefined, 0],
    ['constant', 'constant', 'target', 0],
    ['op', 'sub', undefined, 0],
    ['op', 'square', undefined, 0],
    ['op', 'sum', undefined, 0],
    ['op', 'div', 'loss', 0],
  ])
  expect(edges.slice(0, 6).map(({ from, output, to }) => [from, output, to])).toEqual([
    [0, 0, 1],
    [1, 0, 2],
    [1, 1, 3],
    [1, 2, 4],
    [2, 0, 5],
    [4, 0, 5],
  ])
  const seen = (i: number) => [nodes[i].value?.values, nodes[i].grad?.values]
  expect([2, 3, 4, 6].map(seen)).toEqual([
    // d/da ½Σ(a·c − t)² = (a·c − t)·c, and a·c − t = 3, 23; a piece that was not used has no gradient.
    [
      [1, 4],
      [9, 138],
    ],
    [[2, 5], undefined],
    [
      [3, 6],
      [3, 92],
    ],
    [[0, 1], undefined],
  ])
  expect(nodes[1]).toMatchObject({ value: null, grad: null })
  // Drawn from a piece, the piece comes last; of an op with outputs by name, those that are used are shown.
  expect(inspect.graph(x.split(1, 1)[0]).nodes.at(-1)).toMatchObject({ kind: 'output', op: 'split.0' })
  const { values } = x.max(1)
  expect(inspect.graph(values.sum()).nodes.map(({ op }) => op)).toEqual(['leaf', 'max', 'sum'])
})

test('small matrices are numbers, larger ones a map of at most 12 × 32 parts', async () => {
  const x = tensor(
    [
      [0.5, -20],
      [0.001, 3],
    ],
    { requiresGrad: true },
  )
  const few = await inspect.backward(x.mul(1).sum(), { names: { x } })
  const [node] = few.nodes
  expect(node.value?.values).toEqual([0.5, -20, Math.fround(0.001), 3])
  // As many decimals as the largest needs for three digits, aligned; 0.0 is rounded, 0 would be exact.
  expect(inspect.toDot(few).replaceAll('\u00a0', '_')).toContain(
    'x\\n[2, 2]\\nvalue\\n__0.5__−20.0\\n__0.0____3.0\\ngrad\\n1__1\\n1__1',
  )
  expect(inspect.toSVG(few)).not.toContain('maps:')

  const wide = arange(9 * 64)
    .float()

    .reshape([9, 64])
    .sub(32)
    .requiresGrad_()
  const { nodes } = await inspect.backward(wide.mul(1).sum(), { names: { wide } })
  const heat = nodes[0].value?.heat
  expect(nodes[0].value).not.toHaveProperty('values')
  expect([heat?.rows, heat?.cols, heat?.values.length]).toEqual([9, 32, 9 * 32])
  // Parts of 1 × 2: means of neighbours.
  expect(heat?.values.slice(0, 2)).toEqual([-31.5, -29.5])
  const tall = await inspect.backward(ones([4, 6, 9], { requiresGrad: true }).log().mul(NaN).sum())
  expect(tall.nodes[2].value?.heat).toEqual({ rows: 12, cols: 9, values: new Array(108).fill(NaN) })
  const svg = inspect.toSVG({ nodes, edges: [], captured: true })
  expect(svg).toContain('maps: blue below 0, orange above')
  expect(svg.match(/var\(--node-below,#2563eb\);fill-opacity/g)).toHaveLength(2)
  expect(svg.match(/var\(--node-above,#ea580c\);fill-opacity/g)?.length).toBeGreaterThan(5)
  const none = zeros([0, 3], { requiresGrad: true })
  const [empty] = (await inspect.backward(none.sum(), { names: { none } })).nodes
  expect(empty.value).not.toHaveProperty('heat')
})

describe('a GPT of two layers', () => {
  const sizes = { layers: 2, heads: 2, channels: 8, tokens: 8, vocabulary: 16 }
  const device = getDefaultDevice()
  const model = new GPT(sizes, device)
  const [index, target] = lesson(sizes, 2, device)
  const compute = () => nextTokenLoss(model, index, target)
  const names = { ...Object.fromEntries(model.namedParameters()), index, target }
  /** Boxes by their bold first line. */
  const titles = (svg: string) => [...svg.matchAll(/font-weight:700">([^<]*)</g)].map((m) => m[1])

  test('folds its views and its modules', async () => {
    const graph = await inspect.backward(compute(), { names })
    expect(titles(inspect.toSVG(graph, { foldViews: true, foldModules: true }))).toEqual([
      'tokens',
      'index',
      'embedding',
      'positions',
      'constant',
      'embedding',
      'add',
      'blocks.0: Block',
      'blocks.1: Block',
      'norm: LayerNorm',
      'head: Linear',
      'target',
      'crossEntropy ignore=−100 mean=true',
    ])
    const open = titles(inspect.toSVG(graph, { foldViews: true })).map((title) => title.split(' ')[0])
    const count = (name: string) => open.filter((other) => other === name).length
    expect(['permute', 'reshape', 'split', 'split.1'].map(count)).toEqual([0, 0, 2, 2])
    const deeper = inspect.toMermaid(graph, { foldModules: 2 })
    for (const text of ['blocks.0.attention: Attention', 'blocks.1.widen: Linear', '["add<br/>']) {
      expect(deeper).toContain(text)
    }
    expect(deeper).toContain('[2, 8, 8], 288 parameters<br/>value')
    expect(inspect.toDot(graph, { foldModules: true })).toContain('blocks.1: Block')
  })

  test('a folded box has the value and the gradient of what leaves it, and parts stay in order', async () => {
    const graph = await inspect.backward(compute(), { names })
    const out = graph.nodes.findLast(({ modules }) => modules[0]?.path === 'blocks.0')
    const folded = inspect.toDot(graph, { foldModules: true })
    const [, min] = /blocks\.0: Block[^"]*value (\S+) …/.exec(folded) ?? []
    expect(Number(min.replace('−', '-'))).toBeCloseTo(out?.value?.min ?? 0, 2)
    for (const [, from, to] of folded.matchAll(/n(\d+) -> n(\d+)/g)) expect(Number(from)).toBeLessThan(Number(to))
  })

  test('fits a page, whole and folded', async () => {
    const graph = await inspect.backward(compute(), { names })
    const width = (options: inspect.SVGOptions) => Number(/width="(\d+)"/.exec(inspect.toSVG(graph, options))?.[1])
    expect(width({})).toBeLessThanOrEqual(960)
    expect(width({ direction: 'right' })).toBeLessThanOrEqual(960)
    expect(width({ width: 400, foldModules: true })).toBeLessThanOrEqual(400)
    // What fits is not made smaller, and flows to the right.
    const x = tensor(3, { requiresGrad: true })
    const small = inspect.toSVG(x.mul(2))
    expect(small).toMatch(/width="(\d+)" height="(\d+)" viewBox="0 0 \1 \2"/)
    expect(inspect.toSVG(x.mul(2), { direction: 'right' })).toBe(small)
    expect(inspect.toMermaid(graph)).toMatch(/^flowchart TD/)
    expect(inspect.toMermaid(x.mul(2))).toMatch(/^flowchart LR/)
    expect(inspect.toDot(x.mul(2), { direction: 'down' })).toContain('rankdir=TB')
  })

  test('twice the same module: two calls, two boxes', () => {
    const shared = new nn.Sequential(new nn.Linear(2, 2))
    const twice = new nn.Lambda((x) => shared.forward(shared.forward(x)))
    const own = new nn.Sequential(shared, twice)
    expect(inspect.toMermaid(own.forward(ones([1, 2])), { foldModules: 2 }).match(/"0\.0: Linear/g)).toHaveLength(1)
    const y = shared.forward(shared.forward(ones([1, 2])))
    expect(inspect.toMermaid(y, { foldModules: true }).match(/"0: Linear/g)).toHaveLength(2)
  })

  test('what cannot be folded is refused', async () => {
    const loss = compute()
    expect(() => inspect.toSVG(tensor(1, { requiresGrad: true }).exp(), { foldModules: true })).toThrow(
      'inspect.toSVG: foldModules is set, and no node was made in a module ' +
        '(call the forward of an nn.Module that has modules in it)',
    )
    expect(() => inspect.toDot(loss, { foldModules: 0.5 })).toThrow(
      'inspect.toDot: foldModules is 0.5 (give true, false or an integer from 1 up)',
    )
    expect(() => inspect.toSVG(loss, { width: 0 })).toThrow('inspect.toSVG: width is 0 (give pixels, a number above 0)')
  })
})

test('a picture of too many boxes is refused', () => {
  let y: Tensor = tensor(1, { requiresGrad: true })
  for (let i = 0; i < 2000; i++) y = y.add(1)
  expect(() => inspect.toSVG(y)).toThrow(
    'inspect.toSVG: the graph has 2001 nodes, more than 2000 (draw a smaller loss, or use toDot)',
  )
  expect(inspect.toDot(y)).toContain('n2000 [')
})

test('drawings are well formed whatever a name holds', () => {
  // Every character that XML has no form for, halves of pairs, and what needs an escape.
  const controls = String.fromCharCode(...Array(32).keys())
  const name = `w${controls}\x7f\u0085\ud800x\udc00\ufffe\uffff<&>"'😀`
  const w = tensor([1, 2], { requiresGrad: true })
  const graph = inspect.graph(w.sum(), { names: { [name]: w } })
  const svg = inspect.toSVG(graph)
  /** Production 2 of XML 1.0, fifth edition. */
  const characters = /^[\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
  expect(svg).toMatch(characters)
  expect(svg).toContain('&#60;&#38;&#62;&#34;&#39;😀')
  // Tags that close in order, and no other < or &.
  const open: string[] = []
  for (const [, end, tag, empty] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(tag)
    else if (!empty) open.push(tag)
  }
  expect(open).toEqual([])
  const text = svg.replace(/<\/?[a-z]+(\s[^<>]*?)?\/?>/g, '')
  expect(text).not.toMatch(/<|&(?!#\d+;)/)
  expect(inspect.toDot(graph)).toMatch(characters)
  expect(inspect.toMermaid(graph)).toMatch(characters)
})
