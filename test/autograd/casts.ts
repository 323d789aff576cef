/** @file What mixed precision must do, on any device. */
import { describe, expect, it } from 'vitest'
import {
  autocast,
  checkpoint,
  conv2d,
  crossEntropy,
  type Device,
  type DType,
  einsum,
  embedding,
  gelu,
  grad,
  layerNorm,
  linear,
  linearCrossEntropy,
  manualSeed,
  matmul,
  memory,
  noGrad,
  onCall,
  ones,
  optim,
  randn,
  relu,
  scaledDotProductAttention,
  scope,
  softmax,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { families } from './checkpointed.ts'

const halves = ['bfloat16', 'float16'] as const

export function autocastSuite(get: () => Device): void {
  const make = (...shape: number[]) => randn(shape, { device: get(), requiresGrad: true })
  const ints = (values: readonly number[], shape: number[] = [values.length]) =>
    tensor(Int32Array.from(values), { shape, device: get() })

  describe.each(halves)('%s', (half) => {
    it('is stored by products, attention and embeddings, and what follows them', () => {
      const [a, b] = [make(4, 6), make(6, 6)]
      const [image, window, q] = [make(1, 2, 5, 5), make(3, 2, 3, 3), make(1, 2, 4, 8)]
      const found: Record<string, DType> = autocast(half, () => {
        const y = matmul(a, b)
        return {
          matmul: y.dtype,
          linear: linear(a, b).dtype,
          conv2d: conv2d(image, window).dtype,
          einsum: einsum('ij,jk->ki', a, b).dtype,
          attention: scaledDotProductAttention(q, q, q, { isCausal: true }).dtype,
          embedding: embedding(ints([1, 2]), b).dtype,
          gelu: gelu(y).dtype,
          add: y.add(y).dtype,
          reshape: y.reshape([-1]).dtype,
        }
      })
      expect([...new Set(Object.values(found))]).toEqual([half])
    })
    it('is widened by norms, softmax, losses and sums, and next to float32', () => {
      const [a, b] = [make(4, 6), make(6, 6)]
      const found: Record<string, DType> = autocast(half, () => {
        const y = matmul(a, b)
        return {
          layerNorm: layerNorm(y, 6).dtype,
          softmax: softmax(y, -1).dtype,
          logSoftmax: y.logSoftmax(-1).dtype,
          crossEntropy: crossEntropy(y, ints([0, 1, 2, 3])).dtype,
          linearCrossEntropy: linearCrossEntropy(y, b, ints([0, 1, 2, 3])).dtype,
          sum: y.sum().dtype,
          mean: y.mean().dtype,
          prod: y.prod().dtype,
          cumsum: y.cumsum(0).dtype,
          add: y.add(a).dtype,
        }
      })
      expect([...new Set(Object.values(found))]).toEqual(['float32'])
    })
    it('leaves weights, gradients and what is outside float32', async () => {
      const [a, b] = [make(4, 6), make(6, 6)]
      const loss = autocast(half, () =>
        softmax(relu(linear(a, b)), 1)
          .square()
          .sum(),
      )
      loss.backward()
      expect([a.grad?.dtype, b.grad?.dtype, matmul(a, b).dtype]).toEqual(['float32', 'float32', 'float32'])
      const [da, db] = [a.grad, b.grad] as Tensor[]
      const exact = grad(
        softmax(relu(linear(a, b)), 1)
          .square()
          .sum(),
        [a, b],
      )
      for (const [g, want] of [
        [da, exact[0]],
        [db, exact[1]],
      ]) {
        const error = await g.sub(want).norm().div(want.norm()).item()
        expect(error).toBeGreaterThan(0)
        expect(error).toBeLessThan(half === 'bfloat16' ? 0.05 : 0.01)
      }
    })
    it('is what the same numbers give, rounded: y = fl(fl(a) fl(b))', async () => {
      const [a, b] = [make(4, 6), make(6, 6)]
      const y = autocast(half, () => matmul(a, b))
      const [x, w] = [a, b].map((one) => one.to(half).to('float32'))
      expect(await y.data()).toEqual(await matmul(x, w).to(half).data())
    })
  })

  it('rounds a weight once, and again when it has changed', () => {
    const [x, w, bias] = [make(3, 6), make(6, 6), make(6)]
    const rounded = (f: () => unknown) => {
      const sizes: number[] = []
      const end = onCall(({ op, inputs, outputs }) => {
        if (op.opName === 'resize' && outputs[0].dtype === 'bfloat16' && inputs[0]?.edge) sizes.push(outputs[0].numel)
      })
      scope(() => void f())
      end()
      return sizes.filter((size) => size === 36).length
    }
    const twice = () => [linear(x, w, bias), linear(x, w), matmul(x, w.transpose(0, 1)), matmul(x, w.transpose(0, 1))]
    expect(rounded(() => autocast('bfloat16', twice))).toBe(2)
    expect(
      rounded(() =>
        autocast('bfloat16', () => {
          linear(x, w)
          noGrad(() => w.mul_(2))
          linear(x, w)
        }),
      ),
    ).toBe(2)
    expect(
      rounded(() =>
        autocast('bfloat16', () => {
          for (let i = 0; i < 2; i++) linear(x, w).sum().backward()
        }),
      ),
    ).toBe(1)
  })

  it('is heard of by onCall, call by call, and nothing is read that was not told of', () => {
    const [x, w] = [make(3, 6), make(6, 6)]
    const known = new Set<unknown>([x.storage, w.storage])
    const heard: string[] = []
    const end = onCall(({ op, inputs, outputs }) => {
      for (const one of inputs) if (one && !known.has(one.storage)) heard.push(`${op.name} of something`)
      for (const y of outputs) known.add(y.storage)
      heard.push(`${op.name} ${outputs[0].dtype}`)
    })
    scope(() => void autocast('bfloat16', () => linear(x, w).relu()))
    end()
    const once = ['to bfloat16', 'to bfloat16', 'to float32', 'to float32', 'linear float32', 'to bfloat16']
    expect(heard).toEqual([...once, 'to float32', 'relu float32', 'to bfloat16'])
  })

  it('adds up in float32 what comes back to a weight that is used often', async () => {
    const device = get()
    const [x, w] = [ones([1, 4], { device }), ones([2, 4], { device, requiresGrad: true })]
    const bias = ones([2], { device, requiresGrad: true })
    autocast('bfloat16', () => {
      let y = linear(x, w, bias)
      for (let i = 1; i < 600; i++) y = y.to('float32').add(linear(x, w, bias).to('float32'))
      return y.sum()
    }).backward()
    for (const { grad } of [w, bias]) expect(new Set(await grad?.data())).toEqual(new Set([600]))
  })

  it('is of each use: after noGrad, for two losses, of two leaves on one storage', async () => {
    const [x, w] = [make(3, 6), make(6, 6)]
    const given = async (f: () => void) => {
      w.grad = null
      scope(f)
      return [...((await w.grad?.data()) ?? [])]
    }
    const once = await given(() => autocast('bfloat16', () => linear(x, w).sum()).backward())
    expect(once.some((g) => g !== 0)).toBe(true)
    expect(
      await given(() =>
        autocast('bfloat16', () => {
          noGrad(() => linear(x, w))
          return linear(x, w).sum()
        }).backward(),
      ),
    ).toEqual(once)
    const losses = () => autocast('bfloat16', () => [linear(x, w).sum(), linear(x, w).sum()])
    expect(
      await given(() => {
        for (const loss of losses()) loss.backward()
      }),
    ).toEqual(once.map((g) => 2 * g))
    const other = w.detach().requiresGrad_()
    expect(
      await given(() => autocast('bfloat16', () => linear(x, w).sum().add(linear(x, other).sum())).backward()),
    ).toEqual(once)
    expect([...((await other.grad?.data()) ?? [])]).toEqual(once)
  })

  it('keeps half of the bytes between forward and backward, and with checkpoints a half of one number', () => {
    const device = get()
    const [batch, tokens, width, layers] = [4, 16, 32, 2]
    const x = randn([batch, tokens, width], { device })
    for (const f of [gelu, relu]) {
      const blocks = Array.from({ length: layers }, () => [
        make(3 * width, width),
        make(width, width),
        make(4 * width, width),
        make(width, 4 * width),
      ])
      const block = (x: Tensor, [qkv, out, up, down]: Tensor[]) => {
        const heads = linear(layerNorm(x, width), qkv).reshape([batch, tokens, 3, 4, 8]).permute([2, 0, 3, 1, 4])
        const [q, k, v] = heads.unbind(0)
        const y = scaledDotProductAttention(q, k, v, { isCausal: true })
          .permute([0, 2, 1, 3])
          .reshape([batch, tokens, width])
        const z = x.add(linear(y, out))
        return z.add(linear(f(linear(layerNorm(z, width), up)), down))
      }
      /** Bytes kept per channel, token and layer. */
      const kept = (dtype: 'float32' | 'bfloat16', around: typeof checkpoint) =>
        scope(() => {
          const before = memory(device).bytes
          const y = scope(() =>
            autocast(dtype, () => {
              const first = dtype === 'float32' ? x : x.to(dtype)
              return blocks.reduce((y, weights) => around((y) => block(y, weights), y), first).sum()
            }),
          )
          const weights = around === checkpoint || dtype === 'float32' ? 0 : 2 * 12 * width * width * layers
          const bytes = memory(device).bytes - before - weights
          y.backward()
          return bytes / (batch * tokens * width * layers)
        })
      const plain = kept('float32', (f, ...inputs) => f(...inputs))
      expect(plain).toBeGreaterThan(45)
      expect(kept('bfloat16', (f, ...inputs) => f(...inputs)) / plain).toBeLessThan(0.53)
      expect(kept('float32', checkpoint)).toBeLessThan(4.1)
      expect(kept('bfloat16', checkpoint)).toBeLessThan(2.1)
      // What a pool keeps for later comes and goes.
      const held = () => {
        const { tensors, nodes, storages, bytes, live, liveBytes } = memory(device)
        return { tensors, nodes, storages, bytes, live, liveBytes }
      }
      const steady = held()
      for (let i = 0; i < 3; i++) kept('bfloat16', checkpoint)
      expect(held()).toEqual(steady)
      for (const one of blocks.flat()) one.dispose()
    }
    x.dispose()
  })

  it.each(Object.keys(families))('trains %s, with checkpoints to the same bits', async (name) => {
    const runs = []
    for (const on of [false, true]) {
      manualSeed(4)
      const model = families[name](get())
      model.gradientCheckpointing = on
      const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-2 })
      const tokens = ints([3, 1, 4, 1, 5, 9, 2, 6], [2, 4])
      const losses: number[] = []
      for (let i = 0; i < 3; i++) {
        const loss = scope(() =>
          autocast('bfloat16', () => crossEntropy(model.forward(tokens).flatten(0, 1), tokens.flatten())),
        )
        loss.backward()
        optimizer.step()
        optimizer.zeroGrad()
        losses.push(await loss.item())
      }
      const weights = await Promise.all(
        model.parameters().map(async (x) => [...new Uint32Array((await x.data()).buffer)]),
      )
      expect(losses[2]).toBeLessThan(losses[0])
      runs.push({ losses, weights })
    }
    expect(runs[1]).toEqual(runs[0])
  })

  it('ends with the callback, also by an error, and is turned off inside', () => {
    const [a, b] = [make(2, 2), make(2, 2)]
    const dtypes = autocast('bfloat16', () => [
      autocast('float16', () => matmul(a, b).dtype),
      autocast('float32', () => matmul(a, b).dtype),
      matmul(a, b).dtype,
    ])
    expect(dtypes).toEqual(['float16', 'float32', 'bfloat16'])
    const thrown = () =>
      autocast('bfloat16', () => {
        throw new Error('no')
      })
    expect(thrown).toThrow('no')
    expect(matmul(a, b).dtype).toBe('float32')
  })

  it('refuses other dtypes, what is not a function, and promises', () => {
    expect(() => autocast('half' as never, () => 1)).toThrow(
      "autocast: dtype is 'half' (give one of bfloat16, float16, float32)",
    )
    expect(() => autocast('bfloat16', 3 as never)).toThrow('autocast: the callback is 3 (give a function)')
    expect(() => autocast('bfloat16', async () => 1)).toThrow(
      'autocast: the callback returned a promise (await outside of it, and give it the part between)',
    )
    expect(matmul(ones([2, 2], { device: get() }), ones([2, 2], { device: get() })).dtype).toBe('float32')
  })

  it('diffusers#6442: optimizers and the scaler say what they think of float16 weights', async () => {
    const w = ones([3], { device: get() }).to('float16').requiresGrad_()
    expect(() => new optim.SGD([w], { lr: 0.1 })).toThrow(/float16/)
    const master = make(3, 3)
    const optimizer = new optim.SGD([master], { lr: 0.1 })
    const scaler = new optim.GradScaler()
    const taken = []
    for (let i = 0; i < 6; i++) {
      scaler.scale(autocast('float16', () => matmul(master, master).sum())).backward()
      taken.push(await scaler.step(optimizer))
      scaler.update()
      optimizer.zeroGrad()
    }
    // The gradients of 16-bit results have 16 bits, and 65,536 is not one of float16.
    expect([taken[0], taken[5]]).toEqual([false, true])
  })

  it('onnxruntime#26732: beyond 65,504 is ∞, which is found and left out; sums inside are float32', async () => {
    const device = get()
    const big = tensor([[300, 300]], { device, requiresGrad: true })
    const product = autocast('float16', () => matmul(big, big.transpose(0, 1)))
    expect(await product.array()).toEqual([[Infinity]])
    // 4,096 ones times 64: each sum is 262,144 before it is divided again.
    const many = ones([1, 4096], { device })
    expect(await autocast('float16', () => softmax(matmul(many, many.transpose(0, 1)).mul(0), -1).sum()).item()).toBe(1)
    const q = ones([1, 8, 64], { device }).mul(100)
    expect(await autocast('float16', () => scaledDotProductAttention(q, q, q)).array()).toEqual(
      await scaledDotProductAttention(q, q, q).array(),
    )
    const optimizer = new optim.SGD([big], { lr: 1 })
    const scaler = new optim.GradScaler()
    scaler.scale(autocast('float16', () => product.sum())).backward()
    expect(await scaler.step(optimizer)).toBe(false)
    scaler.update()
    expect(scaler.getScale()).toBe(32768)
    expect(await big.array()).toEqual([[300, 300]])
  })
}
