/** @file What one run of a model makes, module by module: shapes, parameters, arithmetic, bytes, as table and data. */
import { bytesOf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { calling, type ModuleFrame, pathOf } from '../core/frame.ts'
import { noGrad } from '../core/graph.ts'
import { type Call, onCall } from '../core/op.ts'
import { scope } from '../core/scope.ts'
import { type Shape, showShape, sizeOf } from '../core/shape.ts'
import { showAsText } from '../core/show.ts'
import { Tensor } from '../core/tensor.ts'
import { addHook } from './call.ts'
import { Module } from './module.ts'

/** One call of a module. Numbers are of what it does itself, outside of the modules in it. */
export interface SummaryRow {
  /** Its name in the model; '' for the model. */
  readonly path: string
  /** Its class and sizes: `Linear(784, 256)`. */
  readonly title: string
  /** Of each tensor that it gave. */
  readonly outputs: readonly Shape[]
  /** Numbers in its parameters; 0 where the module, or a tensor that it shares, came before. */
  readonly parameters: number
  /** Those of them that need a gradient. */
  readonly trainable: number
  /** Multiplications and additions: 2 for each term of a product, 1 for each element of any other op. */
  readonly flops: number
  /** Bytes of the tensors that its ops made. */
  readonly activationBytes: number
}

type Draft = { -readonly [K in keyof SummaryRow]: SummaryRow[K] }

/** What a model's run makes. Its text is a table. */
export class Summary {
  /** In the order in which modules were called. */
  readonly rows: readonly SummaryRow[]

  constructor(rows: readonly SummaryRow[]) {
    this.rows = rows
  }

  /** Numbers in the parameters, each tensor once. */
  get parameters(): number {
    return this.sum('parameters')
  }
  /** Those of them that need a gradient. */
  get trainable(): number {
    return this.sum('trainable')
  }
  /** Multiplications and additions of one forward pass. */
  get flops(): number {
    return this.sum('flops')
  }
  /** Bytes of all tensors that ops made. */
  get activationBytes(): number {
    return this.sum('activationBytes')
  }

  /** A table: a line for each call, and their sum. */
  toString(): string {
    const cells = this.rows.map((row) => [
      `${'  '.repeat(depthOf(row))}${row.path || row.title.replace(/\(.*/s, '')}`,
      row.path ? row.title : '',
      row.outputs.map(showShape).join(' '),
      ...figures(row),
    ])
    const head = ['layer', '', 'output', 'parameters', 'trainable', 'FLOPs', 'bytes']
    const last = ['all', '', '', ...figures(this)]
    const widths = head.map((name, i) => Math.max(...[...cells, last].map((row) => row[i].length), name.length))
    const line = (row: readonly string[]): string =>
      row
        .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd()
    const rule = '─'.repeat(widths.reduce((a, b) => a + b + 2, -2))
    return [line(head), rule, ...cells.map(line), rule, line(last)].join('\n')
  }

  private sum(of: 'parameters' | 'trainable' | 'flops' | 'activationBytes'): number {
    return this.rows.reduce((all, row) => all + row[of], 0)
  }
}
showAsText(Summary)

const figures = (of: Pick<SummaryRow, 'parameters' | 'trainable' | 'flops' | 'activationBytes'>): string[] =>
  [of.parameters, of.trainable, of.flops, of.activationBytes].map((n) => (n > 0 ? n.toLocaleString('en-US') : ''))

const depthOf = ({ path }: SummaryRow): number => (path ? path.split('.').length : 0)

/**
 * Run a model once, without gradients and in its present mode, and list what its modules make: `console.log(
 * nn.summary(model, x))` shows a table. A function and no method of `Module`, so that only programs that use it bundle
 * it.
 * @param inputs  what the model's `forward` takes
 * @throws HandgradError if `model` is not a module with `forward`, and as `forward`
 */
export function summary(model: Module, ...inputs: unknown[]): Summary {
  const forward: unknown = model instanceof Module && Reflect.get(model, 'forward')
  if (typeof forward !== 'function')
    fail('summary', `${describe(model)} is not a module with forward`, 'give the model, then what its forward takes')
  const rows: Draft[] = []
  const byFrame = new Map<ModuleFrame, Draft>()
  const counted = new Set<Tensor>()
  const undo = model.namedModules().flatMap(([, module]) => [
    addHook(module, 'before', (args) => {
      const frame = calling.now as ModuleFrame
      const own = ownParameters(module).filter((x) => !counted.has(x) && counted.add(x))
      const count = (tensors: readonly Tensor[]): number => tensors.reduce((sum, x) => sum + x.numel, 0)
      const row: Draft = {
        path: pathOf(frame),
        title: module.title(),
        outputs: [],
        parameters: count(own),
        trainable: count(own.filter((x) => x.requiresGrad)),
        flops: 0,
        activationBytes: 0,
      }
      rows.push(row)
      byFrame.set(frame, row)
      return args
    }),
    addHook(module, 'after', (_, output) => {
      const row = byFrame.get(calling.now as ModuleFrame)
      if (row) row.outputs = tensorsIn(output).map(({ shape }) => shape)
      return output
    }),
  ])
  undo.push(
    onCall((call) => {
      const row = calling.now && byFrame.get(calling.now)
      if (!row) return
      const made = call.outputs.filter((x) => !call.inputs.some((input) => input?.storage === x.storage))
      if (made.length > 0) row.flops += flopsOf(call)
      for (const x of made) row.activationBytes += bytesOf[x.dtype] * x.numel
    }),
  )
  try {
    noGrad(() => scope(() => void forward.apply(model, inputs)))
  } finally {
    for (const step of undo) step()
  }
  return new Summary(rows)
}

/** Multiplications and additions of one op: of sums of products 2 for each term, those of padding and masks too. */
function flopsOf({ op, inputs, outputs }: Call): number {
  const [a, b, ...added] = inputs as readonly Tensor[]
  const [y] = outputs
  const terms = (x: Tensor, from: number): number => sizeOf(x.shape.slice(from))
  if (op.name === 'linear') return 2 * y.numel * terms(a, a.ndim - 1) + y.numel * added.filter((x) => x).length
  if (op.name === 'matmul') return 2 * y.numel * terms(a, a.ndim - 1)
  if (op.name === 'conv2d') return 2 * y.numel * terms(b, 1)
  if (op.name === 'convTranspose2d') return 2 * a.numel * terms(b, 1)
  if (op.name === 'scaledDotProductAttention') return 2 * b.shape[b.ndim - 2] * (a.numel + y.numel)
  return Math.max(y.numel, a?.numel ?? 0)
}

/** The parameters of a module that are not in modules inside it. */
function ownParameters(module: Module): Tensor[] {
  const inside = new Set<Tensor>()
  for (const [path, child] of module.namedModules())
    if (path) for (const [, x] of child.namedParameters()) inside.add(x)
  return module.namedParameters().flatMap(([, x]) => (inside.has(x) ? [] : x))
}

const tensorsIn = (value: unknown): Tensor[] => {
  if (value instanceof Tensor) return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(tensorsIn)
}
