/** @file inspect.record: a training step as it ran, moment by moment. In the browser: record.browser.test.ts. */
import { readFileSync } from 'node:fs'
import { transform } from 'esbuild'
import { describe, expect, test } from 'vitest'
import {
  customGrad,
  device,
  inspect,
  manualSeed,
  memory,
  nn,
  noGrad,
  optim,
  randn,
  scope,
  type Tensor,
  tensor,
} from '../../src/node.ts'
import { GPT, lesson, nextTokenLoss } from '../support/gpt.ts'

const cpu = await device('cpu')
const float64 = { device: cpu, dtype: 'float64', requiresGrad: true } as const

/** y = w·x + b with all that is to be seen of it. */
async function line() {
  const [w, b] = [tensor(3, float64), tensor(1, float64)]
  const names: Record<string, Tensor> = { w, b }
  const recording = await inspect.record(
    () => {
      const u = w.mul(2)
      const y = u.add(b)
      const z = y.mul(w)
      Object.assign(names, { u, y, z })
      z.backward()
      noGrad(() => {
        for (const p of [w, b]) p.sub_(p.grad.mul(0.1))
      })
    },
    { names },
  )
  return { w, b, recording }
}
/** A frame in a line: node, formula, numbers, who added what. */
const told = ({ graph, frames }: inspect.Recording): string[] =>
  frames.map(({ phase, node, formula, value, grad, received, given }) => {
    const name = (id: number) => graph.nodes[id].name
    const from = received.map((share) => `${name(share.from)}: ${share.formula} = ${share.grad.values}`)
    const to = given.map((share) => `${name(share.to)}: ${share.formula} = ${share.grad.values}`)
    const numbers = [value, grad].map((summary) => summary?.values ?? '')
    return [phase, name(node), formula, ...numbers, from.join(' and '), to.join(' and ')].join(' | ')
  })

test('a step is told node by node: values, gradients, who added what to whom, and what changed', async () => {
  // z = (2w + b)·w at w = 3, b = 1: ∂z/∂w = 4w + b = 13, ∂z/∂b = w = 3
  const { w, b, recording } = await line()
  expect(told(recording)).toEqual([
    'forward | u | u = w · 2 | 6 |  |  | ',
    'forward | y | y = u + b | 7 |  |  | ',
    'forward | z | z = y · w | 21 |  |  | ',
    'backward | z | ∂z/∂z |  | 1 |  | y: ∂z/∂z · w = 3 and w: ∂z/∂z · y = 7',
    'backward | y | ∂z/∂y |  | 3 | z: ∂z/∂z · w = 3 | u: ∂z/∂y = 3 and b: ∂z/∂y = 3',
    'backward | u | ∂z/∂u |  | 3 | y: ∂z/∂y = 3 | w: ∂z/∂u · 2 = 6',
    'backward | w | ∂z/∂w |  | 13 | z: ∂z/∂z · y = 7 and u: ∂z/∂u · 2 = 6 | ',
    'backward | b | ∂z/∂b |  | 3 | y: ∂z/∂y = 3 | ',
    'update | w | w ← w − 0.1 · ∂z/∂w | 1.7 | 13 |  | ',
    'update | b | b ← b − 0.1 · ∂z/∂b | 0.7 | 3 |  | ',
  ])
  // It is the program's own step: gradients and parameters are what they would be.
  expect([await w.grad.item(), await b.grad.item(), await w.item(), await b.item()]).toEqual([13, 3, 3 - 13 * 0.1, 0.7])
  const { graph } = recording
  expect(graph.captured).toBe(true)
  expect(graph.nodes.find(({ name }) => name === 'w')).toMatchObject({ value: { values: [3] }, grad: { values: [13] } })
})

