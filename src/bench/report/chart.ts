/** @file A chart of two logarithmic axes: points that say what they are, lines through them, guides such as roofs. */
import { escapeMarkup } from '../../text/markup.ts'
import { type Axes, type Axis, axes, LAYOUTS, type Layout } from './axes.ts'
import { around, type Place } from './labels.ts'
import { colourOf, dot, shapeOf } from './marks.ts'

export interface Point {
  readonly x: number
  readonly y: number
  /** All that is said of it, when it is pointed at or has the focus. */
  readonly about: string
  /** Beside it, where there is room. */
  readonly label?: string
  /** Its row in the table. */
  readonly href: string
  readonly hollow?: boolean
}

export interface Series {
  readonly name: string
  /** Its colour and shape (marks.ts); default: its place among the series. */
  readonly tone?: number
  readonly dashed?: boolean
  readonly points: readonly Point[]
}

/** A line of the device, not of figures. */
export interface Guide {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly dashed?: boolean
}

export interface LogChart {
  readonly title: string
  /** What the vertical axis is: above it. */
  readonly above: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  readonly guides: readonly Guide[]
  /** Lines through the points of a series. */
  readonly joined?: boolean
  /** What hollow and full points are. */
  readonly key?: string
}

const RADIUS = 4.5

/** Places along a line, from its far end: above it, clear of its slope. */
function along({ px, py }: Axes, { points }: Guide): Place[] {
  const [[x0, y0], [x1, y1]] = [points[0], points[points.length - 1]].map(([x, y]) => [px(x), py(y)] as const)
  const flat = Math.abs(y1 - y0) < 1
  if (flat) return [0, 0.25, 0.5].map((t) => ({ x: x1 - t * (x1 - x0) - 2, y: y1 - 5, anchor: 'end' as const }))
  return [0.08, 0.25, 0.42, 0.6, 0.78].flatMap((t) => {
    const [x, y] = [x0 + t * (x1 - x0), y0 + t * (y1 - y0)]
    return [
      { x: x - 5, y: y - 3, anchor: 'end' as const },
      { x: x + 7, y: y + 12, anchor: 'start' as const },
    ]
  })
}

const text = (label: string, { x, y, anchor }: Place, look: string): string =>
  `<text class="${look}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapeMarkup(label)}</text>`

const path = ({ px, py }: Axes, points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${px(x)} ${py(y)}`).join('')

function drawing(chart: LogChart, layout: Layout): string {
  const { title, above, series, guides, joined } = chart
  const frame = axes(layout, chart.x, chart.y)
  const { px, py, labels } = frame
  for (const { points } of series) for (const { x, y } of points) labels.avoid(px(x), py(y), RADIUS)
  for (const { points } of guides)
    for (const [i, [x, y]] of points.slice(1).entries()) labels.line(px(points[i][0]), py(points[i][1]), px(x), py(y))
  const roofs = guides.map((guide) => {
    const place = labels.put(guide.name, along(frame, guide))
    const look = `guide${guide.dashed ? ' dashed' : ''}`
    return `<path class="${look}" d="${path(frame, guide.points)}"><title>${escapeMarkup(guide.name)}</title></path>${place ? text(guide.name, place, 'roof') : ''}`
  })
  const drawn = series.map(({ name, points, dashed, tone: own }, i) => {
    const tone = own ?? i
    const line =
      joined && points.length > 1
        ? path(
            frame,
            points.map(({ x, y }) => [x, y] as const),
          )
        : ''
    const marks = points.map(({ x, y, about, label, href, hollow }) => {
      const place = label && labels.put(label, around(px(x), py(y), RADIUS))
      return `<a href="#${href}" aria-label="${escapeMarkup(about)}">${dot(px(x), py(y), RADIUS, shapeOf(tone), hollow)}${place ? text(label, place, 'tag') : ''}</a>`
    })
    return `<g class="s${i}" aria-label="${escapeMarkup(name)}" role="group" style="--c:var(${colourOf(tone)})">${line && `<path class="line${dashed ? ' dashed' : ''}" d="${line}"/>`}${marks.join('')}</g>`
  })
  return [
    `<svg viewBox="0 0 ${layout.width} ${layout.height}" class="plot ${layout.name}" role="group" aria-label="${escapeMarkup(`${title}; up: ${above}`)}">`,
    frame.svg,
    ...roofs,
    ...drawn,
    '</svg>',
  ].join('')
}

/** A figure with its legend; series can be taken out, where there are several. */
export function logChart(chart: LogChart): string {
  const { title, above, series, key, joined } = chart
  const legend = series.map(({ name, dashed, tone: own }, i) => {
    const tone = own ?? i
    const sign = `<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" style="--c:var(${colourOf(tone)})">${dot(6, 6, RADIUS, shapeOf(tone), dashed)}</svg>${escapeMarkup(name)}`
    return series.length === 1
      ? `<span>${sign}</span>`
      : `<label><input type="checkbox" class="show${i}" checked>${sign}</label>`
  })
  const legends = `<div class="series" role="group" aria-label="${escapeMarkup(`shown in ${title}`)}">${legend.join('')}${key ? `<span>${key}</span>` : ''}</div>`
  return [
    `<figure class="chartbox"><figcaption>${escapeMarkup(title)}</figcaption>${legends}`,
    `<div class="above">${escapeMarkup(above)}</div>`,
    ...LAYOUTS.filter(({ name: layout }) => !joined || layout === 'narrow').map((layout) => drawing(chart, layout)),
    '</figure>',
  ].join('\n')
}
