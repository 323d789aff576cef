/**
 * @file Augmentations: SciPy's values, the same bits on every device, a sample's own random numbers, gradients, and
 * what is refused.
 */
import { describe, expect, it } from 'vitest'
import * as transforms from '../../src/data/transforms.ts'
import {
  add,
  CpuDevice,
  device,
  getDefaultDevice,
  gradcheck,
  memory,
  mul,
  scope,
  type Tensor,
  tensor,
} from '../../src/node.ts'
import { type Any, ints, type Refusal, refuse, zeros as z } from '../support/refusals.ts'
import { augmentationOf, bitsOf, changed, imageCases, imageFaults, lots } from './images.ts'

const mixing = (one: { labels?: unknown }) => one.labels !== undefined
const key = { seed: 1, epoch: 0, indices: [0, 1, 2] }

describe('values', () => {
  it('are SciPy’s and NumPy’s, from the same random numbers', async () => {
    const cpu = new CpuDevice()
    expect(new Set(imageCases.map((one) => one.augmentation)).size).toBe(14)
    expect(await imageFaults(cpu, 'float64', 1e-10)).toEqual([])
    expect(await imageFaults(cpu, 'float32', 2e-5)).toEqual([])
  })

  it('have the bits that they have everywhere', async () => {
    expect(await bitsOf(new CpuDevice())).toBe('')
  })

  it('of λ are spread as Beta(α, α) says', async () => {
    // The arcsine distribution, and the uniform one: Kolmogorov–Smirnov at 1 %.
    const cdf = { 0.5: (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x)), 1: (x: number) => x }
    const [x, y] = [z(2, 1, 1, 1), tensor([1, 0], { device: getDefaultDevice() })]
    for (const alpha of [0.5, 1] as const) {
      const mix = new transforms.MixUp({ alpha })
      const found: number[] = []
      for (let epoch = 0; epoch < 400; epoch++) {
        const [first, second] = await mix.batch([x, y], { seed: 5, epoch, indices: [0, 1] })[1].data()
        found.push(first, 1 - second)
      }
      const off = found.sort((a, b) => a - b).map((value, i) => Math.abs(cdf[alpha](value) - (i + 0.5) / found.length))
      expect(Math.max(...off)).toBeLessThan(1.63 / Math.sqrt(found.length))
    }
  })
})

describe('a sample’s change', () => {
  /** Images of a case in another order of the batch, or some of them. */
  const some = (one: (typeof imageCases)[number], rows: readonly number[]) => ({
    ...one,
    key: { ...one.key, indices: rows.map((r) => one.key.indices[r]) },
    shape: [rows.length, ...one.shape.slice(1)],
    labels: one.labels && rows.map((r) => one.labels?.[r] as number),
    x: rows.flatMap((r) => one.x.slice((r * one.x.length) / one.shape[0], ((r + 1) * one.x.length) / one.shape[0])),
  })
  const valuesOf = async (one: (typeof imageCases)[number]) =>
    Promise.all(changed(one, new CpuDevice(), 'float32').map((y) => y.array() as Promise<unknown[]>))

  it('depends on no other one of its batch', async () => {
    const wrong: string[] = []
    for (const one of imageCases.filter((each) => !mixing(each))) {
      const [whole] = await valuesOf(one)
      const [last] = await valuesOf(some(one, [2]))
      const [turned] = await valuesOf(some(one, [2, 0]))
      if (JSON.stringify([whole[2], whole[2], whole[0]]) !== JSON.stringify([last[0], ...turned]))
        wrong.push(one.augmentation)
    }
    expect(wrong).toEqual([])
  })

  it('depends on no order of the batch, where images are mixed', async () => {
    for (const one of imageCases.filter(mixing)) {
      const rows = one.key.indices.length === 2 ? [1, 0] : [2, 0, 1, 3, 4].slice(0, one.key.indices.length)
      const [plain, turned] = [await valuesOf(one), await valuesOf(some(one, rows))]
      expect(turned).toEqual(plain.map((each) => rows.map((r) => each[r])))
    }
  })

  it('is another one with another seed, epoch or index', async () => {
    const noise = new transforms.GaussianNoise()
    const of = async (own: Partial<transforms.BatchKey>) =>
      JSON.stringify(await noise.batch(z(1, 1, 2, 2) as Tensor, { seed: 1, epoch: 0, indices: [0], ...own }).array())
    const all = [{}, { seed: 2 }, { seed: 1 + 2 ** 32 }, { epoch: 1 }, { indices: [1] }, { indices: [2 ** 32 - 1] }]
    expect(new Set(await Promise.all(all.map(of))).size).toBe(all.length)
    expect(await of({})).toBe(await of({}))
  })

  it('leaves targets and what comes after them', async () => {
    const x = z(3, 1, 2, 2)
    const [labels, ids] = [tensor([1, 2, 3]), tensor([7, 8, 9])]
    const [, same, also] = new transforms.Compose([
      new transforms.RandomBrightness(),
      new transforms.RandomApply(new transforms.Cutout({ size: 1 })),
    ]).batch([x, labels, ids], key)
    expect([same === labels, also === ids]).toEqual([true, true])
    expect(new transforms.MixUp({ classes: 4 }).batch([x, ints(3), ids], key)[2] === ids).toBe(true)
  })
})

