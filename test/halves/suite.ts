/** @file Tensors of 16 bits on any device: rounding, views, what ops take and refuse, against float64 and float32. */
import { describe, expect, test } from 'vitest'
import type { Device, DType } from '../../src/core/device.ts'
import { fromBFloat16, fromFloat16, toBFloat16, toFloat16 } from '../../src/core/half.ts'
import * as metrics from '../../src/metrics/index.ts'
import * as hg from '../../src/node.ts'
import { noGrad, type Tensor, tensor } from '../../src/node.ts'

const { functional: F } = hg.nn
const formats = { float16: [fromFloat16, toFloat16], bfloat16: [fromBFloat16, toBFloat16] } as const
type Half = keyof typeof formats

/** Reproducible numbers in [−2, 2) of many exponents. */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return ((state >>> 8) / 2 ** 23 - 1) * 2 ** ((state & 7) - 6)
  })
}

/** All halves that are numbers, and between each two neighbours the midpoint and what lies nearest to it. */
function hardNumbers(dtype: Half): Float32Array {
  const [from] = formats[dtype]
  const all = from(Uint16Array.from({ length: 65536 }, (_, i) => i))
  const found = [...all].filter((x) => !Number.isNaN(x))
  const bits = new Uint32Array(1)
  const one = new Float32Array(bits.buffer)
  for (let i = 0; i < 65535; i++) {
    const middle = (all[i] + all[i + 1]) / 2
    if (!Number.isFinite(middle)) continue
    one[0] = middle
    found.push(middle)
    for (const step of [-1, 1]) {
      bits[0] += step
      found.push(one[0])
      bits[0] -= step
    }
  }
  // Beyond the largest one, and below the smallest.
  found.push(65519.996, 65520, 1e5, -65520, 3.3961776e38, 3.4e38, 1e-40, -1e-40, 2 ** -25, 2 ** -26)
  return Float32Array.from(found)
}

/** What an op gives for tensors of 16 bits, in float64 on their numbers, and in float32. */
interface Case {
  readonly name: string
  readonly shapes: readonly (readonly number[])[]
  readonly f: (xs: readonly Tensor[]) => Tensor
}

const cases: readonly Case[] = [
  { name: 'add, broadcast', shapes: [[5, 7], [7]], f: ([a, b]) => a.add(b) },
  { name: 'mul by a number', shapes: [[33]], f: ([a]) => a.mul(0.1) },
  { name: 'exp', shapes: [[3, 5]], f: ([a]) => a.exp() },
  { name: 'gelu', shapes: [[65]], f: ([a]) => F.gelu(a, { approximate: 'tanh' }) },
  { name: 'maximum', shapes: [[9], [9]], f: ([a, b]) => a.maximum(b) },
  { name: 'where', shapes: [[9], [9]], f: ([a, b]) => a.where(a.gt(b), b) },
  {
    name: 'cat',
    shapes: [
      [3, 5],
      [2, 5],
      [1, 5],
    ],
    f: (xs) => hg.cat(xs),
  },
  { name: 'softmax', shapes: [[4, 9]], f: ([a]) => a.softmax(1) },
  { name: 'logSoftmax of columns', shapes: [[4, 9]], f: ([a]) => a.logSoftmax(0) },
  {
    name: 'matmul',
    shapes: [
      [6, 17],
      [17, 5],
    ],
    f: ([a, b]) => a.matmul(b),
  },
  {
    name: 'matmul of a transpose',
    shapes: [
      [2, 3, 7],
      [5, 7],
    ],
    f: ([a, b]) => a.matmul(b.T),
  },
  { name: 'linear', shapes: [[9, 13], [7, 13], [7]], f: ([x, w, b]) => F.linear(x, w, b) },
  { name: 'layerNorm', shapes: [[4, 21], [21], [21]], f: ([x, w, b]) => F.layerNorm(x, 21, w, b) },
  { name: 'rmsNorm', shapes: [[4, 21], [21]], f: ([x, w]) => F.rmsNorm(x, 21, w) },
  {
    name: 'attention',
    shapes: [
      [2, 3, 6, 5],
      [2, 3, 6, 5],
      [2, 3, 6, 5],
    ],
    f: ([q, k, v]) => F.scaledDotProductAttention(q, k, v, { isCausal: true }),
  },
  {
    name: 'crossEntropy',
    shapes: [[5, 11]],
    f: ([x]) => F.crossEntropy(x, tensor(Int32Array.of(3, 0, 10, 5, 5), { device: x.device })),
  },
  {
    name: 'linearCrossEntropy',
    shapes: [
      [5, 4],
      [11, 4],
    ],
    f: ([h, w]) =>
      hg.linearCrossEntropy(h, w, tensor(Int32Array.of(3, 0, 10, 5, 5), { device: h.device }), { chunk: 2 }),
  },
  {
    name: 'embedding',
    shapes: [[7, 5]],
    f: ([w]) => F.embedding(w, tensor(Int32Array.of(6, 0, -1, 3, 3), { device: w.device })),
  },
  {
    name: 'embedding of whole words',
    shapes: [[7, 8]],
    f: ([w]) => F.embedding(w, tensor(Int32Array.of(6, 0, -1, 3, 3), { device: w.device })),
  },
  {
    name: 'gather',
    shapes: [[4, 7]],
    f: ([x]) => hg.gather(x, 1, tensor([[6], [0], [3], [-1]], { dtype: 'int32', device: x.device })),
  },
]

