/** @file What layers share: their type, options and how these are printed, and checks of sizes and inputs. */
import type { Device, DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { checkNumbers } from '../ops/base/arguments.ts'
import { parametersOf } from '../ops/base/options.ts'
import { Module } from './module.ts'

/** A module of one tensor in, one out: what Sequential takes. */
export interface Layer extends Module {
  /** What the layer computes. */
  forward(x: Tensor): Tensor
}

/** Where and as what a layer makes its parameters. */
export interface LayerOptions {
  /** Default: the default device. */
  device?: Device
  /** Default: float32. */
  dtype?: DType
}

/** The defaults of {@link LayerOptions}, for `optionsOf`. */
export const nowhere = { device: undefined, dtype: undefined }

/** What a layer makes of x, which must be a tensor. @param which  the layer, in errors */
export function outputOf(op: string, which: string, layer: Layer, x: Tensor): Tensor {
  const y: unknown = layer.forward(x)
  if (!(y instanceof Tensor))
    fail(op, `${which}, ${layer.constructor.name}, gave ${describe(y)}`, 'return a tensor from its forward(x), at once')
  return y
}

/** A size that a layer is made with. @throws HandgradError in the name of `op` if it is not an integer from `low` up */
export function size(op: string, name: string, n: number, low = 1): number {
  if (!Number.isSafeInteger(n) || n < low) fail(op, `${name} is ${describe(n)}`, `give an integer from ${low} up`)
  return n
}

/** An option as sizes of axes: one number for all, or one for each. @returns one for each */
export function axes(op: string, name: string, value: unknown, dims: number, low: number): number[] {
  const list: unknown[] = Array.isArray(value) ? value : new Array(dims).fill(value)
  if (list.length !== dims || list.some((n) => !Number.isSafeInteger(n) || (n as number) < low)) {
    const given = Array.isArray(value) ? `[${value.join(', ')}]` : describe(value)
    fail(op, `${name} is ${given}`, `give an integer from ${low} up${dims === 2 ? ', or [height, width]' : ''}`)
  }
  return list as number[]
}

/** Sizes, then what differs from the defaults, for printing: `1, 8, 3, stride 2, no bias`. */
export function settings(sizes: readonly unknown[], options: object, defaults: object): string {
  const text = (x: unknown): string => (Array.isArray(x) ? `[${x.map(String).join(', ')}]` : String(x))
  const differing = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === Reflect.get(defaults, name) || value instanceof Tensor) return []
    if (typeof value === 'boolean') return value ? name : `no ${name}`
    return `${name} ${typeof value === 'function' ? value.name : text(value)}`
  })
  return [...sizes.map(text), ...differing].join(', ')
}

/** A layer that is its sizes and options, which its function takes. */
export abstract class Configured<O extends object> extends Module {
  /** What it was made with, defaults filled in. */
  readonly options: Readonly<O>
  private readonly text: string

  constructor(options: O, defaults: object, ...sizes: readonly unknown[]) {
    super()
    this.options = options
    this.text = settings(sizes, options, defaults)
  }

  protected override sizes(): string {
    return this.text
  }
}

/** Options by position or by name, numbers checked, and their defaults. */
export function named<O extends object>(op: string, given: readonly unknown[], defaults: O): [options: O, defaults: O] {
  const options = parametersOf(op, given, defaults)
  checkNumeric(op, options, defaults)
  return [options, defaults]
}

/** Options whose default is a number are numbers. */
export function checkNumeric(op: string, options: object, defaults: object): void {
  for (const [name, value] of Object.entries(options))
    if (typeof Reflect.get(defaults, name) === 'number') checkNumbers(op, { [name]: value })
}

/** The fields of a layer, parts under PyTorch's names: what is in `runningMean` is saved as `running_mean`. */
export const inSnakeCase = (layer: Module): [string, unknown][] =>
  Object.entries(layer).map(([name, value]) => [
    value instanceof Tensor || value instanceof Module
      ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      : name,
    value,
  ])

/** A module with modules in it that are saved under PyTorch's names: `selfAttn` as `self_attn`. */
export abstract class SnakeCased extends Module {
  protected override fields(): Iterable<[string, unknown]> {
    return inSnakeCase(this)
  }

  protected override put(name: string, module: Module): void {
    super.put(
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      module,
    )
  }
}

/** Why a layer over channels does not take x, if it does not. @param forms  what is taken, of each number of axes */
export function channelFault(
  x: Tensor,
  channels: number,
  forms: Readonly<Record<number, string>>,
): [what: string, todo: string] | undefined {
  const form = forms[x?.ndim]
  const todo = `give ${Object.values(forms).join(' or ')}`
  if (!(x instanceof Tensor)) return undefined
  if (!form) return [`x is ${showShape(x.shape)}`, todo]
  const at = form.split(', ').findIndex((name) => /^\[?channels\]?$/.test(name))
  if (x.shape[at] === channels) return undefined
  return [`x is ${showShape(x.shape)}, with ${x.shape[at]} channels, not ${channels}`, todo]
}
