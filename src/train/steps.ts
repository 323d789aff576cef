/**
 * @file Steps of training, for loops of one's own: forward, backward, clipping, the optimizer, the schedule. What comes
 * between the steps (reading, validation, files) is fit.ts.
 */
import { autocast } from '../autograd/autocast.ts'
import { backward } from '../autograd/backward.ts'
import { type Device, isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { checkAtOnce, scope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import type { Metric } from '../metrics/metric.ts'
import { Module } from '../nn/index.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach } from '../ops/base/views.ts'
import { add, cast, div, getRandomState, gt, mul, type RandomState, reshape, tensor, where } from '../ops/index.ts'
import {
  clipGradNorm,
  clipGradValue,
  type EMA,
  GradScaler,
  l1Penalty,
  l2Penalty,
  type Optimizer,
  scaleGrad,
} from '../optim/index.ts'

/** A model from the tensors of a batch, but for the last, to a prediction. */
export interface Trainable extends Module {
  /** The prediction. */
  forward(...inputs: Tensor[]): Tensor
}

/**
 * Batches `[...inputs, target]`, as a `DataLoader` gives them; each `for … of` is an epoch. They free their tensors.
 */
export type Batches = (Iterable<readonly Tensor[]> | AsyncIterable<readonly Tensor[]>) & {
  /** Batches in an epoch. */
  readonly length: number
  /** Where the loader stands, if it can tell: how many batches of the epoch were given is in it as `batch`. */
  stateDict?(): object
}

/** What is made small: a function of prediction and target, or a module such as `new nn.CrossEntropyLoss()`. */
export type Loss =
  | ((prediction: Tensor, target: Tensor) => Tensor)
  | {
      /** The loss, one number. */
      readonly forward: (prediction: Tensor, target: Tensor) => Tensor
    }

/** What a step asks of an optimizer: every one of `optim` but LBFGS, which calls the model itself. */
export type Stepping = Pick<Optimizer, 'params' | 'groups' | 'lr' | 'zeroGrad' | 'step' | 'stateDict' | 'loadStateDict'>

/** Of how many things the loss of a batch is the mean. */
export type Weight = (inputs: readonly Tensor[], target: Tensor) => number | Tensor

/** What `autocast` stores in a training. */
export type Halved = StepOptions['autocast']

/** A schedule of learning rates, such as `optim.OneCycleLR`. */
export interface Stepped {
  /** Go on to the next rate. */
  step(): void
}

/** How {@link trainSteps} trains. */
export interface StepOptions {
  /** What is trained on. */
  train: Batches
  /** What is made small. */
  loss: Loss
  /** Of the model's parameters. */
  optimizer: Stepping
  /** Stepped after each step of the optimizer; default: the rate stays. */
  schedule?: Stepped
  /** Passes over the batches; default 1. */
  epochs?: number
  /** Bound on the norm of all gradients together, on each element, or first the one and then the other. */
  clip?: { norm?: number; value?: number }
  /** Take the norm of the gradients also without `clip.norm`; default false. */
  gradNorm?: boolean
  /** Batches whose gradients one step averages; the last step of an epoch takes what is left. Default 1. */
  accumulate?: number
  /**
   * Of how many things the loss of a batch is the mean: batches count by it in the gradients of a step, with
   * `accumulate`, and in every mean of losses, so that they give what one batch of all of them gives, also where their
   * texts differ in length. A number from 0 up, or a tensor of one, which is not waited for:
   * `(_, target) => target.ne(-100).sum()`. Default: each batch counts as much.
   */
  weight?: Weight
  /** Model and loss run under `autocast`: products store 16 bits. Default: all is of the model's dtype. */
  autocast?: 'bfloat16' | 'float16'
  /** With `autocast: 'float16'` what scales the loss, and leaves out steps that are not finite; default: a new one. */
  scaler?: GradScaler
  /** λ of λ·Σ|w| added to what is made small; the loss that is shown is without it. Default 0. */
  l1?: number
  /** As `l1`, of λ·Σw². */
  l2?: number
  /** An average of the weights, `new optim.EMA(model)`, updated after each step. */
  ema?: Pick<EMA, 'update'>
  /** Measures that are given every prediction; reading and resetting them is up to you. */
  metrics?: Readonly<Record<string, Metric<number | number[]>>>
  /** Where the model is; batches that are elsewhere are copied there. Default: where its parameters are. */
  device?: Device
  /** Steps that were taken already, of a run that goes on; batches of the epoch that are past are passed over. */
  from?: number
}

/** A step that was taken. */
export interface TrainStep {
  /** From 1. */
  readonly epoch: number
  /** Steps since the training began, with this one. */
  readonly step: number
  /** Steps that all epochs take. */
  readonly steps: number
  /** Batches of the epoch so far. */
  readonly batch: number
  /** Batches in an epoch. */
  readonly batches: number
  /** Whether it ends its epoch. */
  readonly last: boolean
  /** Samples in its batches. */
  readonly samples: number
  /** Learning rate that it was taken with, of the first group. */
  readonly lr: number
  /** Mean loss of its batches, 0-d: freed when the next step is asked for; `await loss.item()` waits for the device. */
  readonly loss: Tensor
  /** Norm of all gradients before clipping, if `clip.norm` or `gradNorm` ask for it; freed as `loss` is. */
  readonly gradNorm?: Tensor
  /** Of how many things `loss` is the mean, where the option `weight` tells; freed as `loss` is. */
  readonly weight?: Tensor
}

/** A batch that was gone through, before the optimizer's step; see `Guard`. */
export interface Pass {
  readonly inputs: readonly Tensor[]
  readonly loss: Tensor
  readonly step: number
  readonly epoch: number
  readonly batch: number
  readonly lr: number
  /** Random state before it. */
  readonly random: RandomState
  /** Forward and backward again. */
  again(): Tensor
}

/** Looks at every batch between backward and the optimizer's step. */
export type Guard = (pass: Pass) => Promise<void>

/**
 * The steps of a training, one by one: for each batch θ ← step(θ, ∂L/∂θ). The loop's body runs after the optimizer's
 * step; nothing is read from the device unless it does so.
 * ```ts
 * for await (const { step, loss } of train.trainSteps(model, { train: loader, loss: nn.functional.crossEntropy,
 * optimizer }))
 *   if (step % 100 === 0) console.log(step, await loss.item())
 * ```
 * The model is put in training mode, but for modules in it that were in evaluation mode while it was not. Dtypes:
 * floats.
 * @throws HandgradError if an option is unknown or out of range, the model has no parameters that are trained, a batch
 *   is not of two or more tensors, the model gives no tensor, or the loss is not one number
 */
export function trainSteps(model: Trainable, options: StepOptions): AsyncGenerator<TrainStep, void, undefined> {
  return takeSteps('trainSteps', model, checkSteps('trainSteps', model, options))
}

/** Options with their defaults. */
export type Steps = ReturnType<typeof checkSteps>

/** Of the options that `fit` and `trainSteps` share. */
export const stepDefaults = {
  train: undefined,
  loss: undefined,
  optimizer: undefined,
  schedule: undefined,
  epochs: 1,
  clip: undefined,
  gradNorm: false,
  accumulate: 1,
  weight: undefined,
  autocast: undefined,
  scaler: undefined,
  l1: 0,
  l2: 0,
  ema: undefined,
  metrics: {},
  device: undefined,
} as const

/** Refuse what cannot be trained with, before anything is done. */
export function checkSteps(op: string, model: Trainable, options: StepOptions) {
  const filled = optionsOf(op, options, { ...stepDefaults, from: 0 })
  const { optimizer, schedule, loss, ema, metrics, device } = filled
  if (!(model instanceof Module)) fail(op, `the model is ${describe(model)}`, 'give an nn.Module')
  const train = checkBatches(op, 'train', filled.train)
  checkLoss(op, loss)
  if (!optimizer || !can(optimizer, 'zeroGrad') || !can(optimizer, 'step') || !Array.isArray(optimizer.groups))
    fail(op, `optimizer is ${describe(optimizer)}`, 'give new optim.Adam(model.parameters()), say')
  if (schedule !== undefined && !can(schedule, 'step'))
    fail(op, `schedule is ${describe(schedule)}`, 'give new optim.OneCycleLR(optimizer, { … }), say')
  if (ema !== undefined && !can(ema, 'update')) fail(op, `ema is ${describe(ema)}`, 'give new optim.EMA(model)')
  checkDevice(op, device)
  checkMetrics(op, metrics)
  checkCount(op, 'epochs', filled.epochs, 1)
  checkCount(op, 'accumulate', filled.accumulate, 1)
  checkCount(op, 'from', filled.from, 0)
  for (const name of ['l1', 'l2'] as const)
    if (!(typeof filled[name] === 'number' && filled[name] >= 0 && filled[name] < Infinity))
      fail(op, `${name} is ${describe(filled[name])}`, 'give a number from 0 up')
  if (typeof filled.gradNorm !== 'boolean') fail(op, `gradNorm is ${describe(filled.gradNorm)}`, 'give true or false')
  checkWeight(op, filled.weight)
  checkAutocast(op, filled.autocast)
  const half = filled.autocast === 'float16'
  if (filled.scaler !== undefined && !(half && filled.scaler instanceof GradScaler))
    fail(
      op,
      `scaler is ${describe(filled.scaler)}, autocast ${describe(filled.autocast)}`,
      "give new optim.GradScaler(), with autocast: 'float16'",
    )
  const clip = optionsOf(op, filled.clip, { norm: undefined, value: undefined })
  for (const name of ['norm', 'value'] as const)
    if (clip[name] !== undefined && !(typeof clip[name] === 'number' && clip[name] > 0))
      fail(op, `clip.${name} is ${describe(clip[name])}`, 'give a number above 0')
  const params = model.parameters().filter((x) => x.requiresGrad)
  if (params.length === 0)
    fail(op, `the model, ${model.constructor.name}, has no parameters to train`, 'make them with nn.parameter(…)')
  if (!optimizer.params.some((x) => params.includes(x)))
    fail(op, "the optimizer has none of the model's parameters", 'make it with model.parameters()')
  const scaler = filled.scaler ?? (half ? new GradScaler() : undefined)
  return { ...filled, train, loss: loss as Loss, optimizer, clip, params, scaler }
}

/** Refuse what does not tell how much a batch counts. */
export function checkWeight(op: string, weight: unknown): void {
  if (weight !== undefined && typeof weight !== 'function')
    fail(op, `weight is ${describe(weight)}`, 'give a function of a batch: (inputs, target) => how much it counts')
}

/** Refuse what products cannot store. */
export function checkAutocast(op: string, dtype: unknown): void {
  if (dtype !== undefined && dtype !== 'bfloat16' && dtype !== 'float16')
    fail(op, `autocast is ${describe(dtype)}`, "give 'bfloat16' or 'float16', or leave it out")
}

/** True if `x[name]` is a function. */
export const can = (x: unknown, name: string): boolean =>
  typeof (x as Record<string, unknown> | null | undefined)?.[name] === 'function'

/** Refuse what gives no batches. */
export function checkBatches(op: string, name: string, batches: Batches | undefined): Batches {
  const given = batches as (Iterable<unknown> & AsyncIterable<unknown> & { length: number }) | undefined
  if (!Number.isInteger(given?.length) || !(given?.[Symbol.iterator] ?? given?.[Symbol.asyncIterator]))
    fail(op, `${name} is ${describe(batches)}`, 'give a DataLoader, or batches with their number as length')
  if (given.length < 1) fail(op, `${name} has no batches`, 'give at least one')
  return batches as Batches
}

/** Refuse what is neither a function nor a module. */
export function checkLoss(op: string, loss: unknown): void {
  if (typeof loss !== 'function' && !can(loss, 'forward'))
    fail(op, `loss is ${describe(loss)}`, 'give nn.functional.crossEntropy or new nn.MSELoss(), say')
}

/** Refuse measures that are none. */
export function checkMetrics(op: string, metrics: unknown): void {
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics))
    fail(op, `metrics is ${describe(metrics)}`, 'give an object: { accuracy: new metrics.Accuracy() }')
  for (const [name, metric] of Object.entries(metrics)) {
    if (!['update', 'compute', 'reset'].every((method) => can(metric, method)))
      fail(op, `metrics.${name} is ${describe(metric)}`, 'give a Metric: new metrics.Accuracy(), say')
    if (metric.scalar === false)
      fail(op, `metrics.${name} gives more than one number`, "average: 'macro' makes one of a list")
  }
}

