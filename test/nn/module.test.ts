/** @file What a module does with what is in it: containers, freezing, replacing, dtypes, state dicts, summaries. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { io, nn, ones, type Tensor, tensor, zeros } from '../../src/node.ts'

class Net extends nn.Module {
  body = new nn.Sequential({ fc: new nn.Linear(3, 4), act: new nn.ReLU() })
  blocks = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 4)])
  heads = new nn.ModuleDict({ left: new nn.Linear(4, 1), right: new nn.Linear(4, 2) })
  gains = new nn.ParameterList([ones([4]), zeros([4])])
  list = [new nn.Identity()]
  map = new Map([[7, new nn.Tanh()]])
  forward(x: Tensor): Tensor {
    let y = this.body.forward(x)
    for (const block of this.blocks) y = block.forward(y)
    return this.heads.get('right').forward(y.mul(this.gains.at(0)).add(this.gains.at(-1)))
  }
}

const namesOf = (module: nn.Module): string[] => module.namedParameters().map(([name]) => name)

test('containers name what is in them as PyTorch does', () => {
  const net = new Net()
  expect(namesOf(net)).toEqual([
    'body.fc.weight',
    'body.fc.bias',
    'blocks.0.weight',
    'blocks.0.bias',
    'blocks.1.weight',
    'blocks.1.bias',
    'heads.left.weight',
    'heads.left.bias',
    'heads.right.weight',
    'heads.right.bias',
    'gains.0',
    'gains.1',
  ])
  expect(net.forward(ones([5, 3])).shape).toEqual([5, 2])
  expect(net.body.layers).toHaveLength(2)
  expect([net.blocks.length, net.gains.length, net.heads.size]).toEqual([2, 2, 2])
  expect([...net.heads].map(([name]) => name)).toEqual(['left', 'right'])
  expect([...net.gains].every((x) => x.requiresGrad)).toBe(true)
  expect(net.heads.has('left') && net.heads.delete('left') && !net.heads.has('left')).toBe(true)
  expect(net.blocks.push(new nn.Linear(4, 4)).at(-1).title()).toBe('Linear(4, 4)')
  expect(String(new nn.Sequential({ fc: new nn.Linear(2, 1) }))).toBe(
    'Sequential(\n  (fc): Linear(2, 1), 3 parameters\n), 3 parameters',
  )
})

test('containers refuse what is not a module, bad names, and what they do not have', () => {
  // @ts-expect-error bad input on purpose
  expect(() => new nn.ModuleList([3])).toThrow('ModuleList: module 0 is 3 (give modules, such as new nn.ReLU())')
  // @ts-expect-error bad input on purpose
  expect(() => new nn.ModuleDict({ a: null })).toThrow("ModuleDict: 'a' is null (give modules, such as new nn.ReLU())")
  const dotted = { 'a.b': new nn.ReLU() }
  expect(() => new nn.ModuleDict(dotted)).toThrow(
    "ModuleDict: 'a.b' cannot be a module's name (give a text without dots)",
  )
  expect(() => new nn.Sequential(dotted)).toThrow(
    "Sequential: 'a.b' cannot be a module's name (give a text without dots)",
  )
  // @ts-expect-error bad input on purpose
  expect(() => new nn.Sequential({ act: 'relu' })).toThrow(
    "Sequential: 'act' is 'relu' (give modules with forward(x), such as new nn.ReLU())",
  )
  expect(() => new nn.ModuleDict({ a: new nn.ReLU() }).get('b')).toThrow(
    "ModuleDict: there is no module 'b' (it has a)",
  )
  expect(() => new nn.ModuleList().at(0)).toThrow('ModuleList: there is no module 0 (it has 0)')
  expect(() => new nn.ParameterList().at(1)).toThrow('ParameterList: there is no parameter 1 (it has 0)')
  // @ts-expect-error bad input on purpose
  expect(() => new nn.ParameterList([1])).toThrow('parameter: 1 is not a tensor (give randn(…), zeros(…) or tensor(…))')
  // @ts-expect-error bad input on purpose
  expect(() => new nn.Lambda('relu')).toThrow("Lambda: f is 'relu' (give (x) => …)")
  // @ts-expect-error bad input on purpose
  expect(() => new nn.Lambda(() => 3).forward(ones([1]))).toThrow(
    'Lambda(): its function gave 3 (return a tensor, at once)',
  )
})

test('freeze and unfreeze go by name', () => {
  const net = new Net()
  const frozen = () => net.namedParameters().flatMap(([name, x]) => (x.requiresGrad ? [] : name))
  expect(net.freeze('body')).toEqual(['body.fc.weight', 'body.fc.bias'])
  expect(net.freeze('*.1.bias')).toEqual(['blocks.1.bias'])
  expect(net.freeze(/^heads\..*weight$/)).toEqual(['heads.left.weight', 'heads.right.weight'])
  expect(frozen()).toEqual([
    'body.fc.weight',
    'body.fc.bias',
    'blocks.1.bias',
    'heads.left.weight',
    'heads.right.weight',
  ])
  expect(net.unfreeze('*.weight')).toHaveLength(5)
  expect(frozen()).toEqual(['body.fc.bias', 'blocks.1.bias'])
  expect(net.freeze()).toHaveLength(12)
  expect(Object.keys(net.stateDict())).toHaveLength(12)
  net.unfreeze()
  expect(frozen()).toEqual([])
  expect(() => net.freeze('body.fc.wieght')).toThrow(
    'freeze: no parameter is named body.fc.wieght (did you mean body.fc.weight?)',
  )
  expect(() => net.unfreeze('encoder')).toThrow(
    'unfreeze: no parameter is named encoder (there are body.fc.weight, body.fc.bias, blocks.0.weight, ' +
      'blocks.0.bias, blocks.1.weight, blocks.1.bias and 6 more)',
  )
  // @ts-expect-error bad input on purpose
  expect(() => net.freeze(3)).toThrow("freeze: the pattern is 3 (give a name, 'encoder.*' or a RegExp)")
})

test('apply calls inner modules first', () => {
  const seen: string[] = []
  const net = new nn.Sequential(new nn.Sequential(new nn.Linear(2, 2)), new nn.ReLU())
  expect(net.apply((module) => void seen.push(module.constructor.name))).toBe(net)
  expect(seen).toEqual(['ReLU', 'Linear', 'Sequential', 'Sequential'])
  // @ts-expect-error bad input on purpose
  expect(() => net.apply()).toThrow('Module.apply: undefined is not a function (give (module) => …)')
})

test('replace puts a module in the place of another, in fields, arrays, maps and containers', () => {
  const net = new Net()
  for (const path of ['body.act', 'blocks.1', 'heads.left', 'list.0', 'map.7', 'body']) {
    const before = new Map(net.namedModules()).get(path)
    const own = new nn.Sequential({ fc: new nn.Linear(3, 4) })
    expect(net.replace(path, own)).toBe(before)
    expect(new Map(net.namedModules()).get(path)).toBe(own)
  }
  expect(() => net.replace('bloks.1', new nn.ReLU())).toThrow(
    'Module.replace: Net has no module bloks.1 (did you mean blocks.1?)',
  )
  expect(() => new nn.ReLU().replace('x', new nn.ReLU())).toThrow(
    'Module.replace: ReLU has no module x (there are none)',
  )
  // @ts-expect-error bad input on purpose
  expect(() => net.replace('body', 3)).toThrow('Module.replace: 3 is not a module (give new nn.Linear(…), say)')
})

test("to('float64') keeps handles, frozen parameters and integers what they are", async () => {
  const net = new Net()
  const steps = nn.buffer(tensor(Int32Array.of(3)))
  const model = Object.assign(net, { steps })
  model.freeze('body')
  const { weight } = model.blocks.at(0)
  const before = await weight.array()
  model
    .forward(ones([1, 3]))
    .sum()
    .backward()
  expect(await model.to('float64')).toBe(model)
  expect(weight).toBe(model.blocks.at(0).weight)
  expect([weight.dtype, weight.requiresGrad, steps.dtype]).toEqual(['float64', true, 'int32'])
  expect(() => weight.grad).toThrow('has no gradient yet')
  expect(await weight.array()).toEqual(before)
  expect(model.body.layers[0].parameters().map((x) => [x.dtype, x.requiresGrad])).toEqual([
    ['float64', false],
    ['float64', false],
  ])
  model
    .forward(ones([1, 3], { dtype: 'float64' }))
    .sum()
    .backward()
  expect(weight.grad.dtype).toBe('float64')
  await expect(model.to('int32')).rejects.toThrow(
    "Module.to: the dtype is 'int32' (float32, float64, float16 or bfloat16)",
  )
})

test('loadStateDict names all faults at once', async () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, 1))
  const { '0.weight': weight, '0.bias': _, ...rest } = net.stateDict()
  const before = await weight.array()
  const bad = { ...rest, '0.weight': zeros([3, 3]), '1.bias': zeros([2]), '2.bias': zeros([1]) }
  expect(() => net.loadStateDict(bad)).toThrow(
    "loadStateDict: 0.bias missing, 2.bias unknown, 0.weight is [3, 3], the module's [3, 2]; " +
      "1.bias is [2], the module's [1]",
  )
  expect(() => net.loadStateDict(bad, { strict: false })).toThrow(
    "loadStateDict: 0.weight is [3, 3], the module's [3, 2]; 1.bias is [2], the module's [1]",
  )
  expect(await weight.array()).toEqual(before)
})

test('tied weights are saved under each name and stay one', async () => {
  class Tied extends nn.Module {
    embed = new nn.Linear(2, 2, { bias: false })
    head = new nn.Linear(2, 2, { bias: false })
    constructor() {
      super()
      this.head.weight = this.embed.weight
    }
  }
  const tied = new Tied()
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
  const file = join(folder, 'tied.safetensors')
  await io.saveSafetensors(file, tied.stateDict())
  const saved = await io.loadSafetensors(file)
  rmSync(folder, { recursive: true })
  expect(Object.keys(saved).sort()).toEqual(['embed.weight', 'head.weight'])
  const other = new Tied()
  other.loadStateDict(saved)
  expect(other.head.weight).toBe(other.embed.weight)
  expect(await other.embed.weight.array()).toEqual(await tied.embed.weight.array())
  expect(other.parameters()).toHaveLength(1)
})

test('summary lists the calls of a model with what they make', () => {
  class Model extends nn.Module {
    fc = new nn.Linear(3, 4)
    again = this.fc
    act = new nn.ReLU()
    out = new nn.Linear(4, 2, { bias: false })
    scale = nn.parameter(ones([2]))
    forward(x: Tensor): Tensor {
      this.again.forward(x)
      return this.out.forward(this.act.forward(this.fc.forward(x))).mul(this.scale)
    }
  }
  const model = new Model()
  model.freeze('out')
  const summary = nn.summary(model, ones([5, 3]))
  // Linear(3, 4) on 5 rows: 2·5·4·3 of the product, 5·4 of the bias; its result is of 80 bytes.
  const fc = { path: 'fc', title: 'Linear(3, 4)', outputs: [[5, 4]], flops: 140, activationBytes: 80 }
  expect(summary.rows).toEqual([
    { path: '', title: 'Model()', outputs: [[5, 2]], parameters: 2, trainable: 2, flops: 10, activationBytes: 40 },
    { ...fc, parameters: 16, trainable: 16 },
    { ...fc, parameters: 0, trainable: 0 },
    { path: 'act', title: 'ReLU()', outputs: [[5, 4]], parameters: 0, trainable: 0, flops: 20, activationBytes: 80 },
    {
      path: 'out',
      title: 'Linear(4, 2, no bias)',
      outputs: [[5, 2]],
      parameters: 8,
      trainable: 0,
      flops: 80,
      activationBytes: 40,
    },
  ])
  expect([summary.parameters, summary.trainable, summary.flops, summary.activationBytes]).toEqual([26, 18, 390, 320])
  expect(String(summary)).toMatchInlineSnapshot(`
    "layer                         output  parameters  trainable  FLOPs  bytes
    ─────────────────────────────────────────────────────────────────────────
    Model                         [5, 2]           2          2     10     40
      fc   Linear(3, 4)           [5, 4]          16         16    140     80
      fc   Linear(3, 4)           [5, 4]                           140     80
      act  ReLU()                 [5, 4]                            20     80
      out  Linear(4, 2, no bias)  [5, 2]           8                80     40
    ─────────────────────────────────────────────────────────────────────────
    all                                           26         18    390    320"
  `)
  // It leaves nothing behind.
  expect(() => model.fc.weight.grad).toThrow('has no gradient yet')
  expect(() => nn.summary(model, ones([5, 4]))).toThrow(/^fc \(Linear 3, 4\): x is \[5, 4\]/)
  expect(nn.summary(model, ones([5, 3])).rows).toEqual(summary.rows)
  // @ts-expect-error bad input on purpose
  expect(() => nn.summary(ones([5, 3]))).toThrow(
    'summary: a Tensor is not a module with forward (give the model, then what its forward takes)',
  )
})

test("a field may have any name that is free, also one of the module's own inner methods", () => {
  const names = ['own', 'given', 'held', 'tree', 'tensors', 'children', 'drawn', 'counted', 'setFrozen'] as const
  class Odd extends nn.Module {
    constructor() {
      super()
      for (const name of names) Object.assign(this, { [name]: new nn.Linear(1, 1) })
    }
    forward(x: Tensor): Tensor {
      return x
    }
  }
  const odd = new Odd()
  const wanted = names.flatMap((name) => [`${name}.weight`, `${name}.bias`])
  expect(namesOf(odd)).toEqual(wanted)
  expect(Object.keys(odd.stateDict())).toEqual(wanted)
  odd.freeze()
  odd.zeroGrad()
  expect(odd.parameters().some((x) => x.requiresGrad)).toBe(false)
  expect(String(odd)).toContain('(own): Linear(1, 1)')
})
