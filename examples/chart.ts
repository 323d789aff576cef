/**
 * @file Curves and tables of the examples: a chart as text for the terminal and as an SVG file, light and dark. Written
 * out so that nothing else is needed; reports of trainings (`handgrad/report`) have charts of their own.
 */

export interface Line {
  readonly name: string
  readonly y: readonly number[]
  /** Default: 0, 1, 2 … */
  readonly x?: readonly number[]
  /** Single points in place of a curve. */
  readonly dots?: boolean
}

export interface Chart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly lines: readonly Line[]
  /** Axes that are logarithmic. */
  readonly log?: 'x' | 'y' | 'xy'
}

type Point = readonly [x: number, y: number]

const MARKS = '*o+x#@%&'
const COLUMNS = 60
const ROWS = 15
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 380, 64, 24, 62, 46]
/** What a chart without a point says. */
const EMPTY = 'nothing to draw: there is no finite number'
const COLOURS = ['#2563eb', '#dc2626', '#16a34a', '#d97706', '#9333ea', '#0891b2', '#be185d', '#64748b']

/** Four digits of a number: `0.05`, `1,250`, `3e-7`. */
export function short(v: number): string {
  const size = Math.abs(v)
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return v.toExponential(2).replace(/\.?0*e\+?/, 'e')
  return Number(v.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 6 })
}

/** Both axes as functions from a value to 0 … 1, and the points that can be shown. */
function axes({ lines, log }: Chart) {
  const scales = ['x', 'y'].map((axis) => (log?.includes(axis) ? Math.log10 : (v: number) => v))
  const all = lines.map(({ x, y }) =>
    y.map((v, i): Point | null => {
      const point = [scales[0](x?.[i] ?? i), scales[1](v)] as const
      return point.every(Number.isFinite) ? point : null
    }),
  )
  const [across, up] = [0, 1].map((axis) => {
    const values = all.flat().flatMap((point) => (point ? [point[axis]] : []))
    const low = values.reduce((a, b) => Math.min(a, b), Infinity)
    const span = values.reduce((a, b) => Math.max(a, b), -Infinity) - low
    const logarithmic = scales[axis] === Math.log10
    return {
      at: (v: number): number => (span > 0 ? (v - low) / span : 0.5),
      back: (part: number): number => (logarithmic ? 10 ** (low + part * span) : low + part * span),
      ticks: values.length > 0 ? ticks(low, low + span, logarithmic) : [],
    }
  })
  return { all, across, up }
}

/** About five round numbers on an axis, and where each stands; decades where it is logarithmic. */
function ticks(low: number, high: number, log: boolean): { at: number; text: string }[] {
  const rough = (high - low || 1) / 5
  const power = log ? 1 : 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => {
    const at = Number(((first + i) * step).toPrecision(12))
    return { at, text: short(log ? 10 ** at : at) }
  })
}

/** A mark for each curve, 60 × 15 characters. */
export function chartText(chart: Chart): string {
  const { all, across, up } = axes(chart)
  if (!all.flat().some(Boolean)) return `${chart.title} (${chart.yLabel})\n  ${EMPTY}`
  const cells = Array.from({ length: ROWS }, () => new Array<string>(COLUMNS).fill(' '))
  all.forEach((points, line) => {
    const mark = MARKS[line % MARKS.length]
    points.forEach((point, i) => {
      if (!point) return
      // From the point before, in steps of a cell, so that steep parts hold together.
      const from = (chart.lines[line].dots ? null : points[i - 1]) ?? point
      const [a, b] = [from, point].map(([x, y]) => [across.at(x) * (COLUMNS - 1), (1 - up.at(y)) * (ROWS - 1)])
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(b[0] - a[0]), Math.abs(b[1] - a[1]))))
      for (let k = 0; k <= steps; k++) {
        const [column, row] = a.map((v, axis) => Math.round(v + ((b[axis] - v) * k) / steps))
        cells[row][column] = mark
      }
    })
  })
  const labels = cells.map((_, row) => (row % 7 === 0 ? short(up.back(1 - row / (ROWS - 1))) : ''))
  const margin = Math.max(...labels.map((text) => text.length))
  const [first, last] = [short(across.back(0)), short(across.back(1))]
  const below = COLUMNS - first.length - last.length
  const middle = chart.xLabel.padStart(Math.ceil((below + chart.xLabel.length) / 2)).padEnd(below)
  return [
    `${chart.title} (${chart.yLabel})`,
    ...cells.map((row, i) => `${labels[i].padStart(margin)} │${row.join('').trimEnd()}`),
    `${' '.repeat(margin)} └${'─'.repeat(COLUMNS)}`,
    `${' '.repeat(margin + 2)}${first}${middle}${last}`,
    ...(chart.lines.length > 1
      ? [chart.lines.map(({ name }, i) => `${MARKS[i % MARKS.length]} ${name}`).join('   ')]
      : []),
  ].join('\n')
}

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

