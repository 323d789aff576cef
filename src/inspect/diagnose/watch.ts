/** @file What a model's layers make of batches: scale, zeros and ends of what they give, and the gradients to it. */
import { registerHook } from '../../autograd/backward.ts'
import { calling, type ModuleFrame } from '../../core/frame.ts'
import { type Call, onCall } from '../../core/op.ts'
import { keep } from '../../core/scope.ts'
import type { Storage } from '../../core/storage.ts'
import type { Tensor } from '../../core/tensor.ts'
import { placeOf } from '../../nn/call.ts'
import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AvgPool1d,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  InstanceNorm1d,
  InstanceNorm2d,
  MaxPool1d,
  MaxPool2d,
  type Module,
} from '../../nn/index.ts'
import { clone } from '../../ops/base/views.ts'
import { amax, maximum, mean } from '../../ops/index.ts'
import { isFloat } from '../../train/origin.ts'
import { Figures, isBounded, rmsOf, saturationOf, spreadOf, zerosOf } from './figures.ts'
import { LossWatch } from './losswatch.ts'

/** What a module gave that has no modules in it. Numbers are means over passes. */
export interface Layer {
  /** Its path and its sizes: `fc1 (Linear 4, 8)`. */
  readonly where: string
  readonly shape: readonly number[]
  /** Has parameters of its own, and matrices among them. */
  readonly weighted: boolean
  readonly mixing: boolean
  /** The second axis of what it gives has the channels. */
  readonly channels: boolean
  /** Place in the order of what a pass does. */
  readonly order: number
  mean: number
  rms: number
  /** How much samples differ: root mean square of what is left without the mean over the batch. */
  spread: number
  /** Share of zeros. */
  zeros: number
  /** Root mean square, and length, of the gradient that comes back to it; NaN where none does. */
  gradient: number
  gradientNorm: number
}

/** An activation: units that were 0 for all samples, and the share of values at its ends. */
export interface Activation {
  readonly where: string
  readonly op: string
  readonly order: number
  units: number
  dead: number
  saturated: number
}

/**
 * Layers that look at the whole batch, and layers in whose outputs the second axis has the channels. By class, as names
 * are not kept by minifiers.
 */
const overBatch = [BatchNorm1d, BatchNorm2d]
const channelled = [
  ...overBatch,
  ...[Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, InstanceNorm1d, InstanceNorm2d, MaxPool1d, MaxPool2d],
  ...[AvgPool1d, AvgPool2d, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool1d, AdaptiveMaxPool2d],
]
const isOf = (module: object | undefined, classes: typeof channelled): boolean =>
  classes.some((one) => module instanceof one)

const firstIn = (value: unknown): unknown => (Array.isArray(value) ? firstIn(value[0]) : value)

/** Passes of which the scales are taken: units that are dead are looked for in all. */
const MEASURED = 3

/** Numbers of a layer that are added up, pass by pass. */
const sums = ['mean', 'rms', 'spread', 'zeros', 'gradient', 'gradientNorm'] as const

/** Watches passes of one model. */
export class Watch {
  readonly layers: Layer[] = []
  readonly activations: Activation[] = []
  readonly loss = new LossWatch()
  /** Places of what was random, and of what looked at the whole batch, in the model. */
  readonly random = new Set<string>()
  readonly overBatch = new Set<string>()
  private figures = new Figures()
  private phase: 'model' | 'loss' | 'off' = 'off'
  private batch = 0
  private passes = 0
  private order = 0
  /** How often a place was met in this pass. */
  private readonly met = new Map<string, number>()
  private readonly layerOf = new WeakMap<Storage, Layer>()
  /** Each ReLU's greatest value of every unit. */
  private readonly greatest = new Map<Activation, Tensor>()
  /** What each activation gave last, and those that the model ends with: they may lie at their ends. */
  private readonly gave = new Map<Activation, Storage>()
  private readonly final = new Set<Activation>()
  private readonly leaves = new Map<object, boolean>()
  private readonly places = new Map<object, string>()
  private readonly undo: (() => void)[] = []

  constructor(model: Module) {
    for (const module of model.modules())
      if (module.modules().length === 1)
        this.undo.push(module.registerForwardHook((own, _, output) => this.unwatched(() => this.layer(own, output))))
    this.undo.push(onCall((call) => this.unwatched((phase) => this.call(call, phase))))
  }

  /** A pass begins: ops are the model's. */
  begin(batch: number): void {
    this.phase = 'model'
    this.batch = batch
    this.order = 0
    this.passes++
    this.met.clear()
    this.loss.begin(batch)
  }
  /** The model is done: ops are the loss's. */
  predicted(prediction: Tensor): void {
    for (const [one, storage] of this.gave) if (storage === prediction.storage) this.final.add(one)
    this.phase = 'loss'
  }
  /** Ops are nobody's: those of backward, and of the optimizer. */
  pause(): void {
    this.phase = 'off'
  }

  /** Wait for the figures of what was watched since the last time. */
  async read(): Promise<void> {
    const { figures } = this
    this.figures = new Figures()
    await Promise.all([figures.read(), this.loss.read()])
  }

