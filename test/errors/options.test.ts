/**
 * @file Every public function, class and method that takes options refuses one that it does not know, by name. Which
 * these are is computed from the list of signatures, docs/made/api.txt, so that none can be forgotten: an argument is
 * options if its type says so, or is an object written out in place. What stands before it is made up by type; only
 * what looks at its other arguments first is given good ones here.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as handgrad from '../../src/entries.ts'
import { type Any, type Refusal, refusal, refuse } from '../support/refusals.ts'

const { data, metrics, nn, optim, tensor } = handgrad

const list = readFileSync(new URL('../../docs/made/api.txt', import.meta.url), 'utf8')

interface Parameter {
  readonly name: string
  readonly type: string
  /** It may be left out, or be null. */
  readonly spare: boolean
}

/** What stands between commas that are in no brackets. */
function apart(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const [i, letter] of [...text].entries()) {
    if ('([{<'.includes(letter)) depth++
    if (')]}'.includes(letter) || (letter === '>' && text[i - 1] !== '=')) depth--
    if (letter === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

function parameterOf(text: string): Parameter {
  const [, name, mark, type] = /^(?:\.\.\.)?(\w+|\{.*?\})(\??): (.*)$/.exec(text) as RegExpExecArray
  return { name, type, spare: mark === '?' || /\| null$/.test(type) }
}

/** Name and parameters of every function, constructor and method in the list, one for each overload. */
const signatures = list
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .flatMap((line) => {
    const found = /^((?:new )?[\w.]+(?:#\w+)?)(?:<.*?>)?\((.*?)\): /.exec(line)
    if (!found) return []
    // The parameters end at the bracket that closes the first one.
    const open = line.indexOf('(', found[1].length)
    let depth = 0
    let end = open
    for (; end < line.length; end++) {
      if (line[end] === '(') depth++
      if (line[end] === ')' && --depth === 0) break
    }
    return [{ name: found[1], parameters: apart(line.slice(open + 1, end)).map(parameterOf) }]
  })

const isOptions = ({ name, type }: Parameter): boolean =>
  name === 'options' || /\b(\w*Options|OptionLimits|OpSpec)\b/.test(type.replace(/<.*>/, '')) || /^\{ /.test(type)

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
])
const batch = tensor([[[1]]])
const negate = {
  name: 'negate',
  inputs: ['x'],
  dtypes: ['float32'],
  shape: ([a]: readonly handgrad.Tensor[]) => ({ shape: a.shape }),
  launch: () => {},
  vjp: 'none',
}
const counts = tensor([1, 2], { dtype: 'int32' })

/** Something of a type; overloads that take anything else are given it by `before`. */
function made(type: string): Any {
  if (/^(readonly )?Tensor\[\]|^readonly \[\.\.\./.test(type)) return [x]
  if (/Tensor|^Operand|^Index|^Integers/.test(type)) return x
  if (/^Shape|^readonly number\[\]|^PerAxis|^OutputSize/.test(type)) return [1]
  if (/^ArrayLike<number>/.test(type)) return [1]
  if (/^number|^NonNullable|^Parts/.test(type)) return 1
  if (type.startsWith('Uint8Array')) return new Uint8Array(1)
  if (type === 'ScheduledOptimizer') return new optim.SGD([nn.parameter(tensor(1))], { lr: 0.1, momentum: 0.9 })
  if (/^string|^Source$/.test(type)) return 'x'
  return undefined
}

/** What stands before the options, where it is looked at first. */
const before: Readonly<Record<string, readonly Any[]>> = {
  addmm: [x, x, x.t()],
  baddbmm: [batch, batch, batch],
  bincount: [counts],
  'Tensor#bincount': [],
  hessian: [(y: handgrad.Tensor) => y.sum(), x],
  meshgrid: [x],
  'new data.DigitDataset': [data.syntheticDigits({ count: 2, seed: 0 })],
  'new optim.Grouped': [{ name: 'Own', options: {} }, [x]],
  'new optim.Optimizer': [{ name: 'Own', options: {} }, [x]],
  tensor: [[1]],
}

const encoder = () => new nn.TransformerEncoderLayer(6, 2, { batchFirst: true })
const decoder = () => new nn.TransformerDecoderLayer(6, 2, { batchFirst: true })

/** What has the methods of a class that cannot be made of nothing. */
const owners: Readonly<Record<string, Any>> = {
  Tensor: x,
  'Tensor#bincount': counts,
  'data.CsvTable': data.parseCsv('a\n1'),
  'metrics.Confusion': new metrics.Confusion(1),
  'train.Confusion': new metrics.Confusion(1),
  'nn.GRU': new nn.GRU(1, 1),
  'nn.LSTM': new nn.LSTM(1, 1),
  'nn.MultiheadAttention': new nn.MultiheadAttention(6, 2),
  'nn.Module': new nn.Linear(1, 1),
  'nn.RNN': new nn.RNN(1, 1),
  'nn.Transformer': new nn.Transformer(6, 2, { numEncoderLayers: 1, numDecoderLayers: 1 }),
  'nn.TransformerDecoder': new nn.TransformerDecoder(decoder, 1),
  'nn.TransformerDecoderLayer': decoder(),
  'nn.TransformerEncoder': new nn.TransformerEncoder(encoder, 1),
  'nn.TransformerEncoderLayer': encoder(),
}

const at = (path: string): Any => path.split('.').reduce((inside: Any, key) => inside[key], handgrad)

/** A class of the list, or a function, or a method bound to its owner. */
function callable(name: string): (...args: Any[]) => Any {
  const [owner, method] = name.split('#')
  if (method) {
    // What every module has is tried on one of them.
    const shared = at(owner).prototype[method] === (nn.Module as Any).prototype[method]
    const own: Any = owners[name] ?? owners[owner] ?? (shared ? owners['nn.Linear'] : new (at(owner))())
    return (...args) => own[method](...args)
  }
  if (!name.startsWith('new ')) return at(name)
  // A class that is to be extended is called by one that extends it.
  const Own: Any = class extends at(name.slice(4)) {}
  return (...args) => new Own(...args)
}

/** Interfaces are types: what implements them stands in the list itself, or is a user's. */
const isType = (name: string): boolean => name.includes('#') && at(name.split('#')[0]) === undefined

const taking = signatures.flatMap(({ name, parameters }) =>
  isType(name)
    ? []
    : parameters.flatMap((parameter, i) =>
        isOptions(parameter) ? [[name, parameter, parameters.slice(0, i)] as const] : [],
      ),
)

const samples = new data.TensorDataset({ data: new Float32Array(4), shape: [2] })
const model = new nn.Linear(2, 1)
const misspelt: readonly Refusal[] = [
  [
    () => new (nn as Any).Linear(2, 3, { bais: false }),
    'Linear: there is no option bais (did you mean bias? it takes { device, dtype, bias, weight })',
  ],
  [
    () => new (data as Any).DataLoader(samples, { batch_size: 2 }),
    'DataLoader: there is no option batch_size ' +
      '(did you mean batchSize? it takes { batchSize, shuffle, dropLast, seed, device, collate, sampler, batchSampler, ' +
      'transform, batchTransform, prefetch })',
  ],
  [() => (x as Any).print({ precision: 2 }), 'print: there is no option precision (it takes no options)'],
  [
    () => (x as Any).sum(0, { keepDims: true }),
    'sum: there is no option keepDims (did you mean keepdim? it takes { dim, keepdim, dtype })',
  ],
  [
    () => (handgrad as Any).mseLoss(x, x, { reducton: 'sum' }),
    'mseLoss: there is no option reducton (did you mean reduction? it takes { reduction })',
  ],
  [
    () => new (optim as Any).Adam(model.parameters(), { weight_decay: 1 }),
    'Adam: there is no option weight_decay (did you mean weightDecay? it takes { lr, betas, eps, weightDecay, amsgrad, ' +
      'maximize, decoupledWeightDecay })',
  ],
  [() => new (optim as Any).Adam(model.parameters(), 0.01), 'Adam: the options are 0.01 (write { lr: 0.01 })'],
  [() => new (optim as Any).AdamW(model.parameters(), 0.01), 'AdamW: the options are 0.01 (write { lr: 0.01 })'],
  [() => new (optim as Any).SGD(model.parameters(), 0.01), 'SGD: the options are 0.01 (write { lr: 0.01 })'],
  [
    () => new (optim as Any).AdamW(model.parameters(), { decoupledWeightDecay: false }),
    'AdamW: there is no option decoupledWeightDecay (it takes { lr, betas, eps, weightDecay, amsgrad, maximize })',
  ],
  [
    () => new (optim as Any).Adam(model),
    'Adam: the parameters are a Linear (give model.parameters(), or a list of tensors)',
  ],
  [
    () => (handgrad as Any).defineOp({ ...negate, save: { x: ['x'] } }),
    'defineOp: there is no option save (did you mean saves? it takes { name, as, inputs, outputs, dtypes, shape, ' +
      'halves, autocast, contiguous, launch, view, saves, vjp, reference })',
  ],
  // One letter of two is far; nothing is guessed.
  [() => (x as Any).norm({ ord: 1 }), 'norm: there is no option ord (it takes { p, dim, keepdim })'],
]

describe('the nearest name is offered', () => {
  refuse(misspelt)
})

describe('options that are not known are refused', () => {
  it('the list is read', () => {
    expect(taking.length).toBeGreaterThan(200)
  })

  it.each(taking)('%s', async (name, _, ahead) => {
    const args = before[name] ?? ahead.map(({ type, spare }) => (spare ? undefined : made(type)))
    expect(await refusal(() => callable(name)(...args, { noSuchOption: 1 }))).toMatch(
      /: there is no option noSuchOption /,
    )
  })
})
