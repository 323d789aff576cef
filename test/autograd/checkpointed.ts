/** @file What a checkpointed function must do, on any device: the same bits as without, for less memory. */
import { describe, expect, it } from 'vitest'
import {
  checkpoint,
  type Device,
  dropout,
  gelu,
  getRandomState,
  grad,
  inspect,
  layerNorm,
  linear,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  rand,
  randn,
  relu,
  scope,
  softmax,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { GPT2, type LanguageModel, Llama } from '../../src/models/index.ts'

type Around = typeof checkpoint
/** No checkpoint. */
const plain: Around = (f, ...inputs) => f(...inputs)

const bits = async (xs: readonly (Tensor | null)[]): Promise<number[][]> =>
  Promise.all(xs.map(async (x) => (x ? [...new Uint32Array((await x.data()).buffer)] : [])))

const sizes = { vocab_size: 20, initializer_range: 0.3 }
/** Small ones of both families, in training, with dropout. */
export const families: Readonly<Record<string, (device: Device) => LanguageModel>> = {
  GPT2: (device) => {
    const drops = { resid_pdrop: 0.2, embd_pdrop: 0.1, attn_pdrop: 0.3 }
    return new GPT2({ ...sizes, n_positions: 8, n_embd: 16, n_layer: 3, n_head: 2, ...drops }, { device })
  },
  Llama: (device) => {
    const heads = { num_attention_heads: 4, num_key_value_heads: 2, attention_dropout: 0.3 }
    const widths = { hidden_size: 16, intermediate_size: 24, num_hidden_layers: 3, max_position_embeddings: 8 }
    return new Llama({ ...sizes, ...widths, ...heads }, { device })
  },
}

const ids = (device: Device): Tensor =>
  tensor(
    Int32Array.from({ length: 14 }, (_, i) => (i * 7) % 20),
    { shape: [2, 7], device },
  )

export function checkpointSuite(get: () => Device): void {
  /** Gradients of a loss by f, with one way around its parts and with the other, from one seed. */
  async function same(f: (around: Around, x: Tensor, w: Tensor, b: Tensor) => Tensor, needs = [true, true, true]) {
    const results = []
    for (const around of [plain, checkpoint]) {
      manualSeed(3)
      const shapes = [[4, 6], [6, 6], [6]]
      const inputs = shapes.map((shape, i) => randn(shape, { device: get(), requiresGrad: needs[i] }))
      const loss = f(around, ...(inputs as [Tensor, Tensor, Tensor])) // as many as shapes
      loss.backward()
      const grads = inputs.map((x, i) => (needs[i] ? x.grad : null))
      results.push({ bits: await bits([loss, ...grads]), random: getRandomState() })
    }
    expect(results[1]).toEqual(results[0])
  }

  describe('gradients are bit for bit those without it', () => {
    const block = (x: Tensor, w: Tensor, b: Tensor) => add(dropout(relu(linear(layerNorm(x, 6), w, b)), { p: 0.3 }), x)
    const add = (a: Tensor, b: Tensor) => a.add(b)

    it('of inputs, and of what the function takes from around it, with dropout', async () => {
      await same((around, x, w, b) =>
        around((x) => block(x, w, b), x)
          .square()
          .sum(),
      )
      await same((around, x, w, b) => {
        let y = x
        for (let i = 0; i < 3; i++)
          y = dropout(
            around((y) => block(y, w, b), y),
            { p: 0.1 },
          )
        return softmax(y, -1)
          .mul(w.slice([0, 4]))
          .sum()
      })
    })
    it('of inputs that need no gradient', async () => {
      await same((around, x, w, b) => around(block, x, w, b).square().sum(), [false, true, true])
      await same((around, x, w, b) => around(block, x, w, b).square().sum(), [false, false, true])
      await same((around, x, w, b) => around(block, x, w, b).square().sum(), [true, false, false])
    })
    it('of lists and records, and of what is not a tensor', async () => {
      await same((around, x, w, b) => {
        const f = ({ at, of }: { at: readonly Tensor[]; of: Tensor }, p: number, name: string) => {
          const y = linear(at[0], of, at[1])
          return { [name]: [dropout(gelu(y), { p }), y.square()], none: null, p }
        }
        // The record is by a name that is given.
        const { y, p } = around(f, { at: [x, b], of: w }, 0.4, 'y') as unknown as { y: Tensor[]; p: number }
        return y[0].mul(y[1]).mul(p).sum()
      })
    })
    it('of one inside of another', async () => {
      await same((around, x, w, b) => {
        const inner = (x: Tensor) => around((x) => block(x, w, b), around(gelu, x))
        return around((x) => around(inner, inner(x)).mul(2), x)
          .square()
          .mean()
      })
    })
    it('with random numbers of the host', async () => {
      await same(
        (around, x, w) => {
          const layer = (x: Tensor) => {
            const noise = nn.init.normal_(ones([6, 6], { device: get() }))
            return x
              .matmul(w.mul(noise))
              .sigmoid()
              .mul(rand([4, 6], { device: get() }))
          }
          return around(layer, around(layer, x)).square().sum()
        },
        [true, true, false],
      )
    })
    it.each(Object.keys(families))('of every block of %s', async (name) => {
      const runs = []
      for (const on of [false, true]) {
        manualSeed(5)
        const model = families[name](get())
        model.gradientCheckpointing = on
        const losses = []
        for (let step = 0; step < 2; step++) {
          const loss = model.forward(ids(get())).square().mean()
          loss.backward()
          losses.push(loss)
        }
        runs.push({ bits: await bits([...losses, ...model.parameters().map((x) => x.grad)]), random: getRandomState() })
      }
      expect(runs[1]).toEqual(runs[0])
    })
  })

  it('goes back more than once, by backward and grad, and by a second derivative', async () => {
    const runs = []
    for (const around of [plain, checkpoint]) {
      manualSeed(8)
      const [x, w] = [randn([3, 4], { device: get(), requiresGrad: true }), randn([4, 4], { device: get() })]
      const y = around((x) => dropout(gelu(x.matmul(w)), { p: 0.25 }).square(), x).sum()
      y.backward(undefined, { retainGraph: true })
      const first = grad(y, x, { createGraph: true })
      first.square().sum().backward()
      runs.push(await bits([y, first, x.grad as Tensor]))
    }
    expect(runs[1]).toEqual(runs[0])
  })

  it('keeps one number of each channel, token and layer, and nothing afterwards', async () => {
    const device = get()
    const [batch, tokens, width, layers] = [2, 16, 32, 6]
    const blocks = Array.from({ length: layers }, () => [
      randn([4 * width, width], { device, requiresGrad: true }),
      randn([width, 4 * width], { device, requiresGrad: true }),
    ])
    const block = (x: Tensor, [up, down]: Tensor[]) =>
      x.add(dropout(linear(gelu(linear(layerNorm(x, width), up)), down), { p: 0.1 }))
    const x = randn([batch, tokens, width], { device })
    /** Floats kept per channel, token and layer. */
    const kept = (around: Around) =>
      scope(() => {
        const before = memory(device).bytes
        const y = scope(() => blocks.reduce((y, weights) => around((y) => block(y, weights), y), x).sum())
        const bytes = memory(device).bytes - before
        y.backward()
        return bytes / (4 * batch * tokens * width * layers)
      })
    expect(kept(plain)).toBeGreaterThan(9)
    expect(kept(checkpoint)).toBeLessThan(1.1)
    const steady = memory(device)
    for (let i = 0; i < 5; i++) kept(checkpoint)
    expect(memory(device)).toEqual(steady)
    for (const one of [x, ...blocks.flat()]) one.dispose()
  })

  it('changes running statistics once', async () => {
    const runs = []
    for (const around of [plain, checkpoint]) {
      manualSeed(1)
      const layers = [
        new nn.BatchNorm1d(3, { device: get() }),
        new nn.BatchNorm1d(3, { device: get(), momentum: null }),
      ]
      const x = randn([5, 3], { device: get(), requiresGrad: true })
      for (let i = 0; i < 2; i++)
        around((x) => layers.reduce((y, layer) => layer.forward(y), x), x)
          .square()
          .sum()
          .mul(i + 1)
          .backward()
      const buffers = layers.flatMap((layer) => [...Object.values(layer.stateDict())])
      runs.push(await bits([x.grad as Tensor, ...buffers]))
    }
    expect(runs[1]).toEqual(runs[0])
  })

  it('is the function itself under noGrad', () => {
    const x = ones([2], { device: get() })
    let calls = 0
    const counted = (x: Tensor) => {
      calls++
      return x.mul(2)
    }
    const y = noGrad(() => checkpoint(counted, x))
    expect([calls, y.requiresGrad]).toEqual([1, false])
  })

  describe('refuses', () => {
    const x = () => ones([2, 3], { device: get(), requiresGrad: true })
    it('what is not a function, and promises', () => {
      expect(() => checkpoint(3 as never)).toThrow('checkpoint: fn is 3 (give a function, then its inputs)')
      const later = async (x: Tensor) => x
      expect(() => checkpoint(later, x())).toThrow('checkpoint: the function returned a promise (await outside of it)')
      expect(() => noGrad(() => checkpoint(later, x()))).toThrow('checkpoint: the function returned a promise')
    })
    /** What backward says of a function that is another one the second time. */
    const second = (f: (x: Tensor, first: boolean) => unknown): (() => void) => {
      let first = true
      const y = checkpoint((x: Tensor) => {
        const made = f(x, first)
        first = false
        return made
      }, x())
      const one = Array.isArray(y) ? y[0] : y
      return () => (one as Tensor).sum().backward()
    }
    const todo = '(the function must compute the same of its inputs, weights and random numbers)'
    it('other results the second time', () => {
      expect(second((x, first) => (first ? x.exp().square() : x.exp().square().sum(0)))).toThrow(
        `checkpoint: the second time, it gives float32 [3], not float32 [2, 3] ${todo}`,
      )
      expect(second((x, first) => (first ? [x.exp().square(), x] : [x.exp().square()]))).toThrow(
        'it gives float32 [2, 3], not float32 [2, 3], float32 [2, 3]',
      )
      expect(second((x, first) => (first ? x.exp().square() : x.exp().mul(2)))).toThrow('1 values are kept, not 2')
      expect(second((x, first) => (first ? x.exp().square() : x.sum(0).exp().square()))).toThrow(
        'float32 [3] is kept, not float32 [2, 3]',
      )
      expect(second((x, first) => (first ? x.exp() : dropout(x.exp(), { p: 0.5 })))).toThrow(
        'other random numbers are drawn',
      )
      expect(second((x, first) => (first ? x.exp().add(rand([2, 3], { device: get() })) : x.exp().add(x)))).toThrow(
        'fewer random numbers are drawn',
      )
    })
    it('an input that was changed in place', () => {
      const weight = x()
      const input = ones([2, 3], { device: get() })
      const y = checkpoint((x) => x.mul(weight).exp(), input).sum()
      input.add_(1)
      expect(() => y.backward()).toThrow(/mul needs its|checkpoint needs its input, tensor #\d+ \[2, 3\], which add_/)
    })
    it('weights that were changed in place, as without', () => {
      const weight = x()
      const y = checkpoint((x) => x.exp().mul(weight), x()).sum()
      noGrad(() => weight.add_(1))
      expect(() => y.backward()).toThrow(/mul needs its b, tensor #\d+ \[2, 3\], which add_ changed in place since/)
    })
    it('to go backward inside', () => {
      const inside = (x: Tensor) => grad(x.exp().square().sum(), x, { createGraph: true }).square()
      expect(() => checkpoint(inside, x())).toThrow('checkpoint: the function goes backward through what it computes')
    })
    it('what its scope has freed', () => {
      const mask = scope(() => {
        const mask = ones([2, 3], { device: get() })
        const y = checkpoint((x) => x.exp().mul(mask.neg()), x()).sum()
        return { y, mask }
      })
      mask.mask.dispose()
      expect(() => mask.y.backward()).toThrow(/neg: tensor #\d+ \[2, 3\] was disposed/)
    })
  })

  it('leaves the engine as it was after an error', async () => {
    const device = get()
    const x = ones([2, 3], { device, requiresGrad: true })
    const steady = memory(device)
    scope(() => {
      expect(() =>
        checkpoint((x) => {
          x.exp().square()
          throw new Error('no')
        }, x),
      ).toThrow('no')
      let calls = 0
      const y = checkpoint((x) => {
        if (calls++ > 0) throw new Error('not twice')
        return x.exp().square()
      }, x)
      expect(() => y.sum().backward()).toThrow('not twice')
    })
    expect(memory(device)).toEqual(steady)
    scope(() => x.exp().square().sum().backward())
    expect(Math.abs(((await x.grad?.data())?.[5] ?? 0) / (2 * Math.exp(2)) - 1)).toBeLessThan(1e-6)
    x.dispose()
  })

  it('is drawn as what it computes', async () => {
    const x = ones([2, 3], { device: get(), requiresGrad: true })
    const texts = []
    for (const around of [plain, checkpoint]) {
      const y = around((x) => x.exp().square(), x).sum()
      texts.push(inspect.graph(y).nodes.map(({ op, shape }) => [op, shape]))
    }
    expect(texts[1]).toEqual(texts[0])
    expect(texts[0].length).toBe(4)
    const drawn = await inspect.backward(checkpoint((x) => x.exp().square(), x).sum())
    expect(drawn.nodes.map(({ grad }) => grad !== null)).toEqual([true, true, true, true])
  })
}