test('gradients are the sums of their shares, to the last bit, and what .grad held is told', async () => {
  manualSeed(3)
  const [w, v] = [randn([2, 3], float64), randn([3, 2], float64)]
  const step = () => {
    const y = w.matmul(v).tanh()
    y.mul(y)
      .add(w.sum())
      .mul(w.narrow(1, 0, 2))
      .sum()
      .backward()
  }
  step()
  const before = Array.from(await w.grad.data())
  const recording = await inspect.record(step, { names: { w, v } })
  const frames = recording.frames.filter(({ phase }) => phase === 'backward')
  for (const { node, grad, before, received } of frames) {
    if (received.length === 0) continue
    const shares = received.map((share) => share.grad.values as number[])
    const sum = shares.reduce((a, b) => a.map((x, i) => x + b[i]))
    const total = before?.values ? sum.map((x, i) => (before.values as number[])[i] + x) : sum
    expect(grad?.values, recording.graph.nodes[node].op).toEqual(total)
  }
  const own = frames.find(({ node }) => recording.graph.nodes[node].name === 'w')
  expect(own?.before?.values).toEqual(before)
  expect(own?.grad?.values).toEqual(Array.from(await w.grad.data()))
  expect(own?.received.length).toBe(3)
})

test('what is not changed by a multiple of the gradient is told by the name of what changed it', async () => {
  const model = new nn.Linear(2, 1, { device: cpu })
  const adam = new optim.Adam(model.parameters(), { lr: 0.01 })
  const names = Object.fromEntries(model.namedParameters())
  const recording = await inspect.record(
    () =>
      scope(() => {
        model
          .forward(
            tensor(
              [
                [1, 2],
                [3, -4],
              ],
              { device: cpu },
            ),
          )
          .square()
          .sum()
          .backward()
        adam.step()
        adam.zeroGrad()
      }),
    { names },
  )
  const updates = recording.frames.filter(({ phase }) => phase === 'update')
  expect(updates.map(({ formula }) => formula)).toContain('weight ← Adam(weight, ∂L/∂weight)')
  // The value is that after the step, and the gradient is shown though zeroGrad() took it away.
  const weight = updates.find(({ formula }) => formula.startsWith('weight'))
  expect(weight?.value?.values).toEqual(Array.from(await model.weight.data()))
  expect(weight?.grad?.values?.every((v) => v !== 0)).toBe(true)
})

test('a rule of customGrad is seen, and what a hook made of a gradient', async () => {
  const x = tensor(3, float64)
  const end = x.registerHook((g) => g.mul(10))
  const double = customGrad(
    (v: Tensor) => v.mul(2),
    (g) => [g.mul(2)],
    'double',
  )
  const { graph, frames } = await inspect.record(() => double(x).square().backward(), { names: { x } })
  end()
  expect(graph.nodes.map(({ op, value, grad }) => [op, value?.values?.[0], grad?.values?.[0]])).toEqual([
    ['leaf', 3, 240],
    ['double', 6, 12],
    ['square', 36, 1],
  ])
  const own = frames.find(({ phase, node }) => phase === 'backward' && node === 0)
  expect(own?.received.map(({ from, formula, grad }) => [from, formula, grad.values?.[0]])).toEqual([
    [1, '∂L/∂#1 through double', 24],
  ])
})

test('an op with several outputs has its gradients at the outputs', async () => {
  const x = tensor([1, 2, 3, 4], float64)
  const recording = await inspect.record(() => {
    const [a, b] = x.split(2)
    a.mul(b).sum().backward()
  })
  const outputs = recording.graph.nodes.filter(({ kind }) => kind === 'output')
  expect(outputs.map(({ grad }) => grad?.values)).toEqual([
    [3, 4],
    [1, 2],
  ])
  const told = recording.frames.filter(
    ({ phase, node }) => phase === 'backward' && outputs.some(({ id }) => id === node),
  )
  expect(told.map(({ received }) => received.length)).toEqual([1, 1])
  expect(recording.frames.find(({ node }) => node === outputs[0].id)?.formula).toBe('#2 = output 0 of #1')
})

