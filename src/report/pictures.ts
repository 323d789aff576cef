/** @file Images on a page: samples with what a classifier takes them for, and the weights of a first layer. */
import { describe, fail } from '../core/errors.ts'
import { numbersOf } from '../core/half.ts'
import { Conv2d, Linear, type Module } from '../nn/index.ts'
import { escapeMarkup } from '../text/markup.ts'
import { checkSize, type JudgedSample } from './judge.ts'
import { type Pixels, pngAddress } from './png.ts'

/** Pixels of the longer side of an image, on the page. */
const SIDE = 84
/** Units of a first layer that are shown. */
const UNITS = 32
/** Below 0 and above it: colours that stand out from a light page and from a dark one. */
const [BELOW, ABOVE] = [
  [59, 130, 246],
  [249, 115, 22],
]

export const percent = (part: number, digits: number): string => `${(100 * part).toFixed(digits)} %`

async function picture(image: Pixels, alt: string): Promise<string> {
  const scale = SIDE / Math.max(image.width, image.height)
  const [width, height] = [image.width, image.height].map((n) => Math.max(1, Math.round(n * scale)))
  return `<img src="${await pngAddress(image)}" alt="${escapeMarkup(alt)}" width="${width}" height="${height}">`
}

/** Refuse what are not samples as `judge` gives them. */
export function checkSamples(op: string, name: string, samples: unknown, classes: number | undefined): void {
  if (samples === undefined) return
  if (!Array.isArray(samples)) fail(op, `${name} is ${describe(samples)}`, 'give what judge gave')
  samples.forEach((sample: Partial<JudgedSample> | null, i) => {
    for (const key of ['index', 'label', 'answer', 'confidence', 'truth'] as const)
      if (typeof sample?.[key] !== 'number')
        fail(op, `${name}[${i}].${key} is ${describe(sample?.[key])}`, 'give what judge gave')
    const { label, answer, image } = sample as JudgedSample
    for (const c of [label, answer])
      if (classes !== undefined && !(c >= 0 && c < classes))
        fail(op, `${name}[${i}] has class ${c}, and there are ${classes}`, 'give classes a name for each')
    if (!image) return
    const { width, height, channels, data } = image
    if (!(data instanceof Uint8Array) || ![1, 3].includes(channels) || data.length !== width * height * channels)
      fail(op, `${name}[${i}].image is not ${width} × ${height} pixels of 1 or 3 bytes`, 'give what judge gave')
  })
}

/** Samples with the answers, and where these are wrong, what is right, with both probabilities. */
export async function samplesChart(
  samples: readonly JudgedSample[],
  called: (label: number) => string,
): Promise<string> {
  const figures = samples.map(async ({ index, label, answer, confidence, truth, image }) => {
    const [right, taken] = [called(label), called(answer)]
    const wrong = label !== answer
    const alt = `sample ${index}: ${right}${wrong ? `, taken for ${taken}` : ''}`
    const shown = image ? await picture(image, alt) : `<small>sample ${index}</small><br>`
    const is = `<br><em>is ${escapeMarkup(right)} <small>${percent(truth, truth < 0.001 ? 3 : 1)}</small></em>`
    const text = `${escapeMarkup(taken)} <small>${percent(confidence, 0)}</small>${wrong ? is : ''}`
    return `<figure class="${wrong ? 'wrong' : 'right'}">${shown}<figcaption>${text}</figcaption></figure>`
  })
  return `<div class="digits">${(await Promise.all(figures)).join('')}</div>`
}

/** A layer whose units have weights that are images, and how many and how large these are. */
export interface Tiles {
  readonly layer: Linear | Conv2d
  readonly units: number
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** The first layer of a model that has weights, as images. @throws HandgradError if they are none */
export function tilesOf(op: string, model: Module | undefined, weights: unknown): Tiles {
  if (weights !== true) checkSize(op, 'weights', weights)
  if (!model) fail(op, 'weights are to be shown of no model', 'give model')
  const [name] = model.namedParameters()[0] ?? []
  const layer = new Map(model.namedModules()).get(name?.split('.').slice(0, -1).join('.') ?? '?')
  if (layer instanceof Conv2d) {
    if (Array.isArray(weights))
      fail(
        op,
        `weights is [${weights.join(', ')}], and the first layer, ${layer.title()}, has a size itself`,
        'give true',
      )
    const [units, channels, height, width] = layer.weight.shape
    return { layer, units, channels, height, width }
  }
  if (!(layer instanceof Linear)) {
    const what = layer ? `first layer with weights, ${layer.title()},` : 'model'
    fail(op, `the ${what} has no weights that are images`, 'Linear and Conv2d have; leave weights out')
  }
  const [units, length] = layer.weight.shape
  if (!Array.isArray(weights))
    fail(op, `weights is true, and the first layer is ${layer.title()}`, `give [height, width] of its ${length} inputs`)
  const [height, width]: readonly number[] = weights
  const channels = length / (height * width)
  if (channels !== 1 && channels !== 3)
    fail(
      op,
      `weights is [${height}, ${width}], and ${layer.title()} has ${length} inputs`,
      'give the size of the images',
    )
  return { layer, units, channels, height, width }
}

/** A tile for each unit: blue below 0, orange above it, transparent at 0; channels stand side by side. */
export async function weightsChart({ layer, units, channels, height, width }: Tiles): Promise<string> {
  const values = await numbersOf(layer.weight)
  const area = height * width
  const shown = Math.min(units, UNITS)
  const across = channels * (width + 1) - 1
  const tiles = Array.from({ length: shown }, async (_, unit) => {
    const own = Float64Array.from(values.subarray(unit * channels * area, (unit + 1) * channels * area))
    const most = own.reduce((max, w) => Math.max(max, Math.abs(w)), 0)
    const data = new Uint8Array(height * across * 4)
    own.forEach((w, i) => {
      const [channel, y, x] = [Math.floor(i / area), Math.floor((i % area) / width), i % width]
      const at = 4 * (y * across + channel * (width + 1) + x)
      data.set([...(w < 0 ? BELOW : ABOVE), Math.round((255 * Math.abs(w)) / most)], at)
    })
    const image = await picture({ width: across, height, channels: 4, data }, `weights of unit ${unit}`)
    return `<figure>${image}<figcaption><small>±${most.toPrecision(2)}</small></figcaption></figure>`
  })
  const which = shown < units ? `the first ${shown} of ${units}` : `all ${units}`
  const scale = 'Blue is below 0, orange above it; each unit has a scale of its own, written below it.'
  return `<p>${escapeMarkup(layer.title())}: the weights of ${which} units. ${scale}</p><div class="digits">${(await Promise.all(tiles)).join('')}</div>`
}
