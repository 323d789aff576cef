/** @file Replays test/reference/augment.json: images, as SciPy and NumPy change them from random numbers of their own. */
import { readFileSync } from 'node:fs'
import { type Device, data, type Tensor, tensor } from '../../src/index.ts'
import type { Any } from '../support/refusals.ts'

export interface ImageCase {
  readonly augmentation: string
  readonly options: Any
  readonly key: data.BatchKey
  readonly shape: readonly number[]
  readonly x: readonly number[]
  readonly labels?: readonly number[]
  readonly probabilities?: readonly (readonly number[])[]
  readonly y: readonly number[]
  readonly out: readonly number[]
}

const file = new URL('../reference/augment.json', import.meta.url)
export const imageCases: readonly ImageCase[] = JSON.parse(readFileSync(file, 'utf8'))

const classes = data as Any

/** An augmentation of a case. */
export function augmentationOf({ augmentation, options }: ImageCase): data.Augmentation {
  const made = ([name, own]: [string, object]) => new classes[name](own)
  if (augmentation === 'Compose') return new data.Compose(options.map(made))
  if (augmentation === 'RandomApply') return new data.RandomApply(made(options[0]), { p: options[1] })
  const mixes = ['MixUp', 'CutMix'].includes(augmentation)
  return new classes[augmentation](mixes ? { ...options, classes: 4 } : options)
}

/** What an augmentation makes of a case: images, and probabilities where targets are mixed. */
export function changed(one: ImageCase, device: Device, dtype: 'float32' | 'float64'): Tensor[] {
  const x = tensor(Float64Array.from(one.x), { shape: one.shape, dtype, device })
  const own = augmentationOf(one)
  if (!one.labels) return [own.batch(x, one.key)]
  const labels = tensor(Int32Array.from(one.labels), { device })
  return own.batch([x, labels], one.key)
}

/** What differs from the references by more than `within`. */
export async function imageFaults(device: Device, dtype: 'float32' | 'float64', within: number): Promise<string[]> {
  const faults: string[] = []
  for (const [i, one] of imageCases.entries()) {
    const found = changed(one, device, dtype)
    const wanted = [one.y, one.probabilities?.flat() ?? []]
    for (const [k, y] of found.entries()) {
      const values = await y.data()
      const off = Math.max(...wanted[k].map((value, at) => Math.abs(value - values[at])))
      const fits = values.length === wanted[k].length && y.dtype === dtype && y.device === device
      if (!fits || !(off <= within))
        faults.push(`${i} ${one.augmentation} ${JSON.stringify(one.options)}: off by ${off}`)
    }
    if (String(found[0].shape) !== String(one.out)) faults.push(`${i} ${one.augmentation}: ${found[0].shape}`)
  }
  return faults
}

/** The bits of everything that the cases make, in float32. */
export async function imageBits(device: Device): Promise<Map<string, Uint32Array>> {
  const bits = new Map<string, Uint32Array>()
  for (const [i, one] of imageCases.entries())
    for (const [k, y] of changed(one, device, 'float32').entries()) {
      const values = (await y.data()) as Float32Array
      bits.set(`${i} ${one.augmentation} ${JSON.stringify(one.options)} ${k}`, new Uint32Array(values.slice().buffer))
    }
  return bits
}
