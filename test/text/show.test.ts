/**
 * @file What console.log, String() and JSON show of devices, models, optimizers, loaders and tensors: a line, or a
 * table, and none of the engine's own fields.
 */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { CpuDevice, data, nn, optim, scope, type Tensor, tensor, zeros } from '../../src/node.ts'

class Block extends nn.Module {
  fc = new nn.Linear(300, 400)
  bare = new nn.Linear(2, 1, { bias: false })
  act = new nn.Tanh()
  forward(x: Tensor): Tensor {
    return this.act.forward(this.bare.forward(this.fc.forward(x)))
  }
}

/** A module that knows the one that it is in, as trees often do. */
class Child extends nn.Module {
  owner: nn.Module | null = null
}
class Owner extends nn.Module {
  child = new Child()
  constructor() {
    super()
    this.child.owner = this
  }
}

class Hidden extends nn.Module {
  weights = new Set([nn.parameter(tensor([1]))])
}

const device = new CpuDevice({ memoryLimit: 1000 })
const values = zeros([2, 3], { device })
const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2))
const adam = new optim.Adam(model.parameters(), { lr: 0.01 })
const groups = new optim.SGD([
  { params: model.layers[0].parameters(), lr: 0.5 },
  { params: model.layers[2].parameters(), momentum: 0.9 },
])
const samples = new data.TensorDataset({ data: new Float32Array(10), shape: [2] })
const loader = new data.DataLoader(samples, { batchSize: 2, shuffle: true })

const shown: readonly (readonly [name: string, object: object, text: string])[] = [
  ['a device', device, 'CpuDevice(cpu, 24 of 1000 bytes)'],
  [
    'a model',
    model,
    'Sequential(\n  (0): Linear(3, 4), 16 parameters\n  (1): ReLU()\n  (2): Linear(4, 2), 10 parameters\n), 26 parameters',
  ],
  [
    'a model of models',
    new nn.Sequential(new Block()),
    'Sequential(\n  (0): Block(\n    (fc): Linear(300, 400), 120,400 parameters\n' +
      '    (bare): Linear(2, 1, no bias), 2 parameters\n    (act): Tanh()\n  ), 120,402 parameters\n), 120,402 parameters',
  ],
  ['a module whose part holds it', new Owner(), 'Owner(\n  (child): Child(\n    (owner): Owner(…)\n  )\n)'],
  [
    'a module whose parameters cannot be listed',
    new Hidden(),
    'Hidden(), parameters: Hidden.weights holds a parameter where none is looked for (put it in a field, an array, a Map or a Module)',
  ],
  [
    'an optimizer',
    adam,
    'Adam(4 tensors, lr: 0.01, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false, decoupledWeightDecay: false)',
  ],
  [
    'an optimizer of groups',
    groups,
    'SGD(\n  (0): 2 tensors, lr: 0.5, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false\n' +
      '  (1): 2 tensors, lr: 0.001, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false, maximize: false\n)',
  ],
  ['a loader', loader, 'DataLoader(5 samples in 3 batches, batchSize: 2, shuffle: true, dropLast: false, epoch: 0)'],
]

describe('one clear line or table each', () => {
  it.each(shown)('%s', (_, object, text) => {
    expect(inspect(object)).toBe(text)
    expect(String(object)).toBe(text)
    expect(JSON.stringify({ object })).toBe(JSON.stringify({ object: text }))
  })

  it('inside of other objects, indented', () => {
    expect(inspect({ adam, model })).toMatch(
      /^\{\n {2}adam: Adam\(4 tensors, .*\),\n {2}model: Sequential\(\n {4}\(0\): /,
    )
  })

  it('a tensor: JSON says what it is, array() gives what can be saved', () => {
    expect(JSON.stringify({ values })).toBe('{"values":"Tensor([2, 3], float32, cpu)"}')
    expect(inspect(values)).toBe('Tensor([2, 3], float32, cpu)\n[[0., 0., 0.],\n [0., 0., 0.]]')
    const gone = scope(() => {
      const x = zeros([2])
      x.dispose()
      return x
    })
    expect(JSON.stringify(gone)).toMatch(/^"Tensor\(#\d+, disposed\)"$/)
  })
})
