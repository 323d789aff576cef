/** @file What suites share: matrices that fill a device, and gradients alone, without the way there. */
import type { Device } from '../../core/device.ts'
import type { Tensor } from '../../core/tensor.ts'
import { grad } from '../../index.ts'
import { type Case, inTwo, type Scale } from '../case.ts'
import { uniform } from '../numbers.ts'

/** Bytes of an element. */
export const WORD = 4

export const COLS = 1024
/** One of three, by scale. */
export const at = <T>(scale: Scale, tiny: T, small: T, large: T): T => ({ tiny, small, large })[scale]

/** Rows of 1024 columns: 2 MiB, or 64 MiB, more than the last cache of most GPUs. */
export const rowsAt = (scale: Scale): number => at(scale, 64, 512, 16384)

export const productOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Inputs of these shapes, each with numbers of its own. */
export const inputsOf =
  (...shapes: readonly (readonly number[])[]) =>
  (device: Device, seed: number): Tensor[] =>
    shapes.map((shape, i) => uniform(shape, shapes.length * seed + i, device))

/** A case of one tensor. */
export const ofOne = (
  name: string,
  shape: readonly number[],
  run: (x: Tensor) => Tensor,
  rest: Pick<Case, 'bytes'> & Partial<Case>,
): Case => ({ name, inputs: inputsOf(shape), run: ([x]) => run(x), ...rest })

/**
 * The gradients of Σ f(x, …)·g by the inputs x that ask for one; the last input is the cotangent g. The way forward is
 * made ready once, so that a run goes back only.
 */
export const backward = (f: (...xs: Tensor[]) => Tensor): Pick<Case, 'run' | 'ready'> =>
  inTwo((inputs) => {
    const [xs, g] = [inputs.slice(0, -1), inputs[inputs.length - 1]]
    const y = f(...xs)
    const wanted = xs.filter((x) => x.requiresGrad)
    return () => grad([y], wanted, { gradOutputs: [g], retainGraph: true })
  })