/** Refuse what is given as a device and is none. */
export function checkDevice(op: string, device: unknown): void {
  if (device !== undefined && !can(device, 'run'))
    fail(op, `device is ${describe(device)}`, "give await device('auto')")
}

/** Refuse what is not an integer from `low` up. */
export function checkCount(op: string, name: string, n: unknown, low: number): void {
  if (!Number.isSafeInteger(n) || (n as number) < low)
    fail(op, `${name} is ${describe(n)}`, `give an integer from ${low} up`)
}

/** What the model makes of a batch's inputs. */
export function predictionOf(op: string, model: Trainable, inputs: readonly Tensor[]): Tensor {
  const prediction: unknown = model.forward(...inputs)
  if (!(prediction instanceof Tensor))
    fail(
      op,
      `the model, ${model.constructor.name}, gave ${describe(prediction)}`,
      'return a tensor from its forward, at once',
    )
  return prediction
}

/** What the model makes of a batch, and its loss, 0-d; both run under `autocast`, if that is given. */
export function lossOf(
  op: string,
  model: Trainable,
  loss: Loss,
  inputs: readonly Tensor[],
  target: Tensor,
  dtype?: Halved,
): { prediction: Tensor; loss: Tensor } {
  if (dtype) return autocast(dtype, () => lossOf(op, model, loss, inputs, target))
  const prediction = predictionOf(op, model, inputs)
  const value: unknown = typeof loss === 'function' ? loss(prediction, target) : loss.forward(prediction, target)
  if (!(value instanceof Tensor)) fail(op, `the loss gave ${describe(value)}`, 'return a tensor of one number, at once')
  if (value.numel !== 1)
    fail(op, `the loss has ${value.numel} elements`, "it is one number: reduction 'mean', or loss.mean()")
  return { prediction, loss: value }
}