  /** Look no more, and make means of sums. */
  async end(): Promise<void> {
    for (const step of this.undo) step()
    await this.read()
    for (const [one, value] of this.greatest) {
      const units = await value.data()
      one.units = units.length
      one.dead = units.filter((v) => v <= 0).length
      value.dispose()
    }
    for (const layer of this.layers) for (const name of sums) layer[name] /= Math.min(this.passes, MEASURED)
    for (const one of this.activations) one.saturated = this.final.has(one) ? 0 : one.saturated / this.passes
  }

  /** Do something that is not watched itself. */
  private unwatched(f: (phase: 'model' | 'loss') => void): void {
    const { phase } = this
    if (phase === 'off') return
    this.phase = 'off'
    try {
      f(phase)
    } finally {
      this.phase = phase
    }
  }

  /** Found once: a path is looked for through the whole model. */
  private placeOf(frame: ModuleFrame): string {
    const known = this.places.get(frame.module) ?? placeOf(frame)
    this.places.set(frame.module, known)
    return known
  }

  private alone(module: ModuleFrame['module']): boolean {
    const known = this.leaves.get(module) ?? [...module.namedModules()].length === 1
    this.leaves.set(module, known)
    return known
  }

  /** The name of a place that is met for the n-th time in a pass. */
  private nth(where: string, kind = ''): string {
    const n = (this.met.get(where + kind) ?? 0) + 1
    this.met.set(where + kind, n)
    return n === 1 ? where : `${where} #${n}`
  }

  private layer(module: Module, output: unknown): void {
    const y = firstIn(output)
    if (!isFloat(y) || !calling.now) return
    const where = this.nth(this.placeOf(calling.now))
    let layer = this.layers.find((one) => one.where === where)
    if (!layer) {
      const { shape } = y
      const own = module.parameters()
      const [weighted, mixing] = [own.length > 0, own.some(({ ndim }) => ndim > 1)]
      const channels = isOf(module, channelled)
      const zero = { mean: 0, rms: 0, spread: 0, zeros: 0, gradient: Number.NaN, gradientNorm: Number.NaN }
      this.layers.push((layer = { where, shape, weighted, mixing, channels, order: this.order, ...zero }))
    }
    this.order++
    this.layerOf.set(y.storage, layer)
    if (this.passes > MEASURED) return
    const [own, { figures, numel }] = [layer, { figures: this.figures, numel: y.numel }]
    const add = (name: (typeof sums)[number]) => (v: number) => void (own[name] = (own[name] || 0) + v)
    figures.note(() => mean(y), add('mean'))
    figures.note(() => rmsOf(y), add('rms'))
    figures.note(() => zerosOf(y), add('zeros'))
    if (y.ndim > 0) figures.note(() => spreadOf(y), add('spread'))
    if (y.edge)
      registerHook(y, (g) =>
        figures.note(
          () => rmsOf(g),
          (v) => {
            add('gradient')(v)
            add('gradientNorm')(v * Math.sqrt(numel))
          },
        ),
      )
  }

  private call({ op, inputs, outputs, attrs }: Call, phase: 'model' | 'loss'): void {
    const { name } = op
    const [y] = outputs
    const frame = calling.now
    const place = frame ? this.placeOf(frame) : name
    this.loss.normalised(name, inputs, y, place)
    if (phase === 'loss') return this.loss.call(name, inputs, y)
    if (name === 'dropout') this.random.add(place)
    // Means and variances are sums; batch normalisation turns the batch into rows.
    const { dims } = (attrs ?? {}) as { dims?: readonly number[] }
    const summed = name === 'sum' && dims?.includes(0) && inputs[0]?.shape[0] === this.batch
    if (summed || (name === 'rowNorm' && isOf(frame?.module, overBatch))) this.overBatch.add(place)
    if (isFloat(y) && frame && (name === 'relu' || isBounded(name))) this.activation(name, inputs[0], y, frame)
  }

  private activation(op: string, x: Tensor | undefined, y: Tensor, frame: ModuleFrame): void {
    const layer = x && this.layerOf.get(x.storage)
    const alone = this.alone(frame.module)
    const where = this.nth(alone || !layer ? this.placeOf(frame) : layer.where, op)
    let one = this.activations.find((other) => other.where === where && other.op === op)
    if (!one) this.activations.push((one = { where, op, order: this.order, units: 0, dead: 0, saturated: 0 }))
    this.order++
    this.gave.set(one, y.storage)
    const own = one
    if (isBounded(op)) {
      this.figures.note(
        () => saturationOf(op, y),
        (v) => void (own.saturated += v),
      )
      return
    }
    const axis = y.ndim > 1 && (layer ? layer.channels : y.ndim > 3) ? 1 : y.ndim - 1
    const others = y.shape.map((_, i) => i).filter((i) => i !== axis)
    const before = this.greatest.get(one)
    const units = this.figures.run(() => {
      const now = others.length > 0 ? amax(y, others) : clone(y)
      return keep(before ? maximum(before, now) : now)
    })
    this.greatest.set(one, units)
    before?.dispose()
  }
}
