/**
 * @file Gradient checking, as a public tool and as the engine's own proof: analytic gradients against central
 * differences in float64, along random directions. A cotangent of ones would hide bugs (the gradient of Σ softmax is 0
 * whatever the rule does), so the outputs are weighted by random numbers.
 */

import { describe, fail } from '../core/errors.ts'
import { enableGrad, noGrad } from '../core/graph.ts'
import { tensorOf } from '../core/launch.ts'
import { Philox } from '../core/philox.ts'
import { openScope } from '../core/scope.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { grad } from '../core/walk.ts'
import { cpu } from '../devices.ts'
import { checkTensor } from '../ops/base/arguments.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach } from '../ops/base/views.ts'
import { mul, sum } from '../ops/index.ts'

/** How finely {@link gradcheck} looks. */
export interface GradcheckOptions {
  /** Largest accepted relative error. Default 1e-6 (first order), 1e-5 (second). */
  tolerance?: number
  /** Random directions tried. Default 3. */
  directions?: number
  /** Step of the central difference, times max(1, |x|). Default 1e-6 (first order), 1e-5 (second). */
  step?: number
  /** Seed of directions and cotangents. Default 0. */
  seed?: number
}

/** What {@link gradcheck} found. */
export interface GradcheckResult {
  readonly ok: boolean
  /** |analytic − numeric| / max(1, |analytic|, |numeric|), the worst of all directions. */
  readonly worst: number
}

/** A function of tensors, with one result or several. */
export type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[]

function list(y: Tensor | readonly Tensor[]): readonly Tensor[] {
  const all = Array.isArray(y) ? y : [y]
  for (const one of all) checkTensor('gradcheck', 'the result of f', one)
  if (!all.some(isFloat64)) {
    const given = all.map((one) => one.dtype).join(', ') || 'an empty list'
    fail('gradcheck', `the result of f is ${given}`, 'one of its results must be float64')
  }
  return all
}
const isFloat64 = (x: Tensor): boolean => x.dtype === 'float64'

/**
 * Check the gradient of f at float64 CPU inputs: for random directions u and cotangents v, compare v·(f(x+hu) −
 * f(x−hu))/2h with (vᵀJ)·u. Central differences leave about 1e-10 of noise, so a miss at 1e-6 is a bug or a kink (keep
 * inputs 10 h away from those).
 * @param f       a function of tensors, differentiable near the inputs, the same at every call
 * @param inputs  float64 on the CPU; others are passed on as constants
 * @throws HandgradError with the worst element of the Jacobian if an error exceeds the tolerance; if two calls of f
 *   differ, as those of a random function do; or if no input is a float64 tensor
 * @see Baydin et al. 2018, section 2; PyTorch's fast gradcheck
 */
export async function gradcheck(
  f: Fn,
  inputs: readonly Tensor[],
  options?: GradcheckOptions,
): Promise<GradcheckResult> {
  const given = optionsOf('gradcheck', options, { tolerance: 1e-6, directions: 3, step: 1e-6, seed: 0 })
  const { tolerance, directions, step, seed } = given
  checkArguments('gradcheck', f, inputs)
  using s = openScope()
  const random = new Philox(seed)
  const points = await Promise.all(inputs.map((x) => x.data()))
  const weights = await outputWeights(f, inputs, random)

  /** The scalar that is differentiated: Σ v ⊙ f. */
  const scalar = (xs: Tensor[]): Tensor => {
    const parts = list(f(...xs)).flatMap((y, i) =>
      isFloat64(y) ? [sum(mul(y, tensorOf(weights[i], y.shape, 'float64', cpu, 'gradcheck')))] : [],
    )
    return parts.reduce((a, b) => a.add(b))
  }
  const valueAt = (move: (i: number, j: number) => number): Promise<number> => {
    const y = s.run(() =>
      noGrad(() =>
        scalar(
          inputs.map((x, i) =>
            isFloat64(x)
              ? tensorOf(
                  points[i].map((v, j) => v + move(i, j)),
                  x.shape,
                  'float64',
                  cpu,
                  'gradcheck',
                )
              : x,
          ),
        ),
      ),
    )
    return y.item()
  }
  const [once, again] = [await valueAt(() => 0), await valueAt(() => 0)]
  if (!Object.is(once, again))
    fail(
      'gradcheck',
      `f is not the same at every call: of the same inputs Σ v ⊙ f was ${once}, then ${again}`,
      'take randomness out of it, or begin it with manualSeed(…)',
    )
  const gradients = await Promise.all(analytic(s, scalar, inputs).map((g) => g?.data() ?? null))

  let worst = 0
  for (let d = 0; d < directions; d++) {
    const u = points.map((p) => Float64Array.from(p, () => random.normal()))
    const length =
      Math.sqrt(u.reduce((n, part, i) => n + (isFloat64(inputs[i]) ? part.reduce((a, v) => a + v * v, 0) : 0), 0)) || 1
    const h = (i: number, j: number) => (step * Math.max(1, Math.abs(points[i][j])) * u[i][j]) / length
    const [up, down] = [await valueAt(h), await valueAt((i, j) => -h(i, j))]
    // Both sides are per unit of step: h is already the displacement.
    let expected = 0
    gradients.forEach((g, i) => g?.forEach((v, j) => (expected += v * h(i, j))))
    const [analyticSlope, numericSlope] = [expected / step, (up - down) / 2 / step]
    const error = Math.abs(analyticSlope - numericSlope) / Math.max(1, Math.abs(analyticSlope), Math.abs(numericSlope))
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error)
  }
  if (worst > tolerance) {
    const where = await worstElement(inputs, points, gradients, valueAt, step)
    fail(
      'gradcheck',
      `the gradient is off by ${worst.toExponential(2)}, more than ${tolerance}; ${where}`,
      'check the gradient rule, or keep inputs away from kinks',
    )
  }
  return { ok: true, worst }
}

