/** @file Two logarithmic axes as SVG. A chart is drawn twice, for wide and for narrow screens, so that letters stay. */
import { escapeMarkup } from '../../text/markup.ts'
import { Labels, widthOf } from './labels.ts'

export interface Layout {
  readonly name: 'wide' | 'narrow'
  readonly width: number
  readonly height: number
}

/** Shown from 620 pixels up, and below (look.ts); of small charts beside each other the narrow one alone. */
export const LAYOUTS: readonly Layout[] = [
  { name: 'wide', width: 720, height: 430 },
  { name: 'narrow', width: 340, height: 360 },
]

export interface Axis {
  readonly label: string
  readonly low: number
  readonly high: number
  readonly format: (value: number) => string
  /** Numbers to be written; default: powers of ten, and 2 and 5 times them where these are few. */
  readonly ticks?: readonly number[]
}

export interface Axes {
  readonly px: (value: number) => number
  readonly py: (value: number) => number
  /** What is drawn below everything. */
  readonly svg: string
  readonly labels: Labels
  readonly right: number
}

const [LEFT, RIGHT, TOP, BOTTOM] = [58, 12, 10, 42] as const

const round = (v: number): number => Math.round(v * 10) / 10

/** Values at which an axis is marked, powers of ten first: they have room before others. */
export function decades(low: number, high: number): number[] {
  const found = [1, 5, 2].map((m) => {
    const powers: number[] = []
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      const value = Number((m * 10 ** power).toPrecision(3))
      if (value >= low * 0.999 && value <= high * 1.001) powers.push(value)
    }
    return powers
  })
  return found[0].length > 3 ? found[0] : found.flat()
}

/** A value and its like on both sides where all are the same, so that an axis has a length. */
export function around2(values: readonly number[], room: number): readonly [number, number] {
  const finite = values.filter((v) => v > 0 && Number.isFinite(v))
  return [Math.min(...finite) / room, Math.max(...finite) * room]
}

export function axes({ width, height }: Layout, x: Axis, y: Axis): Axes {
  const [right, bottom] = [width - RIGHT, height - BOTTOM]
  const along = (axis: Axis, v: number) => Math.log(v / axis.low) / Math.log(axis.high / axis.low)
  const px = (v: number) => round(LEFT + along(x, v) * (right - LEFT))
  const py = (v: number) => round(bottom - along(y, v) * (bottom - TOP))
  const parts: string[] = []
  const numbers: (readonly [number, number])[] = []
  for (const v of x.ticks ?? decades(x.low, x.high)) {
    const text = x.format(v)
    const half = widthOf(text) / 2 + 4
    const [from, to] = [px(v) - half, px(v) + half]
    if (to > width || numbers.some(([a, b]) => from < b && a < to)) continue
    numbers.push([from, to])
    parts.push(
      `<path class="grid" d="M${px(v)} ${TOP}V${bottom}"/><text x="${px(v)}" y="${bottom + 15}" text-anchor="middle">${escapeMarkup(text)}</text>`,
    )
  }
  const heights: number[] = []
  for (const v of y.ticks ?? decades(y.low, y.high)) {
    if (heights.some((at) => Math.abs(at - py(v)) < 16)) continue
    heights.push(py(v))
    parts.push(
      `<path class="grid" d="M${LEFT} ${py(v)}H${right}"/><text x="${LEFT - 6}" y="${py(v) + 4}" text-anchor="end">${escapeMarkup(y.format(v))}</text>`,
    )
  }
  parts.push(
    `<path class="axis" d="M${LEFT} ${TOP}V${bottom}H${right}"/>`,
    `<text class="name" x="${(LEFT + right) / 2}" y="${height - 8}" text-anchor="middle">${escapeMarkup(x.label)}</text>`,
  )
  const labels = new Labels({ x: LEFT + 2, y: TOP, width: right - LEFT - 2, height: bottom - TOP })
  return { px, py, svg: parts.join(''), labels, right }
}
