/** @file What a diagnosis works on: a model and copies of some batches, which it leaves as it found them. */
import { backward, zeroGrad } from '../../autograd/backward.ts'
import type { Device } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { openScope } from '../../core/scope.ts'
import { Tensor } from '../../core/tensor.ts'
import type { Stateful } from '../../io/index.ts'
import { Module } from '../../nn/index.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { getRandomState, type RandomState, setRandomState } from '../../ops/index.ts'
import type { LBFGS } from '../../optim/index.ts'
import type { Loss, Stepping, Trainable } from '../../train/index.ts'
import { isStateful, Snapshot } from '../../train/snapshot.ts'
import { can, checkCount, checkDevice, checkLoss, lossOf, trainingMode, withBatch } from '../../train/steps.ts'
import { held } from './figures.ts'
import type { Found } from './finding.ts'
import { besides, Gradients, partOf } from './restored.ts'

/** Batches `[...inputs, target]` that can be gone through again. */
export type Source = Iterable<readonly Tensor[]> | AsyncIterable<readonly Tensor[]>

/** What {@link diagnose} looks at. */
export interface DiagnoseOptions {
  /** What is made small. */
  loss: Loss
  /** Of the model's parameters. LBFGS, which calls the model itself, needs `step`. */
  optimizer: Stepping | LBFGS
  /** What is trained on: a `DataLoader`, or batches in an array. */
  loader: Source
  /** What is evaluated on: looked through for rows of the training data. Default: nothing. */
  validation?: Source
  /** Batches that are looked at, and steps that are tried; default 10. */
  steps?: number
  /**
   * A step of your own loop, from a batch: with zeroGrad, forward, backward and the optimizer's step. Default: these.
   */
  step?: (batch: readonly Tensor[]) => unknown
  /** Your own way to predictions for evaluation; default: `model.eval()`, and the model. */
  evaluate?: (...inputs: Tensor[]) => Tensor
  /** What `step` changes besides model and optimizer: a schedule, an EMA. Default: nothing. */
  parts?: readonly Stateful[]
  /** Rows of training and validation data that are compared; default 10,000 of each. */
  rows?: number
  /** Where the model is. Default: where its parameters are. */
  device?: Device
}

const OP = 'diagnose'

/** Refuse what cannot be looked at. */
export function checkDiagnose(model: Trainable, options: DiagnoseOptions) {
  const given = optionsOf(OP, options, {
    ...{ loss: undefined, optimizer: undefined, loader: undefined, validation: undefined, steps: 10 },
    ...{ step: undefined, evaluate: undefined, parts: [], rows: 10_000, device: undefined },
  })
  const { loss, optimizer, loader, validation, step, evaluate, parts, device } = given
  if (!(model instanceof Module) || !can(model, 'forward'))
    fail(OP, `the model is ${describe(model)}`, 'give an nn.Module with forward')
  checkLoss(OP, loss)
  for (const method of ['zeroGrad', 'step', 'stateDict', 'loadStateDict'])
    if (!can(optimizer, method) || !Array.isArray(optimizer?.groups))
      fail(OP, `optimizer is ${describe(optimizer)}`, 'give new optim.Adam(model.parameters()), say')
  for (const [name, source] of Object.entries({ loader, validation }))
    if (!(name === 'validation' && source === undefined) && !isSource(source))
      fail(OP, `${name} is ${describe(source)}`, 'give a DataLoader, or batches in an array')
  // It is gone through several times, and is to be as it was afterwards.
  for (const [name, source] of Object.entries({ loader, validation }))
    if (can(source, 'next'))
      fail(OP, `${name} can be gone through once only`, 'give a DataLoader, or batches in an array')
  // LBFGS takes a function that it calls again and again.
  if (step === undefined && (optimizer?.step.length ?? 0) > 0)
    fail(OP, 'the optimizer calls the model itself', 'give `step`: a step of your own loop, from a batch')
  for (const [name, f] of Object.entries({ step, evaluate }))
    if (f !== undefined && typeof f !== 'function') fail(OP, `${name} is ${describe(f)}`, 'give a function')
  if (!Array.isArray(parts) || !parts.every(isStateful))
    fail(OP, `parts is ${describe(parts)}`, 'give a list of what has stateDict() and loadStateDict()')
  checkCount(OP, 'steps', given.steps, 2)
  checkCount(OP, 'rows', given.rows, 1)
  checkDevice(OP, device)
  const own = model.namedParameters()
  // A loss may learn too, and share parameters with the model.
  const more = loss instanceof Module ? loss.namedParameters() : []
  const params = [
    ...own,
    ...more.flatMap(([name, x]) => (own.some(([, y]) => y === x) ? [] : [[`loss.${name}`, x] as const])),
  ].filter(([, x]) => x.edge)
  if (params.length === 0)
    fail(OP, `the model, ${model.constructor.name}, has no parameters to train`, 'make them with nn.parameter(…)')
  return { ...given, loss: loss as Loss, optimizer: optimizer as Stepping | LBFGS, loader: loader as Source, params }
}

