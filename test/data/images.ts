/** @file Replays test/reference/data/augment.json: images as SciPy and NumPy change them by own random numbers. */
import { readFileSync } from 'node:fs'
import * as transforms from '../../src/data/transforms.ts'
import { type Device, type Tensor, tensor } from '../../src/index.ts'
import type { Any } from '../support/refusals.ts'

export interface ImageCase {
  readonly augmentation: string
  readonly options: Any
  readonly key: transforms.BatchKey
  readonly shape: readonly number[]
  readonly x: readonly number[]
  readonly labels?: readonly number[]
  readonly probabilities?: readonly (readonly number[])[]
  readonly y: readonly number[]
  readonly out: readonly number[]
}

const file = new URL('../reference/data/augment.json', import.meta.url)
export const imageCases: readonly ImageCase[] = JSON.parse(readFileSync(file, 'utf8'))

const classes = transforms as Any

/** An augmentation of a case. */
export function augmentationOf({ augmentation, options }: ImageCase): transforms.Augmentation {
  const made = ([name, own]: [string, object]) => new classes[name](own)
  if (augmentation === 'Compose') return new transforms.Compose(options.map(made))
  if (augmentation === 'RandomApply') return new transforms.RandomApply(made(options[0]), { p: options[1] })
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

/** Everything that moves, covers or colours images, on larger ones. */
export const lots = (channels: number): transforms.Augmentation =>
  new transforms.Compose([
    new transforms.RandomAffine({
      degrees: 30,
      translate: 0.1,
      scale: [0.8, 1.2],
      shear: 10,
      paddingMode: 'reflection',
    }),
    new transforms.ElasticTransform({ alpha: 12, sigma: 2.5, paddingMode: 'border' }),
    new transforms.RandomAffine({ degrees: 180, scale: [0.3, 3] }),
    new transforms.RandomContrast({ factor: 0.7 }),
    new transforms.RandomBrightness({ factor: 0.5 }),
    new transforms.GaussianNoise({ std: 0.2, clip: [-3, 3] }),
    new transforms.RandomApply(new transforms.RandomErasing({ value: channels })),
  ])

/** What bits differ from those that all devices give: of the cases, and of images with much done to them. */
export async function bitsOf(device: Device): Promise<string> {
  const found = [...(await imageBits(device)).values()]
  for (const [channels, height, width] of [
    [1, 28, 28],
    [3, 33, 20],
  ]) {
    const shape = [8, channels, height, width]
    const x = Float32Array.from({ length: 8 * channels * height * width }, (_, i) =>
      Math.fround(((i * 7919) % 1009) / 500 - 1),
    )
    const key = { seed: 42, epoch: 1, indices: [9, 8, 7, 6, 5, 4, 3, 2] }
    const values = (await lots(channels).batch(tensor(x, { shape, device }), key).data()) as Float32Array
    found.push(new Uint32Array(values.slice().buffer))
  }
  // FNV-1a by words.
  const sums = found.map((words) => words.reduce((hash, word) => Math.imul(hash ^ word, 16777619) >>> 0, 2166136261))
  return sums
    .map((sum, i) => (sum === BITS[i] ? '' : `${i}: ${sum}`))
    .filter(Boolean)
    .join('\n')
}

/** The bits of each case in float32, as a hash. */
const BITS: readonly number[] = [
  1276762582, 699123351, 2792751329, 1034492194, 1794421081, 2812819588, 2374765164, 437554941, 1869902221, 4205417663,
  1065237459, 3397919637, 2784568213, 2094215493, 3972843159, 3386769285, 3177221885, 832278269, 3347003845, 765955837,
  2108623055, 2001364790, 1277237310, 171415434, 3165719920, 11670257, 918096283, 2333943025, 3563259940, 117336387,
  1403915652, 1087075037, 1567713600, 1267941525, 3353440613, 3633758827, 3592820114, 1450667493, 2579908454,
]