/** Pixels of a text of 12 px, about. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, c) => sum + (/[mwMW]/.test(c) ? 11 : /[ijltf.,:]/.test(c) ? 4 : 7), 0)

/** One file without anything outside; follows the reader's light or dark. */
export function chartSVG(chart: Chart): string {
  const { all, across, up } = axes(chart)
  const px = (v: number): string => (LEFT + across.at(v) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const py = (v: number): string => (TOP + (1 - up.at(v)) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
  const text = (x: number | string, y: number | string, say: string, more = ''): string =>
    `<text x="${x}" y="${y}"${more}>${escaped(say)}</text>`
  const curves = all.map((points, line) => {
    const colour = COLOURS[line % COLOURS.length]
    const shown = points.flatMap((point, i) => (point ? [{ point, after: points[i - 1] != null }] : []))
    if (chart.lines[line].dots)
      return shown.map(({ point: [x, y] }) => `<circle cx="${px(x)}" cy="${py(y)}" r="3.5" fill="${colour}"/>`).join('')
    const path = shown.map(({ point: [x, y], after }) => `${after ? 'L' : 'M'}${px(x)} ${py(y)}`).join('')
    return `<path d="${path}" stroke="${colour}" fill="none" stroke-width="2" stroke-linejoin="round"/>`
  })
  let right = LEFT
  const legend = chart.lines.map(({ name }, line) => {
    const at = right
    right += 26 + widthOf(name)
    return `<rect x="${at}" y="39" width="12" height="4" fill="${COLOURS[line % COLOURS.length]}"/>${text(at + 17, 46, name)}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(chart.title)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#334155}.t{font-size:15px;font-weight:600}.b{fill:#fff}.g{stroke:#cbd5e1}',
    '@media(prefers-color-scheme:dark){text{fill:#cbd5e1}.b{fill:#0f172a}.g{stroke:#334155}}</style>',
    `<rect class="b" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(LEFT, 24, chart.title, ' class="t"'),
    ...(chart.lines.length > 1 ? legend : []),
    ...up.ticks.map(
      ({ at, text: say }) =>
        `<path class="g" d="M${LEFT} ${py(at)}H${WIDTH - RIGHT}"/>${text(LEFT - 7, Number(py(at)) + 4, say, ' text-anchor="end"')}`,
    ),
    ...across.ticks.map(({ at, text: say }) => text(px(at), HEIGHT - BOTTOM + 18, say, ' text-anchor="middle"')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, chart.xLabel, ' text-anchor="middle"'),
    `<text transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escaped(chart.yLabel)}</text>`,
    ...(all.flat().some(Boolean) ? curves : [text(WIDTH / 2, HEIGHT / 2, EMPTY, ' text-anchor="middle"')]),
    '</svg>\n',
  ].join('\n')
}

/** Rows below their heads, numbers with four digits to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? short(cell) : cell)))]
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column].length)))
  return texts
    .map((row, line) =>
      row
        .map((cell, column) =>
          typeof rows[Math.max(0, line - 1)]?.[column] === 'number'
            ? cell.padStart(widths[column])
            : cell.padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
