/** @file What a step and a training are looked into with: loaded when it is called. */
import { checkOptions } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Stateful } from '../io/index.ts'
import type { Module } from '../nn/index.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { Callback, Trainable } from '../train/index.ts'
import type { CheckGradOptions, GradCheck, Numbers } from './checkgrad.ts'
import type { Diagnosis } from './diagnose/finding.ts'
import type { ActivationRow, Flow, GradientRow } from './diagnose/flow.ts'
import type { DiagnoseOptions } from './diagnose/session.ts'
import type { Recording, RecordOptions } from './record/record.ts'

const load = () => import('./diagnose/index.ts')

/**
 * Why is it not learning? Goes through some batches and tries some steps, and says what is wrong: dead and saturated
 * units, gradients that vanish or explode, parameters that nothing reaches, a learning rate that is too large, labels,
 * inputs, the loss … each as `{ code, where, numbers }`, the cause first and what follows from it below.
 * ```ts
 * console.log(await inspect.diagnose(model, { loss, optimizer, loader }))
 * ```
 * Afterwards all is as it was: weights, optimizer, gradients, modes, random state, position of the loader. Call it
 * outside of a loop over the same loader. Dtypes: floats.
 * @returns the findings, none if all is well; `text('zh')` says them in Chinese
 * @throws HandgradError if an option is unknown or not what it should be, the model has no parameters, the loader no
 *   batches; and as the model and the loss, but for labels that are out of range
 */
export async function diagnose(model: Trainable, options: DiagnoseOptions): Promise<Diagnosis> {
  return (await load()).diagnose(model, options)
}

/** When {@link diagnosing} looks, and whom it tells. */
export interface DiagnosingOptions extends DiagnoseOptions {
  /** Epochs from one look to the next; default 1. The first look is before the first step. */
  every?: number
  /** Given a diagnosis that has something new. Default: it is printed by `console.warn`. */
  tell?: (diagnosis: Diagnosis, epoch: number) => void
}

/**
 * {@link diagnose} for `train.fit`: a callback that looks before the first step and after epochs, and tells of what is
 * new. The training goes on bit for bit as without it.
 * ```ts
 * const callbacks = [inspect.diagnosing({ loss, optimizer, loader })]
 * await train.fit(model, { train: loader, loss, optimizer, callbacks })
 * ```
 * @throws HandgradError if an option is unknown; when the training begins, as {@link diagnose}
 */
export function diagnosing(options: DiagnosingOptions): Callback {
  checkOptions(
    'diagnosing',
    options,
    'loss optimizer loader validation steps step evaluate parts rows device every tell'.split(' '),
  )
  const known = new Set<string>()
  return async (event) => (await load()).tellOf(event, options, known)
}

/** What {@link detectAnomaly} goes back to. */
export interface AnomalyOptions {
  /** What a step changes besides the model: the optimizer, a schedule. */
  parts?: readonly Stateful[]
}

/**
 * Take steps that are looked at: where a step's loss, gradients or weights are not finite, everything is put back and
 * the step is taken again op by op. The error names the op, the module, the line of the program, the step, the first
 * bad element and what it was made of; `error.anomaly` has them as data. Each step costs a copy of weights, gradients
 * and the optimizer's state, and waits for the device; steps that are not given to it cost nothing. A step is to do the
 * same when it is repeated: draw its batch outside of it. Dtypes: floats.
 * ```ts
 * const checked = inspect.detectAnomaly(model, { parts: [optimizer] })
 * for (const [x, y] of loader)
 *   await checked(() => {
 *     optimizer.zeroGrad()
 *     const loss = mseLoss(model.forward(x), y)
 *     loss.backward()
 *     optimizer.step()
 *     return loss
 *   })
 * ```
 * @returns a function that takes a step and returns what the step returns: the loss, so that it is looked at
 * @throws HandgradError if an option is unknown; at the first step if the model is not a module, a part has no
 *   state, or the step is not a function
 */
export function detectAnomaly(model: Module, options?: AnomalyOptions): <T>(step: () => T | Promise<T>) => Promise<T> {
  optionsOf('detectAnomaly', options, { parts: [] })
  let n = 0
  // Asked for once: an import costs a small step's time even of what is loaded.
  let loading: ReturnType<typeof load> | undefined
  return async (step) => (await (loading ??= load())).watched(model, options, ++n, step)
}

/**
 * Scale, zeros, and share at the ends of what each layer makes of an input: its text is a table, `.plot()` draws the
 * scale over the layers, `.rows` has the numbers. The model runs once, in its present mode; running statistics and
 * random state stay. Dtypes: floats.
 * @throws HandgradError if the model is not a module or an input not a tensor, and as `forward`
 */
export async function activations(model: Trainable, ...inputs: Tensor[]): Promise<Flow<ActivationRow>> {
  return (await load()).activations(model, ...inputs)
}

/**
 * Scale and zeros of the gradients that backward left, parameter by parameter, beside the scale of the weights; table
 * and plot as of {@link activations}. Dtypes: floats.
 * @throws HandgradError if the model is not a module, or no parameter has a gradient
 */
export async function gradientFlow(model: Module): Promise<Flow<GradientRow>> {
  return (await load()).gradientFlow(model)
}

/**
 * Compare a gradient worked out by hand with `x.grad`, element by element: |mine − grad| ≤ atol + rtol·|grad|.
 * ```ts
 * console.log(`w: ${await inspect.checkGrad(w, mine)}`) // w: exact: true | approximate: true | maxdiff: 0
 * ```
 * @param x     what backward() gave a `.grad`. Dtypes: floats.
 * @param mine  a tensor, or lists of numbers, in x's shape
 * @throws HandgradError with the elements that differ and both values of each, if any does by more than the tolerance;
 *   if x has no gradient, or mine is not of its shape
 */
export async function checkGrad(x: Tensor, mine: Tensor | Numbers, options?: CheckGradOptions): Promise<GradCheck> {
  return (await import('./checkgrad.ts')).checkGrad(x, mine, options)
}

/**
 * Run a training step, and keep each moment of it: every value as it is computed, every gradient as it arrives with
 * what it is the sum of, every parameter that changes. The step is the program's own: optimizer, loss.backward() and
 * all. The loss comes from an op: of what `customGrad` made, the rule is seen where an op took it. Nothing else should
 * run meanwhile. Copies every value: for looking, not for training loops.
 * ```ts
 * const recording = await inspect.record(() => {
 *   const loss = model.forward(x).sub(y).square().mean()
 *   loss.backward()
 *   optimizer.step()
 * })
 * await writeFile('step.html', recording.toHTML())
 * ```
 * @throws HandgradError if the step runs no backward or several, has more than 300 nodes and no modules to fold, or
 *   `names` are not tensors
 */
export async function record(step: () => unknown, options?: RecordOptions): Promise<Recording> {
  return (await import('./record/record.ts')).record(step, options)
}