describe('gradients', () => {
  it('pass gradcheck where they are smooth', async () => {
    const cpu = await device('cpu')
    for (const one of imageCases) {
      if (one.options.clip) continue // has kinks
      const x = tensor(Float64Array.from(one.x), { shape: one.shape, dtype: 'float64', device: cpu })
      const y = one.probabilities && tensor(one.probabilities as number[][], { dtype: 'float64', device: cpu })
      const own = augmentationOf(one)
      const f = (...given: Tensor[]) => {
        const parts = own.batch(given as [Tensor], one.key) as Tensor[]
        return parts.map((part) => part.square().sum()).reduce((a, b) => add(a, b))
      }
      expect(await gradcheck(f, y ? [x, y] : [x]), one.augmentation).toMatchObject({ ok: true })
    }
  })
})

describe('an augmentation of one’s own', () => {
  class Dim extends transforms.Augmentation {
    protected images(x: Tensor, draws: transforms.Draws): Tensor {
      return mul(x, Math.min(...draws.each((random) => random.uniform())))
    }
  }
  it('stands among the others', async () => {
    const y = new transforms.Compose([new transforms.RandomHorizontalFlip(), new Dim('Dim', {})]).batch(
      add(z(3, 1, 1, 1), 1),
      key,
    )
    const alone = new Dim('Dim', {}).batch(add(z(3, 1, 1, 1), 1), key)
    expect(await y.array()).not.toEqual(await alone.array())
    expect((await y.data()).every((value) => value > 0 && value < 1)).toBe(true)
  })
})

describe('memory', () => {
  it('is what it was after a scope', () => {
    const x = z(4, 3, 9, 9)
    const before = memory(x.device).live
    scope(() => void lots(3).batch(x, { seed: 1, epoch: 0, indices: [0, 1, 2, 3] }))
    expect(memory(x.device).live).toBe(before)
  })
})