/** Inputs and target of a batch, on a device; what had to be copied there is freed after `use`. */
export async function withBatch<T>(
  op: string,
  batch: unknown,
  device: Device,
  use: (inputs: readonly Tensor[], target: Tensor) => T | Promise<T>,
): Promise<T> {
  const list: readonly unknown[] = Array.isArray(batch) ? batch : []
  if (list.length < 2 || !list.every((x) => x instanceof Tensor)) {
    const given = Array.isArray(batch) ? `[${batch.map(describe).join(', ')}]` : describe(batch)
    fail(op, `a batch is ${given}`, 'give a list of tensors: inputs, and the target last')
  }
  const given = list as readonly Tensor[]
  // Of one device nothing waits: a promise for each batch would let the event loop in between.
  const here = given.every((x) => x.device === device)
    ? given
    : await Promise.all(given.map((x) => (x.device === device ? x : x.to(device))))
  try {
    return await use(here.slice(0, -1), here[here.length - 1])
  } finally {
    here.forEach((x, i) => {
      if (x !== given[i]) x.dispose()
    })
  }
}

/** Give measures a prediction, which they take in 32 bits. */
export function measured(metrics: readonly Metric<number | number[]>[], prediction: Tensor, target: Tensor): void {
  const seen = isHalf(prediction.dtype) ? cast(prediction, 'float32') : prediction
  for (const metric of metrics) metric.update(detach(seen), target)
}