describe('large graphs', () => {
  const sizes = { layers: 7, heads: 2, channels: 8, tokens: 4, vocabulary: 11 }

  test('fold by module, as little as makes them fit, parameters and all', async () => {
    manualSeed(1)
    const model = new GPT(sizes, cpu)
    const [x, y] = lesson(sizes, 1, cpu)
    const sgd = new optim.SGD(model.parameters(), { lr: 0.1 })
    const step = () => {
      const loss = nextTokenLoss(model, x, y)
      loss.backward()
      sgd.step()
    }
    const { graph, frames, toHTML } = await inspect.record(step, { names: Object.fromEntries(model.namedParameters()) })
    expect(graph.nodes.length).toBeLessThanOrEqual(300)
    expect(graph.nodes.some(({ op }) => op === 'Attention')).toBe(true)
    const name = 'blocks.3.norm1.weight'
    const own = frames.filter(({ parameter }) => parameter === name)
    expect(own.map(({ phase }) => phase)).toEqual(['backward', 'update'])
    expect(own[0].received.length).toBe(1)
    expect(graph.nodes[own[0].node]).toMatchObject({ kind: 'module', name: 'blocks.3.norm1' })
    expect(own[1].formula).toBe(`${name} ← ${name} − 0.1 · ∂L/∂${name}`)
    // Every parameter of the model is told of once in each phase.
    const parameters = model.parameters().length
    expect(frames.filter(({ phase }) => phase === 'update').length).toBe(parameters)
    expect(toHTML().length).toBeGreaterThan(1e5)
  })

  test('without modules they are refused', async () => {
    const x = tensor(1, { device: cpu, requiresGrad: true })
    const step = () => {
      let y = x.mul(1)
      for (let i = 0; i < 300; i++) y = y.add(1)
      y.backward()
    }
    await expect(inspect.record(step)).rejects.toThrow(
      'inspect.record: the graph has 302 nodes, more than 300, and none was made in a module ' +
        '(record a smaller step, or put its parts into nn.Modules)',
    )
  })
})

