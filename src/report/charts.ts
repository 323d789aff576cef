/**
 * @file Charts as SVG, by hand: lines with axes and a legend, and a matrix of counts. Colours are the page's variables.
 */
import { escapeMarkup } from '../text/markup.ts'

export interface Line {
  readonly name: string
  readonly x: readonly number[]
  readonly y: readonly number[]
  /** A CSS colour. */
  readonly color: string
  /** Thin and pale: the raw values behind a smooth line. */
  readonly faint?: boolean
  /** Dots at the values. */
  readonly dots?: boolean
}

export interface ChartOptions {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** Logarithmic values. */
  readonly log?: boolean
  /** Text of a value on the vertical axis. */
  readonly format?: (v: number) => string
}

const WIDTH = 560
const HEIGHT = 320
const LEFT = 74
const RIGHT = 14
const TOP = 14
const BOTTOM = 44

const round = (v: number): number => Math.round(v * 10) / 10

/** About `count` round numbers from low to high: multiples of 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low || 1) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}

/** 1, 2 and 5 times powers of ten from low to high; powers alone where these are many, round numbers where few. */
function logTicks(low: number, high: number): number[] {
  const all: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const m of [1, 2, 5]) all.push(Number((m * 10 ** power).toPrecision(3)))
  }
  const inside = all.filter((v) => v >= low * 0.999 && v <= high * 1.001)
  if (inside.length < 3) return ticks(low, high, 5)
  return inside.length > 9 ? inside.filter((v) => Number.isInteger(Math.round(Math.log10(v) * 1e9) / 1e9)) : inside
}

/** A line chart; values that are not finite (or, with `log`, not positive) are left out. */
export function lineChart(lines: readonly Line[], options: ChartOptions): string {
  const { title, xLabel, yLabel, log = false, format = String } = options
  const fits = (v: number) => Number.isFinite(v) && (!log || v > 0)
  const ys = lines.flatMap(({ y }) => y.filter(fits))
  const xs = lines.flatMap(({ x }) => x)
  if (ys.length === 0) return `<p>${escapeMarkup(title)}: no finite values</p>`
  const bounds = (list: readonly number[]) =>
    list.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity])
  const [xLow, xHigh] = bounds(xs)
  const [yLow, yHigh] = bounds(ys)
  const scale = log ? Math.log : (v: number) => v
  // A line that stays at one value lies between 0 and twice as much.
  const pad = 0.05 * (scale(yHigh) - scale(yLow)) || (log ? 0.05 : Math.abs(yLow) || 1)
  const [bottom, top] = [scale(yLow) - pad, scale(yHigh) + pad]
  const px = (v: number) => round(LEFT + (xLow === xHigh ? 0.5 : (v - xLow) / (xHigh - xLow)) * (WIDTH - LEFT - RIGHT))
  const py = (v: number) => round(TOP + ((top - scale(v)) / (top - bottom)) * (HEIGHT - TOP - BOTTOM))

  const yTicks = log ? logTicks(Math.exp(bottom), Math.exp(top)) : ticks(bottom, top, 6)
  const grid = yTicks.map(
    (v) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${py(v)}" y2="${py(v)}" class="grid"/><text x="${LEFT - 8}" y="${py(v) + 4}" text-anchor="end">${escapeMarkup(format(v))}</text>`,
  )
  // Steps and epochs are whole.
  const xTicks = ticks(xLow, xHigh, 6).filter(Number.isInteger)
  const below = xTicks.map(
    (v) => `<text x="${px(v)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${v.toLocaleString('en-US')}</text>`,
  )
  const paths = lines.map(({ x, y, color, faint, dots }) => {
    const points = x.map((v, i) => [v, y[i]] as const).filter(([, v]) => fits(v))
    const path = points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${px(a)} ${py(b)}`).join('')
    const marks = dots
      ? points.map(
          ([a, b]) =>
            `<circle cx="${px(a)}" cy="${py(b)}" r="3.5" style="fill:${color}"><title>${escapeMarkup(`${a}: ${format(b)}`)}</title></circle>`,
        )
      : []
    return `<path d="${path}" style="fill:none;stroke:${color};stroke-width:${faint ? 1 : 2.2};opacity:${faint ? 0.28 : 1};stroke-linejoin:round"/>${marks.join('')}`
  })
  const named = lines.filter(({ faint }) => !faint)
  const legend = named.map(({ name, color }) => `<span><i style="background:${color}"></i>${escapeMarkup(name)}</span>`)
  return [
    `<figure><figcaption>${escapeMarkup(title)}<span class="legend">${named.length > 1 ? legend.join('') : ''}</span></figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" class="chart" role="img" aria-label="${escapeMarkup(title)}">`,
    ...grid,
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}" class="axis"/>`,
    ...below,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle" class="label">${escapeMarkup(xLabel)}</text>`,
    `<text transform="translate(13 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle" class="label upright">${escapeMarkup(yLabel)}</text>`,
    ...paths,
    '</svg></figure>',
  ].join('\n')
}

/** What is wider than the page, in a box that scrolls, also by keys. */
export const scrolled = (label: string, body: string, look = ''): string =>
  `<div class="scrolled ${look}" role="region" aria-label="${escapeMarkup(label)}" tabindex="0">${body}</div>`

const heads = (names: readonly string[]): string =>
  names.map((name) => `<th scope="col"><span>${escapeMarkup(name)}</span></th>`).join('')

/** Rows of texts, of which the first is what the row is about. */
export function tableChart(label: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map(([name, ...cells]) => {
    const rest = cells.map((text) => `<td>${escapeMarkup(text)}</td>`)
    return `<tr><th scope="row">${escapeMarkup(name)}</th>${rest.join('')}</tr>`
  })
  const table = `<table class="plain"><thead><tr>${heads(head)}</tr></thead><tbody>${body.join('')}</tbody></table>`
  return scrolled(label, table)
}

/** Counts as a table of shaded cells: the diagonal in one colour, mistakes in another, each by its share of the row. */
export function matrixChart(counts: readonly (readonly number[])[], names: readonly string[]): string {
  const worst = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => j !== i)))
  const rows = counts.map((row, i) => {
    const total = row.reduce((a, b) => a + b, 0) || 1
    const cells = row.map((n, j) => {
      const share = i === j ? n / total : n / worst
      const shade = n === 0 ? 0 : Math.round(12 + 78 * (i === j ? share ** 3 : share))
      const title = `${n.toLocaleString('en-US')} of ${names[i]} taken for ${names[j]} (${((100 * n) / total).toFixed(2)} %)`
      return `<td class="${i === j ? 'right' : 'wrong'}" style="--shade:${shade}%" title="${escapeMarkup(title)}">${n === 0 ? '' : n}</td>`
    })
    return `<tr><th scope="row"><span>${escapeMarkup(names[i])}</span></th>${cells.join('')}</tr>`
  })
  const look = names.some((name) => name.length > 3) ? 'matrix named' : 'matrix'
  const table = `<table class="${look}" style="min-width:${26 * names.length}px"><thead><tr><td></td>${heads(names)}</tr></thead><tbody>${rows.join('')}</tbody></table>`
  return scrolled('the confusion matrix', table)
}