/** How much a batch counts, 0-d and of a dtype that losses have. */
export function weightOf(
  op: string,
  weight: Weight,
  inputs: readonly Tensor[],
  target: Tensor,
  { dtype, device }: Tensor,
) {
  const given: unknown = noGrad(() => weight(inputs, target))
  if (given instanceof Tensor && given.numel === 1) return cast(reshape(given, []), dtype)
  if (!(typeof given === 'number' && given >= 0 && given < Infinity))
    fail(op, `weight gave ${describe(given)}`, 'return a number from 0 up, or a tensor of one, at once')
  return tensor(given, { dtype, device })
}

/** Samples in a batch. */
export const samplesOf = (inputs: readonly Tensor[]): number => inputs[0].shape[0] ?? 1

/** Which modules are put in training mode: all but those that were in evaluation mode while the model was not. */
export function trainingMode(model: Module): () => void {
  const frozen = model.training ? model.namedModules().flatMap(([, inner]) => (inner.training ? [] : inner)) : []
  return () => {
    model.train()
    for (const inner of frozen) inner.training = false
  }
}

/** The steps of checked options, in the name of `op`. */
export async function* takeSteps(
  op: string,
  model: Trainable,
  run: Steps,
  guard?: Guard,
): AsyncGenerator<TrainStep, void, undefined> {
  const { train, optimizer, schedule, clip, ema, params, accumulate, epochs, metrics, scaler } = run
  const batches = train.length
  const perEpoch = Math.ceil(batches / accumulate)
  const device = run.device ?? params[0].device
  const measures = Object.values(metrics)
  const training = trainingMode(model)

  /** Forward and backward; gradients add up. @returns the loss times its share, and how much the batch counts */
  const pass = (inputs: readonly Tensor[], target: Tensor, share: number): { own: Tensor; counts?: Tensor } =>
    scope(() => {
      const { prediction, loss } = lossOf(op, model, run.loss, inputs, target, run.autocast)
      const counts = run.weight && weightOf(op, run.weight, inputs, target, loss)
      // The mean of nothing is NaN: what does not count must not be multiplied by 0.
      const shared = (x: Tensor): Tensor => {
        if (counts && accumulate > 1) return where(gt(counts, 0), mul(x, counts), 0)
        return share === 1 ? x : mul(x, share)
      }
      let aim = loss
      if (run.l1 > 0) aim = add(aim, mul(l1Penalty(params), run.l1))
      if (run.l2 > 0) aim = add(aim, mul(l2Penalty(params), run.l2))
      backward(scaler ? scaler.scale(shared(aim)) : shared(aim))
      return noGrad(() => {
        measured(measures, prediction, target)
        return { own: shared(detach(loss)), counts }
      })
    })
  /** Gradients and loss of sums become those of the mean over all that counts. @returns the loss */
  const averaged = (loss: Tensor, counts: Tensor): Tensor => {
    const mean = scope(() =>
      noGrad(() => {
        // Of a group in which nothing counts gradients are 0.
        scaleGrad(params, where(gt(counts, 0), div(1, counts), 0))
        return div(loss, counts)
      }),
    )
    loss.dispose()
    return mean
  }
  /** Limit the gradients. @returns their norm before, where it is asked for */
  const clipped = (): Tensor | undefined => {
    const norm = clip.norm || run.gradNorm ? clipGradNorm(params, clip.norm ?? Infinity) : undefined
    if (clip.value) clipGradValue(params, clip.value)
    return norm
  }
  const stepped = (): void => {
    checkAtOnce(op, 'optimizer.step()', optimizer.step() as unknown, 'await nothing in it')
    ema?.update()
  }
  /** The optimizer's step, with what belongs to it. @returns the norm of the gradients, where it is asked for */
  const update = (): Tensor | undefined =>
    scope(() => {
      const norm = clipped()
      stepped()
      return norm
    })
  /** The same of gradients that are scaled: those that do not train are, too. */
  const scaled = { params: [...new Set([...optimizer.params, ...params])], step: () => scope(stepped) }
  const updateScaled = async (by: GradScaler): Promise<Tensor | undefined> => {
    by.unscale_(scaled)
    const norm = scope(clipped)
    await by.step(scaled)
    by.update()
    return norm
  }

  let step = run.from
  for (let epoch = Math.floor(step / perEpoch) + 1; epoch <= epochs; epoch++) {
    let batch = (step % perEpoch) * accumulate
    let past = batch - standsAt(train)
    if (past < 0) fail(op, `train stands at batch ${batch - past} of its epoch, the run at ${batch}`, 'restore both')
    let [loss, counts, samples]: [Tensor | undefined, Tensor | undefined, number] = [undefined, undefined, 0]
    for await (const given of train) {
      if (past-- > 0) continue
      if (batch === batches) fail(op, 'train gave another batch', `its length says ${batches}`)
      if (batch % accumulate === 0) {
        training()
        optimizer.zeroGrad()
      }
      const share = 1 / Math.min(accumulate, batches - (batch - (batch % accumulate)))
      const lr = optimizer.lr
      await withBatch(op, given, device, async (inputs, target) => {
        const random = getRandomState()
        const { own, counts: more } = pass(inputs, target, share)
        samples += samplesOf(inputs)
        batch++
        const again = () => pass(inputs, target, share).own
        await guard?.({ inputs, loss: own, step: step + 1, epoch, batch, lr, random, again })
        loss = summed(loss, own)
        counts = more && summed(counts, more)
      })
      const last = batch === batches
      if (!loss || (batch % accumulate !== 0 && !last)) continue
      if (counts && accumulate > 1) loss = averaged(loss, counts)
      const gradNorm = scaler ? await updateScaled(scaler) : update()
      schedule?.step()
      step++
      try {
        yield {
          epoch,
          step,
          steps: epochs * perEpoch,
          batch,
          batches,
          last,
          samples,
          lr,
          loss,
          gradNorm,
          weight: counts,
        }
      } finally {
        for (const done of [loss, gradNorm, counts]) done?.dispose()
      }
      loss = undefined
      counts = undefined
      samples = 0
    }
    if (batch < batches) fail(op, `train gave ${batch} batches`, `its length says ${batches}`)
  }
}

/** The sum so far and one more, which both go. */
function summed(sum: Tensor | undefined, one: Tensor): Tensor {
  if (!sum) return one
  const both = add(sum, one)
  for (const done of [sum, one]) done.dispose()
  return both
}

/** Batches of its epoch that a loader has given, as far as it tells. */
function standsAt(train: Batches): number {
  const { batch } = (train.stateDict?.() ?? {}) as { batch?: unknown }
  return typeof batch === 'number' ? batch : 0
}