function checkArguments(op: string, f: Fn, inputs: readonly Tensor[]): void {
  if (typeof f !== 'function') fail(op, `f is ${describe(f)}`, 'give a function of tensors')
  if (!Array.isArray(inputs)) fail(op, `the inputs are ${describe(inputs)}`, 'give a list of tensors')
  inputs.forEach((x, i) => checkTensor(op, `input ${i}`, x))
  if (inputs.some(isFloat64)) return
  const given = inputs.map((x) => x.dtype).join(', ') || 'none'
  fail(op, `the inputs are ${given}`, "differences need float64: tensor(data, { dtype: 'float64' })")
}

async function outputWeights(f: Fn, inputs: readonly Tensor[], random: Philox): Promise<Float64Array[]> {
  using s = openScope()
  const ys = s.run(() => noGrad(() => list(f(...inputs))))
  return ys.map((y) => Float64Array.from({ length: y.numel }, () => random.normal()))
}

function analytic(
  s: { run<T>(f: () => T): T },
  scalar: (xs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): (Tensor | null)[] {
  return s.run(() => {
    const leaves = inputs.map((x) => (isFloat64(x) ? detach(x).requiresGrad_() : x))
    const wanted = leaves.filter((x) => x.edge)
    const y = scalar(leaves)
    const found = y.edge ? grad([y], wanted, { gradOutputs: [], allowUnused: true }) : []
    let at = 0
    return leaves.map((x) => (x.edge ? (found[at++] ?? null) : null))
  })
}

/** Only after a failure: one difference per element, to name the worst. */
async function worstElement(
  inputs: readonly Tensor[],
  points: readonly ArrayLike<number>[],
  gradients: readonly (ArrayLike<number> | null)[],
  valueAt: (move: (i: number, j: number) => number) => Promise<number>,
  step: number,
): Promise<string> {
  let text = 'no single element stands out'
  let worst = 0
  for (let i = 0; i < inputs.length; i++) {
    if (!isFloat64(inputs[i])) continue
    for (let j = 0; j < sizeOf(inputs[i].shape); j++) {
      const h = step * Math.max(1, Math.abs(points[i][j]))
      const numeric =
        ((await valueAt((a, b) => (a === i && b === j ? h : 0))) -
          (await valueAt((a, b) => (a === i && b === j ? -h : 0)))) /
        (2 * h)
      const found = gradients[i]?.[j] ?? 0
      const error = Math.abs(numeric - found) / Math.max(1, Math.abs(numeric), Math.abs(found))
      if (error > worst) {
        worst = error
        text = `worst at element ${j} of input ${i} ${showShape(inputs[i].shape)}: rule ${found}, difference ${numeric}`
      }
    }
  }
  return text
}

/**
 * Check second derivatives: {@link gradcheck} of the gradient itself, (x, v) ↦ vᵀJ(x), with the cotangent v an input
 * too.
 * @throws HandgradError as {@link gradcheck}, and the op's own error if it has no second derivative
 */
export async function gradgradcheck(
  f: Fn,
  inputs: readonly Tensor[],
  options?: GradcheckOptions,
): Promise<GradcheckResult> {
  const given = optionsOf('gradgradcheck', options, { tolerance: 1e-5, directions: 3, step: 1e-5, seed: 1 })
  const { tolerance, step, seed, ...rest } = given
  checkArguments('gradgradcheck', f, inputs)
  using s = openScope()
  const random = new Philox(seed)
  const outputs = s.run(() => noGrad(() => list(f(...inputs)))).filter(isFloat64)
  const cotangents = s.run(() =>
    outputs.map((y) =>
      tensorOf(
        Float64Array.from({ length: y.numel }, () => random.normal()),
        y.shape,
        'float64',
        cpu,
        'gradgradcheck',
      ),
    ),
  )
  // The inner gradient needs a graph even where the differences around it run under noGrad.
  const gradient: Fn = (...all) =>
    enableGrad(() => {
      const xs = all.slice(0, inputs.length).map((x) => (isFloat64(x) && !x.edge ? detach(x).requiresGrad_() : x))
      const ys = list(f(...xs)).filter(isFloat64)
      const wanted = xs.filter(isFloat64)
      const found = grad(ys, wanted, { gradOutputs: all.slice(inputs.length), createGraph: true, allowUnused: true })
      return found.map((g, i) => g ?? mul(wanted[i], 0))
    })
  return await gradcheck(gradient, [...inputs, ...cotangents], { tolerance, step, seed, ...rest })
}
