/** @file What blocks add to their stream in the launch of a map: the same as by itself, and when it stays by itself. */
import { describe, expect, it } from 'vitest'
import { CpuDevice, inspect, nn, sub, type Tensor, tensor } from '../../src/index.ts'
import { GPT2, Llama } from '../../src/models/index.ts'
import { launchesOf } from '../support/labels.ts'

const device = new CpuDevice()
const ids = tensor([[1, 5, 2, 7]], { dtype: 'int32', device })

const adds = (f: () => unknown) => launchesOf(device, f)[1].filter((label) => label === 'add').length

const families = {
  GPT2: () => {
    const sizes = { vocab_size: 11, n_positions: 8, n_embd: 8, n_layer: 2, n_head: 2, initializer_range: 0.3 }
    return new GPT2(sizes, { device })
  },
  Llama: () => {
    const sizes = { vocab_size: 11, hidden_size: 8, intermediate_size: 12, num_hidden_layers: 2 }
    const rest = { num_attention_heads: 2, max_position_embeddings: 8, initializer_range: 0.3 }
    return new Llama({ ...sizes, ...rest }, { device })
  },
}
/** What stands between a branch's last map and the stream, in a block of each. */
const between = {
  GPT2: ['attn', 'attn.c_proj', 'mlp', 'mlp.c_proj', 'drop'].map((name) => `transformer.h.0.${name}`),
  Llama: ['self_attn', 'self_attn.o_proj', 'mlp', 'mlp.down_proj'].map((name) => `model.layers.0.${name}`),
}
/** Sums that are launches at any rate: of tokens and their positions. */
const others = { GPT2: 1, Llama: 0 }

describe.each(['GPT2', 'Llama'] as const)('%s', (family) => {
  const model = families[family]().eval()
  const inner = (path: string) => new Map(model.namedModules()).get(path) as nn.Module

  it('adds without launches, with the values and gradients of sums', async () => {
    const all = async () => {
      model.zeroGrad()
      const y = model.forward(ids)
      y.square().sum().backward()
      return Promise.all([y, ...model.parameters().map((p) => p.grad)].map((x) => x.data()))
    }
    const joined = await all()
    expect(adds(() => model.forward(ids))).toBe(others[family])
    const ends = between[family].map((path) => inner(path).registerForwardHook(() => undefined))
    const apart = await all()
    expect(adds(() => model.forward(ids))).toBe(others[family] + 2)
    for (const end of ends) end()
    apart.forEach((want, i) => {
      const most = Math.max(...Array.from(want, Math.abs))
      want.forEach((value, e) => {
        expect(Math.abs(joined[i][e] - value)).toBeLessThanOrEqual(1e-5 * most)
      })
    })
  })

  it.each(between[family])('shows a hook of %s what is added, not the sum', async (path) => {
    const seen: Tensor[] = []
    const end = inner(path).registerForwardHook((_, __, y) => void seen.push(y as Tensor))
    expect(adds(() => model.forward(ids))).toBe(others[family] + (path.endsWith('drop') ? 2 : 1))
    end()
    expect(seen.every(({ shape }) => shape.join() === '1,4,8')).toBe(true)
    expect(adds(() => model.forward(ids))).toBe(others[family])
  })

  it('leaves sums to whoever looks at each op', async () => {
    const steps: number[] = []
    await inspect.record(() => {
      steps.push(adds(() => model.forward(ids)))
      model.forward(ids).sum().backward()
    })
    expect(steps).toEqual([others[family] + 4])
    expect(adds(() => model.forward(ids))).toBe(others[family])
  })

  it('is made of the weights that it is given: the same tensors, none of them disposed', () => {
    const own = families[family]()
    const weights = Object.fromEntries(own.namedParameters())
    const other = new (own.constructor as typeof GPT2)(own.config as never, { device, weights })
    for (const [name, x] of other.namedParameters()) expect(x === weights[name], name).toBe(true)
    for (const x of Object.values(weights)) expect(x.disposed).toBe(false)
  })

  it('adds a map of another kind by itself', async () => {
    const other = families[family]().eval()
    const block = new Map(other.namedModules()).get(between[family][2]) as nn.Module & Record<string, nn.Module>
    const name = family === 'GPT2' ? 'c_proj' : 'down_proj'
    const map = block[name] as nn.Module & { forward(x: Tensor): Tensor }
    class Less extends nn.Module {
      forward(x: Tensor): Tensor {
        return sub(map.forward(x), 0)
      }
    }
    block[name] = new Less()
    expect(adds(() => other.forward(ids))).toBe(others[family] + 1)
  })
})

it('drops what a branch makes, not the stream that it is added to', () => {
  const model = families.GPT2()
  expect(model.training).toBe(true)
  expect(adds(() => model.forward(ids))).toBe(1 + 4)
})