const flip = new transforms.RandomHorizontalFlip()
const loose = transforms as Any
const cases: readonly Refusal[] = [
  [() => flip.batch(z(3, 4), key), 'RandomHorizontalFlip: x is [3, 4] (give [batch, channels, height, width])'],
  [
    () => flip.batch(z(3, 1, 0, 4), key),
    'RandomHorizontalFlip: x is [3, 1, 0, 4] (give [batch, channels, height, width])',
  ],
  [
    () => flip.batch(ints(3, 1, 2, 2), key),
    "RandomHorizontalFlip: x is int32, not float32 or float64 (cast with x.to('float32'))",
  ],
  [() => (flip as Any).batch([], key), 'RandomHorizontalFlip: x is undefined, not a tensor (make it with tensor(…))'],
  [() => flip.batch([z(3, 1, 2, 2), z(2)], key), 'RandomHorizontalFlip: targets are [2] for 3 images'],
  [() => (flip as Any).batch(z(3, 1, 2, 2)), 'RandomHorizontalFlip: seed is undefined (give an integer)'],
  [
    () => (flip as Any).batch(z(3, 1, 2, 2), { ...key, epochs: 1 }),
    'RandomHorizontalFlip: there is no option epochs (did you mean epoch? it takes { seed, epoch, indices })',
  ],
  [
    () => flip.batch(z(3, 1, 2, 2), { ...key, seed: -1 }),
    'RandomHorizontalFlip: seed is -1 (give a finite number from 0 to 9007199254740991)',
  ],
  [() => flip.batch(z(3, 1, 2, 2), { ...key, epoch: 0.5 }), 'RandomHorizontalFlip: epoch is 0.5 (give an integer)'],
  [
    () => flip.batch(z(3, 1, 2, 2), { ...key, indices: [1, 2] }),
    'RandomHorizontalFlip: indices are an array of 2 (give those of 3 samples)',
  ],
  [
    () => flip.batch(z(3, 1, 2, 2), { ...key, indices: [1, 2, -1] }),
    'RandomHorizontalFlip: an index is -1 (give a finite number from 0 to 4294967295)',
  ],
  [
    () => (flip as Any).batch(z(3, 1, 2, 2), { ...key, indices: 3 }),
    'RandomHorizontalFlip: indices are 3 of undefined (give those of 3 samples)',
  ],
  [() => new transforms.RandomVerticalFlip({ p: 2 }), 'RandomVerticalFlip: p is 2 (give a finite number from 0 to 1)'],
  [
    () => new loose.RandomAffine({ angle: 3 }),
    'RandomAffine: there is no option angle (it takes { degrees, translate, scale, shear, mode, paddingMode })',
  ],
  [() => new transforms.RandomAffine({ degrees: -3 }), 'RandomAffine: degrees is [3, -3] (give [low, high])'],
  [
    () => new transforms.RandomAffine({ degrees: 400 }),
    'RandomAffine: degrees is -400 (give a finite number from -360 to 360)',
  ],
  [
    () => new transforms.RandomAffine({ translate: 2 }),
    'RandomAffine: translate is -2 (give a finite number from -1 to 1)',
  ],
  [
    () => new transforms.RandomAffine({ scale: [0, 1] }),
    'RandomAffine: scale is 0 (give a finite number from 0.001 to 1000)',
  ],
  [
    () => new transforms.RandomAffine({ shear: 90 }),
    'RandomAffine: shear is -90 (give a finite number from -89 to 89)',
  ],
  [() => new loose.RandomAffine({ scale: 2 }), 'RandomAffine: scale is 2 (give [low, high])'],
  [() => new loose.RandomAffine({ mode: 'cubic' }), "RandomAffine: mode is 'cubic' ('bilinear' or 'nearest')"],
  [
    () => new loose.ElasticTransform({ paddingMode: 'wrap' }),
    "ElasticTransform: paddingMode is 'wrap' ('zeros', 'border' or 'reflection')",
  ],
  [
    () => new transforms.ElasticTransform({ sigma: 0 }),
    'ElasticTransform: sigma is 0 (give a finite number from 0.01 to 1000)',
  ],
  [
    () => new transforms.ElasticTransform({ alpha: Number.NaN }),
    'ElasticTransform: alpha is NaN (give a finite number from 0)',
  ],
  [() => new loose.RandomCrop(), 'RandomCrop: size is undefined (give an integer)'],
  [() => new transforms.RandomCrop({ size: 0 }), 'RandomCrop: size is 0 (give a finite number from 1 to 2147483647)'],
  [
    () => new transforms.RandomCrop({ size: 5 }).batch(z(3, 1, 4, 6), key),
    'RandomCrop: size is 5, the images 4 × 6 (give padding)',
  ],
  [() => new loose.Cutout({ size: 2.5 }), 'Cutout: size is 2.5 (give an integer)'],
  [
    () => new transforms.RandomErasing({ scale: [0.5, 2] }),
    'RandomErasing: scale is 2 (give a finite number from 0 to 1)',
  ],
  [() => new transforms.RandomErasing({ ratio: [3, 2] }), 'RandomErasing: ratio is [3, 2] (give [low, high])'],
  [
    () => new transforms.RandomBrightness({ factor: [-1, 2] }),
    'RandomBrightness: factor is -1 (give a finite number from 0 to 1000)',
  ],
  [() => new transforms.RandomContrast({ clip: [1, 0] }), 'RandomContrast: clip is [1, 0] (give [low, high])'],
  [() => new transforms.GaussianNoise({ std: -1 }), 'GaussianNoise: std is -1 (give a finite number from 0)'],
  [() => new transforms.MixUp({ alpha: 0 }), 'MixUp: alpha is 0 (give a finite number from 0.001 to 1000)'],
  [() => new transforms.MixUp().batch(z(3, 1, 2, 2), key), 'MixUp: there are no targets (give [images, targets])'],
  [
    () => new transforms.CutMix().batch([z(3, 1, 2, 2), ints(3)], key),
    'CutMix: targets are classes (give { classes }, how many there are)',
  ],
  [() => new loose.Compose([]), 'Compose: the steps are an array (give an array of augmentations)'],
  [() => new loose.Compose([flip, 3]), 'Compose: the steps are an array (give an array of augmentations)'],
  [() => new loose.RandomApply(flip, 0.5), 'RandomApply: the options are 0.5 (it takes { p })'],
]

describe('refusals', () => {
  refuse(cases)

  it('say what steps change that cannot be chosen for some images', () => {
    const apply = new transforms.RandomApply(new transforms.RandomCrop({ size: 1 }))
    const text = 'RandomApply: float32 [3, 1, 2, 2] becomes float32 [3, 1, 1, 1] (use steps that keep both)'
    expect(() => apply.batch(z(3, 1, 2, 2), key)).toThrow(text)
  })
})