const isSource = (x: unknown): boolean =>
  typeof x === 'object' && x !== null && (Symbol.iterator in x || Symbol.asyncIterator in x)

export type Checked = ReturnType<typeof checkDiagnose>

/** A batch on the model's device. */
export interface Held {
  readonly inputs: readonly Tensor[]
  readonly target: Tensor
  /** Samples in it. */
  readonly rows: number
}

/** A model, options and batches, and what was found. */
export class Session {
  readonly model: Trainable
  readonly options: Checked
  readonly device: Device
  readonly batches: Held[] = []
  readonly found: Found[] = []
  private readonly snapshot: Snapshot
  private readonly position: Snapshot
  private readonly modes: readonly (readonly [Module, boolean])[]
  /** What the model does not have and steps change. */
  private readonly besides: readonly Tensor[]
  private readonly gradients: Gradients
  private readonly training: () => void
  /** With which each look begins. */
  readonly random: RandomState = getRandomState()

  constructor(model: Trainable, options: Checked) {
    this.model = model
    this.options = options
    this.device = options.device ?? options.params[0][1].device
    const { loss, optimizer, parts, loader, validation } = options
    this.modes = model.modules().map((module) => [module, module.training] as const)
    this.training = trainingMode(model)
    this.besides = besides(model, loss, [optimizer, ...parts])
    this.gradients = new Gradients([...model.parameters(), ...this.besides])
    this.position = new Snapshot([loader, validation].flatMap((part) => (isStateful(part) ? part : [])))
    this.snapshot = new Snapshot([model, optimizer, ...parts, partOf(this.besides)])
  }

  /** Copies of the first batches. */
  async take(): Promise<void> {
    let n = 0
    for await (const batch of this.options.loader) {
      await withBatch(OP, batch, this.device, (inputs, target) => {
        const [own, aim] = [inputs.map(held), held(target)]
        this.batches.push({ inputs: own, target: aim, rows: own[0].shape[0] ?? 1 })
      })
      if (++n === this.options.steps) break
    }
    if (n === 0) fail(OP, 'loader has no batches', 'give at least one')
  }

  find(code: Found['code'], where: string, numbers: Found['numbers'] = {}): void {
    this.found.push({ code, where, numbers })
  }

  /** Back to the weights, the optimizer and the random numbers at the beginning, in training mode. */
  rewind(): void {
    this.snapshot.restore()
    this.training()
    this.zeroGrad()
  }

  /** Forget all gradients. */
  zeroGrad(): void {
    this.model.zeroGrad()
    this.besides.forEach(zeroGrad)
  }

  /** Forward and loss of a batch. */
  loss({ inputs, target }: Held, predicted: (prediction: Tensor) => void = () => undefined): Tensor {
    const { loss } = this.options
    const own = (prediction: Tensor, aim: Tensor): Tensor => {
      predicted(prediction)
      return typeof loss === 'function' ? loss(prediction, aim) : loss.forward(prediction, aim)
    }
    return lossOf(OP, this.model, own, inputs, target).loss
  }

  /** A step of training, the loop's own or the usual one. @returns the loss, NaN where that of a loop gives none */
  async step(batch: Held): Promise<number> {
    const { step, optimizer } = this.options
    if (step) {
      const given = await step([...batch.inputs, batch.target])
      return given instanceof Tensor && given.numel === 1 && !given.disposed ? given.item() : Number.NaN
    }
    using own = openScope()
    optimizer.zeroGrad()
    const loss = own.run(() => this.loss(batch))
    own.run(() => {
      if (loss.edge)
        backward(loss)
        // Another one was refused without a step of its own.
      ;(optimizer as Stepping).step()
    })
    return loss.item()
  }

  /** The mean loss over all batches, without gradients. */
  async mean(): Promise<number> {
    setRandomState(this.random)
    using own = openScope()
    const values = this.batches.map((batch) => own.run(() => noGrad(() => this.loss(batch))).item())
    const losses = await Promise.all(values)
    return losses.reduce((a, b) => a + b, 0) / losses.length
  }

  /** Everything as it was found. */
  end(): void {
    this.snapshot.restore()
    this.position.restore()
    this.gradients.restore()
    for (const [module, training] of this.modes) module.training = training
    for (const { inputs, target } of this.batches) for (const x of [...inputs, target]) x.dispose()
    for (const part of [this.snapshot, this.position, this.gradients]) part.dispose()
  }
}