/** The same on any device. */
export function halvesTests(on: () => Device): void {
  const numbersIn = (x: Tensor) => x.to('float32').data()
  const make = (data: Float64Array, shape: readonly number[], dtype: DType, device = on()) =>
    tensor(data, { shape, dtype, device })

  describe.each(['float16', 'bfloat16'] as const)('%s', (dtype) => {
    const [from, to] = formats[dtype]

    test('all 65,536 become float32 exactly', async () => {
      const bits = Uint16Array.from({ length: 65536 }, (_, i) => i)
      const got = await numbersIn(tensor(bits, { dtype, device: on() }))
      const want = from(bits)
      expect(got.length).toBe(want.length)
      for (let i = 0; i < want.length; i++) if (!Object.is(got[i], want[i])) expect.fail(`${i}: ${got[i]}, ${want[i]}`)
    })

    test('halves, midpoints and their neighbours are rounded to the nearest, ties to even', async () => {
      const hard = hardNumbers(dtype)
      expect(hard.length).toBeGreaterThan(250_000)
      const got = await tensor(hard, { device: on() }).to(dtype).data()
      const want = to(hard)
      for (let i = 0; i < want.length; i++) if (got[i] !== want[i]) expect.fail(`${hard[i]}: ${got[i]}, ${want[i]}`)
      const odd = await tensor([NaN, Infinity, -Infinity, -0], { device: on() }).to(dtype).array()
      expect(odd).toEqual([NaN, Infinity, -Infinity, -0])
    })

    test('views from odd places, turned and stepped, are read and copied as they are', async () => {
      const data = numbers(7 * 9 * 5)
      const x = make(data, [7, 9, 5], dtype)
      const wide = tensor(from(to(data)), { shape: [7, 9, 5], device: on() })
      const views: ((x: Tensor) => Tensor)[] = [
        (x) => x.slice([1, 6], [1, 8, 2], [1, 4]),
        (x) => x.permute([2, 0, 1]),
        (x) => x.slice(null, null, [null, null, -2]),
        (x) => x.reshape([-1]).slice([3, 4]),
        (x) => x.reshape([-1]).slice([1, 314]),
        (x) => x.select(1, 3).unsqueeze(1).expand(7, 3, 5),
        (x) => x.diagonal(1),
      ]
      for (const [i, view] of views.entries()) {
        const want = Array.from(await view(wide).data())
        expect(Array.from(from(Uint16Array.from(await view(x).data()))), `data of view ${i}`).toEqual(want)
        expect(Array.from(await numbersIn(view(x))), `view ${i} widened`).toEqual(want)
        expect(Array.from(await numbersIn(view(x).clone())), `copy of view ${i}`).toEqual(want)
        expect(Array.from(await numbersIn(view(wide).to(dtype))), `view ${i} rounded`).toEqual(want)
      }
    })

    test('writing into views changes their elements alone', async () => {
      const x = make(numbers(45), [5, 9], dtype)
      const before = (await x.array()) as number[][]
      x.slice([1, 4], [1, 8, 3]).copy_(make(numbers(9, 7), [3, 3], dtype))
      x.select(1, 0).fill_(3)
      const patch = await make(numbers(9, 7), [3, 3], dtype).array()
      const after = (await x.array()) as number[][]
      for (const [r, row] of before.entries())
        for (const [c, value] of row.entries()) {
          const inside = r >= 1 && r < 4 && [1, 4, 7].includes(c)
          const want = c === 0 ? 3 : inside ? (patch as number[][])[r - 1][(c - 1) / 3] : value
          expect(after[r][c], `${r}, ${c}`).toBe(want)
        }
      // The host writes in parts, too.
      const { block } = x.storage
      on().write(block, to([8, 9, 10]), 3)
      on().write(block, to([11]), 44)
      const flat = from(Uint16Array.from(await x.data()))
      expect([...flat.subarray(2, 7)]).toEqual([after[0][2], 8, 9, 10, after[0][6]])
      expect([flat[43], flat[44]]).toEqual([after[4][7], 11])
    })

    test.each(cases)(
      '$name: float64 on the same numbers within 1e-5, and float32 rounded once',
      async ({ shapes, f }) => {
        const cpu = await hg.device('cpu')
        const datas = shapes.map((shape, i) =>
          numbers(
            shape.reduce((a, b) => a * b, 1),
            i + 1,
          ),
        )
        const xs = shapes.map((shape, i) => make(datas[i], shape, dtype))
        const y = f(xs)
        expect(y.dtype).toBe(dtype)
        const plain = f(xs.map((x) => x.to('float32')))
        expect(Array.from(await y.data())).toEqual(Array.from(to(await plain.data())))
        const exact = f(datas.map((data, i) => make(Float64Array.from(from(to(data))), shapes[i], 'float64', cpu)))
        const want = await exact.data()
        const got = await plain.data()
        for (let i = 0; i < want.length; i++)
          expect(Math.abs(got[i] - want[i]), `element ${i}`).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(want[i])))
      },
    )

    test.each(cases)('$name: gradients are those of float32, rounded', async ({ shapes, f }) => {
      if (shapes.length > 1 && shapes[0].length !== shapes[1].length) return
      const datas = shapes.map((shape, i) =>
        numbers(
          shape.reduce((a, b) => a * b, 1),
          i + 1,
        ),
      )
      const leaves = (dtype: DType) =>
        shapes.map((shape, i) => tensor(from(to(datas[i])), { shape, dtype, device: on(), requiresGrad: true }))
      const [xs, wide] = [leaves(dtype), leaves('float32')]
      const y = f(xs)
      const g = make(numbers(y.numel, 9), y.shape, dtype)
      y.backward(g)
      f(wide).backward(g.to('float32'))
      for (const [i, x] of xs.entries()) {
        expect(x.grad.dtype).toBe(dtype)
        const [got, want] = [await numbersIn(x.grad), await wide[i].grad.data()]
        const step = dtype === 'float16' ? 2 ** -10 : 2 ** -7
        for (let e = 0; e < want.length; e++)
          expect(Math.abs(got[e] - want[e]), `${i}, ${e}`).toBeLessThanOrEqual(step * Math.abs(want[e]) + 2 ** -24)
      }
    })

    test.each([1, 3, 4, 5, 33])('weights of 16 bits next to %s rows of float32', async (rows) => {
      const cpu = await hg.device('cpu')
      // Sizes that take every way there is to read them: vec4s, k side by side, neither, from an odd place.
      for (const [k, n] of [
        [13, 7],
        [64, 32],
        [1030, 12],
      ]) {
        const [x, w, b] = [numbers(rows * k, 3), numbers(n * k + 1, 4), numbers(n, 5)]
        const weight = make(w, [n * k + 1], dtype)
        for (const turned of [false, true])
          for (const at of [0, 1]) {
            const lay = (w: Tensor) => {
              const part = w.slice([at, at + n * k])
              return turned ? part.reshape([k, n]).T : part.reshape([n, k])
            }
            const y = noGrad(() => F.linear(make(x, [rows, k], 'float32'), lay(weight), make(b, [n], dtype)))
            expect(y.dtype).toBe('float32')
            const known = make(Float64Array.from(from(to(w))), [n * k + 1], 'float64', cpu)
            const numbersOfX = make(Float64Array.from(Float32Array.from(x)), [rows, k], 'float64', cpu)
            const bias = make(Float64Array.from(from(to(b))), [n], 'float64', cpu)
            const want = await F.linear(numbersOfX, lay(known), bias).data()
            const got = await y.data()
            for (let i = 0; i < want.length; i++)
              expect(Math.abs(got[i] - want[i]), `${k} ${n} ${turned} ${at}: ${i}`).toBeLessThanOrEqual(
                1e-5 * (1 + Math.abs(want[i])),
              )
          }
      }
    })
  })

  test('frozen weights stay in 16 bits in the graph, and x gets its gradient', async () => {
    const cpu = await hg.device('cpu')
    const [x, w] = [numbers(6 * 13, 1), numbers(5 * 13, 2)]
    const weight = make(w, [5, 13], 'bfloat16')
    const known = make(Float64Array.from(fromBFloat16(toBFloat16(w))), [5, 13], 'float64', cpu)
    const input = tensor(x, { shape: [6, 13], device: on(), requiresGrad: true })
    const inputs = tensor(Float64Array.from(Float32Array.from(x)), {
      ...{ shape: [6, 13], dtype: 'float64', device: cpu, requiresGrad: true },
    })
    F.linear(input, weight).square().sum().backward()
    F.linear(inputs, known).square().sum().backward()
    const [got, want] = [await input.grad.data(), await inputs.grad.data()]
    for (let i = 0; i < want.length; i++)
      expect(Math.abs(got[i] - want[i])).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(want[i])))
  })

  test.each([3, 9])('linearCrossEntropy of %s rows and frozen weights of 16 bits', async (rows) => {
    const cpu = await hg.device('cpu')
    const [h, w] = [numbers(rows * 13, 1), numbers(11 * 13, 2)]
    const target = Int32Array.from({ length: rows }, (_, i) => (i * 7) % 11)
    const slopes = async (inputs: Tensor, map: Tensor) => {
      const loss = hg.linearCrossEntropy(inputs, map, tensor(target, { device: inputs.device }), { chunk: 4 })
      loss.backward()
      return [...(await loss.data()), ...(await inputs.grad.data())]
    }
    const how = { shape: [rows, 13], requiresGrad: true }
    const got = await slopes(tensor(h, { ...how, dtype: 'float32', device: on() }), make(w, [11, 13], 'bfloat16'))
    const known = make(Float64Array.from(fromBFloat16(toBFloat16(w))), [11, 13], 'float64', cpu)
    const exact = tensor(Float64Array.from(Float32Array.from(h)), { ...how, dtype: 'float64', device: cpu })
    const want = await slopes(exact, known)
    for (let i = 0; i < want.length; i++)
      expect(Math.abs(got[i] - want[i])).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(want[i])))
  })

  test('results have the dtypes that PyTorch gives', async () => {
    const of = (dtype: DType, shape: number[] = [2]) => hg.ones(shape, { dtype, device: on() })
    expect(of('float16').add(of('float16')).dtype).toBe('float16')
    expect(of('float16').add(of('float32')).dtype).toBe('float32')
    expect(of('float16').mul(of('bfloat16')).dtype).toBe('float32')
    expect(of('bfloat16').mul(0.5).dtype).toBe('bfloat16')
    expect(of('bfloat16').mul(of('float32', [])).dtype).toBe('bfloat16')
    expect(of('float32').mul(of('bfloat16', [])).dtype).toBe('float32')
    expect(of('float16').gt(of('float32')).dtype).toBe('bool')
    expect(await of('float16').to('bfloat16').to('int32').to('float16').array()).toEqual([1, 1])
    expect(await tensor([2.5, -3], { dtype: 'float16', device: on() }).to('bool').array()).toEqual([true, true])
  })

  test('host arrays in and out: numbers, bits, Float16Array where there is one', async () => {
    const made = tensor([1, 2.7, -0.1], { dtype: 'bfloat16', device: on() })
    expect([...(await made.data())]).toEqual([...toBFloat16([1, 2.7, -0.1])])
    expect(await tensor(Uint16Array.of(0x3c00, 0xc000), { dtype: 'float16', device: on() }).array()).toEqual([1, -2])
    expect(await hg.full([3], 0.1, { dtype: 'float16', device: on() }).array()).toEqual([
      ...fromFloat16(toFloat16([0.1, 0.1, 0.1])),
    ])
    expect(await hg.eye(3, { dtype: 'bfloat16', device: on() }).array()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
    expect(await hg.arange(0, 1, 0.25, { dtype: 'float16', device: on() }).array()).toEqual([0, 0.25, 0.5, 0.75])
    expect(await tensor(7.25, { dtype: 'float16', device: on() }).item()).toBe(7.25)
    expect(await made.equal(made.clone())).toBe(true)
    expect(
      await tensor([0], { dtype: 'float16', device: on() }).equal(tensor([-0], { dtype: 'float16', device: on() })),
    ).toBe(true)
    class Float16Array extends Float32Array {}
    expect(tensor(Float16Array.of(1.5), { device: on() }).dtype).toBe('float16')
    const there = await made.to(await hg.device('cpu'))
    expect([there.dtype, await there.array()]).toEqual(['bfloat16', await made.array()])
  })

  test('what does not take them says so by name, before any work', async () => {
    const x = hg.ones([4, 4], { dtype: 'float16', device: on() })
    const refused: Record<string, () => unknown> = {
      cumsum: () => x.cumsum(0),
      sum: () => x.sum(),
      sort: () => x.sort(),
      std: () => x.std(),
      conv2d: () => F.conv2d(x.reshape([1, 1, 4, 4]), x.reshape([1, 1, 4, 4])),
      scatterAdd: () => hg.scatterAdd(x, 0, hg.zeros([4, 4], { dtype: 'int32', device: on() }), x),
      nanToNum: () => x.nanToNum(),
    }
    const { live } = on().memory()
    for (const [name, f] of Object.entries(refused))
      expect(f, name).toThrow(new RegExp(`^${name}: \\w+ (is|are) .*float16.*\\(cast with x\\.to\\('float32'\\)\\)$`))
    expect(on().memory().live).toBe(live + 1) // the index of scatterAdd
    await expect(x.nonzero()).rejects.toThrow(/^nonzero: x is float16/)
    await expect(hg.unique(x)).rejects.toThrow(/^unique: x is float16/)
    expect(() => new hg.optim.SGD([x.clone()])).toThrow(/is float16 \(only float32 and float64 are trained/)
    expect(() => hg.randn([2], { dtype: 'float16', device: on() })).toThrow(/^randn: dtype is float16/)
    expect(() => x.matmul(hg.ones([3, 4], { device: on() }))).toThrow(/^matmul: inner sizes differ/)
  })

  test('what trains or averages them says so, what measures or shows them reads their numbers', async () => {
    const w = hg.tensor([3, 4, 5], { dtype: 'bfloat16', device: on(), requiresGrad: true })
    w.mul(w).to('float32').sum().backward()
    expect(() => hg.optim.clipGradNorm([w], 1)).toThrow('clipGradNorm: gradient 0 is bfloat16, which is storage alone')
    expect(() => new hg.optim.EMA([w])).toThrow('EMA: parameter 0 is bfloat16, which is storage alone')
    expect([...(await numbersIn(w.grad))]).toEqual([6, 8, 10])
    expect((await hg.inspect.checkGrad(w, [6, 8, 10])).maxdiff).toBe(0)
    const scores = hg.tensor([0.25, 0.375, 0.875], { dtype: 'bfloat16', device: on() })
    const accuracy = new metrics.Accuracy()
    accuracy.update(scores, hg.tensor([0, 1, 1], { dtype: 'int32', device: on() }))
    expect(await accuracy.compute()).toBeCloseTo(2 / 3, 12)
    expect(
      await metrics.meanSquaredError(hg.tensor([1, 2.5, 3]), hg.tensor([1, 2, 3], { dtype: 'float16' })),
    ).toBeCloseTo(1 / 12, 6)
    // In one rounding: by way of float32 it would be a tie.
    const near = 1.00048828125 + 2 ** -40
    const [once] = await hg.full([1], near, { dtype: 'float16', device: on() }).to('float32').data()
    expect(once).toBe(1.0009765625)
  })

  test('two bytes an element', () => {
    const before = on().memory().liveBytes
    const x = hg.zeros([1024, 1024], { dtype: 'bfloat16', device: on() })
    const taken = on().memory().liveBytes - before
    // Buffers come in classes.
    expect(taken).toBeGreaterThanOrEqual(2 ** 21)
    expect(taken).toBeLessThan(3 * 2 ** 20)
    x.dispose()
  })
}