test('common networks have a formula for each op, forward and backward', async () => {
  const on = { device: cpu }
  const image = randn([2, 1, 8, 8], on)
  const cnn = new nn.Sequential(
    new nn.Conv2d(1, 2, 3, on),
    new nn.BatchNorm2d(2, on),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Dropout(),
    new nn.Linear(18, 3, on),
  )
  const classes = tensor(Int32Array.of(0, 2), on)
  const sizes = { layers: 1, heads: 2, channels: 8, tokens: 4, vocabulary: 11 }
  const gpt = new GPT(sizes, cpu)
  const lstm = new nn.LSTM(3, 4, on)
  const steps = [
    () => nn.functional.crossEntropy(cnn.forward(image) as Tensor, classes).backward(),
    () => nextTokenLoss(gpt, ...lesson(sizes, 1, cpu)).backward(),
    () =>
      lstm
        .forward(randn([2, 2, 3], on))[0]
        .square()
        .mean()
        .backward(),
  ]
  const unknown: string[] = []
  for (const step of steps) {
    const { frames } = await inspect.record(step)
    unknown.push(...frames.flatMap(({ formula, given }) => [formula, ...given.map((share) => share.formula)]))
  }
  const plain = new Set(
    unknown.flatMap((formula) => formula.match(/(?<= = (?!softmax|max))\w+(?=\()|(?<=through )\w+/g) ?? []),
  )
  // Joined inputs and the gates of a cell have no formula of a line.
  expect([...plain].sort()).toEqual(['cat', 'lstmCell'])
})

test('a recording leaves nothing behind: no tensor, node, hook or tap', async () => {
  await line()
  const before = memory(cpu)
  const w = tensor(2, float64)
  let hooked = 0
  const end = w.registerHook(() => void hooked++)
  const run = Object.getOwnPropertyDescriptor(cpu, 'run')
  await inspect.record(() => scope(() => w.square().backward()))
  expect(Object.getOwnPropertyDescriptor(cpu, 'run')).toEqual(run)
  scope(() => w.square().backward())
  expect(hooked).toBe(2)
  end()
  w.grad.dispose()
  w.dispose()
  const after = memory(cpu)
  expect([after.tensors, after.nodes]).toEqual([before.tensors, before.nodes])
})

test('the graph of the step is as any other afterwards', async () => {
  const w = tensor(2, float64)
  const made: Tensor[] = []
  await inspect.record(() => {
    made.push(w.square(), w.mul(3))
    made[0].backward(undefined, { retainGraph: true })
  })
  for (const y of made) y.backward()
  expect(await w.grad.item()).toBe(4 + 4 + 3)
})

test('what cannot be recorded is refused, and the step’s own errors come through', async () => {
  const w = tensor(2, float64)
  const remedy = '(record a step with one backward)'
  await expect(
    inspect.record(() => {
      w.square().backward()
      w.square().backward()
    }),
  ).rejects.toThrow(`inspect.record: the step went backward a second time, at square ${remedy}`)
  await expect(inspect.record(() => w.square())).rejects.toThrow(
    'inspect.record: the step ran no backward (call loss.backward() in it)',
  )
  await expect(
    inspect.record(() => {
      w.square().backward()
      throw new Error('mine')
    }),
  ).rejects.toThrow('mine')
  // @ts-expect-error not a function
  await expect(inspect.record(w.square())).rejects.toThrow(
    /^inspect.record: the step is .* \(give a function that runs/,
  )
  // @ts-expect-error w is not a tensor
  await expect(inspect.record(() => {}, { names: { w: 3 } })).rejects.toThrow(/^inspect.record: names has w: 3/)
  // @ts-expect-error there is no such option
  await expect(inspect.record(() => {}, { title: 'x' })).rejects.toThrow(/^inspect.record: .*title/)
  const { recording } = await line()
  // @ts-expect-error there is no such option
  expect(() => recording.toHTML({ name: 'x' })).toThrow(/^Recording.toHTML: .*name/)
})

test('the page is one file, with names escaped', async () => {
  const w = tensor(2, float64)
  const recording = await inspect.record(() => w.square().backward(), { names: { '<b>"w"</b>': w } })
  const html = recording.toHTML({ title: '</title><script>' })
  expect(html).toContain('<title>&#60;/title&#62;&#60;script&#62;</title>')
  expect(html).not.toContain('<b>')
  expect(html).not.toMatch(/(src|href)="|url\(["']?http|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/)
})

test('the page’s script is whole in itself, also where a build keeps names', async () => {
  const source = readFileSync(new URL('../../src/inspect/record/play.ts', import.meta.url), 'utf8')
  const [plain, named] = await Promise.all(
    [false, true].map(async (keepNames) => {
      const { code } = await transform(source, { loader: 'ts', keepNames })
      const { play } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)
      return String(play)
    }),
  )
  expect(named).toBe(plain)
})

test('options that change what an op computes change its formulas', async () => {
  const [a, b] = [1, 2].map((value) => tensor([value, 3], { requiresGrad: true }))
  const target = tensor(Int32Array.of(1))
  const { lerp, gelu, crossEntropy } = { ...nn.functional, lerp: a.lerp.bind(a) }
  /** The formula of the first op, then those of what it gives to its inputs. */
  const formulas = async (make: () => Tensor): Promise<string[]> => {
    const { frames } = await inspect.record(() => make().sum().backward(), { names: { a, b } })
    const [first] = frames.filter(({ node, formula }) => formula.startsWith('#') && node > 0)
    const given = frames.find(({ phase, node }) => phase === 'backward' && node === first.node)?.given ?? []
    return [first.formula, ...given.map(({ formula }) => formula)].map((text) => text.replace(/∂L\/∂#\d+/g, 'g'))
  }
  expect(await formulas(() => lerp(b, 0.25))).toEqual(['#2 = a + 0.25 · (b − a)', 'g · (1 − 0.25)', 'g · 0.25'])
  expect(await formulas(() => gelu(a, 'tanh'))).toEqual([
    '#1 = a · Φ(a), Φ(a) = ½ (1 + tanh(√(2/π) (a + 0.044715 a³)))',
    'g · (Φ(a) + a · Φ′(a))',
  ])
  expect(await formulas(() => gelu(a))).toEqual(['#1 = a · Φ(a)', 'g · (Φ(a) + a · φ(a))'])
  expect(await formulas(() => a.sub(b, { alpha: 2 }))).toEqual(['#2 = a + b · −2', 'g', 'g · −2'])
  expect(await formulas(() => a.div(b, { roundingMode: 'floor' }))).toEqual(['#2 = a / b, rounded', '0', '0'])
  const rows = tensor([[1, 2]], { requiresGrad: true })
  const smooth = () => crossEntropy(rows, target, { labelSmoothing: 0.2, reduction: 'none' })
  const { frames } = await inspect.record(() => smooth().sum().backward(), { names: { x: rows } })
  const shown = frames.flatMap(({ formula, given }) => [formula, ...given.map((share) => share.formula)])
  expect(shown.filter((text) => /\bq\b/.test(text)).map((text) => text.replace(/∂L\/∂#\d+/, 'g'))).toEqual([
    '#3 = −Σ q · ln softmax(#1), q = 1 − 0.2 at 1 + 0.2 / classes',
    'g · (softmax(#1) − q)',
  ])
})
