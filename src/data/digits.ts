/**
 * @file The project's own data set: digits drawn with a simulated pen. A digit is one of several stroke templates whose
 * control points wander; the path is bent by a random smooth field (elastic distortion), by a random affine map, and
 * inked with a pen of random width, softness and pressure. Made from a seed, so nothing is downloaded; results on it
 * are results on synthetic data and must be called so. Real digits come from `idx.ts`.
 */
import { checkOptions, describe, fail } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'

/** Labelled grey images: what {@link syntheticDigits} makes and `loadMnist` reads. */
export interface Digits {
  /** count · rows · cols bytes in row order, 0 paper … 255 ink. */
  images: Uint8Array
  /** count bytes, each 0 … classes − 1. */
  labels: Uint8Array
  count: number
  rows: number
  cols: number
  classes: number
  /** Where the images come from, to print beside every result. */
  source: string
}

/**
 * Templates: strokes separated by `|`, control points `x,y` in per cent of the digit's box (x right, y down), joined by
 * Catmull–Rom splines; `!` after a point makes a corner there.
 */
const TEMPLATES: readonly (readonly string[])[] = [
  [
    '52,2 24,14 12,50 24,86 50,98 76,86 88,50 76,14 48,2',
    '70,10 44,2 20,24 14,62 34,95 62,96 84,70 84,34 66,8 50,12',
    '60,4 34,20 24,56 36,92 54,96 72,72 78,36 66,8 54,4',
    '40,6 16,30 14,70 40,97 74,92 90,60 82,22 56,4 34,10',
  ],
  [
    '52,2 51,34 50,66 50,98',
    '32,24 53,3! 52,50 51,98',
    '34,20 54,3! 52,50 52,97! | 28,97 52,97 76,96',
    '56,2 50,50 46,98',
  ],
  [
    '17,26 30,7 54,2 76,16 74,38 50,66 16,95! 50,94 86,95',
    '16,24 34,5 62,4 77,24 64,52 38,84 18,90 16,76 32,74 56,90 88,92',
    '18,14 48,3 78,10! 52,48 18,94! 50,90 84,96',
    '22,30 32,8 56,4 70,22 62,50 24,92! 54,86 84,88',
  ],
  [
    '20,14 50,2 76,16 70,38 42,47! 74,54 84,76 60,97 18,88',
    '18,6 48,4 78,6! 60,26 44,42! 76,50 82,76 56,98 16,88',
    '24,14 52,3 72,22 48,46! 78,62 74,88 46,98 20,86',
    '22,8 60,3 74,20 56,40 36,46 60,48 82,66 70,92 40,98 18,84',
  ],
  [
    '28,4 22,30 16,57! 50,58 86,56 | 68,20 66,58 62,98',
    '66,3 40,34 14,66! 50,67 88,66 | 66,3 65,50 64,98',
    '22,4 18,30 26,50 50,54 74,46 | 78,4 74,50 68,98',
    '86,62 50,64 14,66! 40,34 64,3! 64,50 62,98',
  ],
  [
    '80,5 54,5 30,5! 26,44! 54,37 80,56 74,88 44,98 16,87',
    '28,5 24,44! 56,39 82,60 70,92 40,98 16,86 | 28,5 54,6 82,5',
    '78,10 52,4 32,18 36,38 64,52 76,74 56,95 22,90',
    '84,3 50,6 34,8! 20,50! 48,44 70,62 60,90 34,97 12,88',
  ],
  [
    '70,4 42,22 21,56 25,86 50,98 77,82 73,58 48,50 24,68',
    '62,2 34,40 18,74 38,97 68,90 76,68 54,54 22,74',
    '54,2 30,34 20,70 36,96 64,94 74,72 56,58 30,66 22,78',
    '78,10 52,6 26,34 18,72 40,98 72,90 78,64 52,52 22,66',
  ],
  [
    '16,8 50,7 84,8! 62,50 44,98',
    '16,9 50,8 82,8! 60,50 46,98 | 34,54 56,52 76,50',
    '14,22 18,6! 50,9 85,6! 58,50 46,98',
    '14,12 42,4 70,6 80,16 66,52 54,98',
  ],
  [
    '76,16 50,3 26,16 34,38 66,58 78,80 50,98 22,80 34,58 66,38 76,18',
    '50,3 28,22 50,46 72,24 50,3! | 50,46 22,72 50,98 78,72 50,46',
    '60,44 36,30 40,6 66,4 70,26 40,54 24,78 44,97 70,88 70,64 46,46',
    '80,10 48,4 30,22 60,48 76,74 54,97 28,84 40,58 74,30 82,8',
  ],
  [
    '76,16 52,3 26,16 24,40 48,50 74,36 79,14! 75,56 66,98',
    '77,22 48,4 22,24 38,48 68,40 77,18! 80,60 66,92 38,97 22,88',
    '70,10 44,4 26,24 38,44 62,38 70,10! 68,50 66,98',
    '74,28 56,4 28,14 28,42 56,46 74,22! 70,58 52,98',
  ],
]

const SIZE = 28
/** Words of the generator that each image owns; image i is the same whatever the count. */
const WORDS = 4096
/** Keeps these draws apart from those of tensors and loaders with the same seed. */
const STREAM = 0x64696769
/** Points of the path per control point: about one per pixel. */
const STEPS = 5
/** Knots of the elastic field per axis: 28 / 7 cells, and three more for the cubic B-spline. */
const KNOTS = 7
const CELL = 7

/** A template, read: control points as x, y, x, y, … in per cent; runs are [first, last] point between corners. */
interface Template {
  points: Float64Array
  runs: [first: number, last: number][]
}

function readTemplate(text: string): Template {
  const points: number[] = []
  const runs: [number, number][] = []
  for (const stroke of text.split('|')) {
    let first = points.length / 2
    for (const point of stroke.trim().split(/\s+/)) {
      const [x, y] = point.replace('!', '').split(',').map(Number)
      points.push(x, y)
      const last = points.length / 2 - 1
      if (point.endsWith('!') && last > first) {
        runs.push([first, last])
        first = last
      }
    }
    if (points.length / 2 - 1 > first) runs.push([first, points.length / 2 - 1])
  }
  return { points: Float64Array.from(points), runs }
}

/** The pen's path in pixels. `down[i]` is 0 where the pen was lifted before point i. */
interface Path {
  x: Float64Array
  y: Float64Array
  down: Uint8Array
  length: number
}

/** Catmull–Rom through the control points of each run (tangents (pₖ₊₁ − pₖ₋₁)/2, one-sided at the ends). */
function tracePath({ points, runs }: Template, path: Path): void {
  path.length = 0
  const put = (x: number, y: number, down: number) => {
    path.x[path.length] = x
    path.y[path.length] = y
    path.down[path.length++] = down
  }
  for (const [first, last] of runs) {
    put(points[2 * first], points[2 * first + 1], 0)
    for (let k = first; k < last; k++) {
      const before = 2 * Math.max(k - 1, first)
      const from = 2 * k
      const to = from + 2
      const after = 2 * Math.min(k + 2, last)
      for (let step = 1; step <= STEPS; step++) {
        const t = step / STEPS
        const a = -0.5 * t * (1 - t) ** 2
        const b = 1 + t * t * (1.5 * t - 2.5)
        const c = t * (0.5 + t * (2 - 1.5 * t))
        const d = -0.5 * t * t * (1 - t)
        const x = a * points[before] + b * points[from] + c * points[to] + d * points[after]
        const y = a * points[before + 1] + b * points[from + 1] + c * points[to + 1] + d * points[after + 1]
        put(x, y, 1)
      }
    }
  }
}

/** Cubic B-spline weights at fraction t of a cell. */
function splineWeights(t: number, out: Float64Array): void {
  const s = 1 - t
  out[0] = (s * s * s) / 6
  out[1] = 2 / 3 - t * t * (1 - t / 2)
  out[2] = 2 / 3 - s * s * (1 - s / 2)
  out[3] = (t * t * t) / 6
}

/**
 * Elastic distortion (Simard, Steinkraus, Platt 2003, section 2): p ← p + α · f(p), where f is uniform noise on [−1,
 * 1]² smoothed by a Gaussian of σ ≈ 4 pixels. Here the smoothing is a cubic B-spline with knots 7 pixels apart, whose
 * standard deviation is 7/√3 = 4.04 pixels, and it moves the path rather than the pixels, so that strokes stay sharp.
 */
function bendPath(path: Path, alpha: number, random: Philox, knots: Float64Array): void {
  for (let i = 0; i < knots.length; i++) knots[i] = alpha * (2 * random.uniform32() - 1)
  const across = new Float64Array(4)
  const along = new Float64Array(4)
  for (let i = 0; i < path.length; i++) {
    const u = Math.min(Math.max(path.x[i] / CELL, 0), KNOTS - 3 - 1e-9)
    const v = Math.min(Math.max(path.y[i] / CELL, 0), KNOTS - 3 - 1e-9)
    const column = Math.floor(u)
    const row = Math.floor(v)
    splineWeights(u - column, across)
    splineWeights(v - row, along)
    let dx = 0
    let dy = 0
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 4; c++) {
        const weight = along[r] * across[c]
        const knot = 2 * ((row + r) * KNOTS + column + c)
        dx += weight * knots[knot]
        dy += weight * knots[knot + 1]
      }
    }
    path.x[i] += dx
    path.y[i] += dy
  }
}

interface Pen {
  /** Half the stroke's width, in pixels. */
  radius: number
  /** Width of the edge over which ink fades to paper, in pixels; 1 is plain anti-aliasing. */
  edge: number
  /** Relative swing of width and ink along the path, with its wave length (path points) and phase. */
  pressure: number
  wave: number
  phase: number
}

/**
 * Ink coverage 0 … 1 of every pixel: max over segments of clamp((r + edge/2 − distance) / edge, 0, 1), r by pressure.
 */
function inkPath(path: Path, pen: Pen, ink: Float64Array): void {
  ink.fill(0)
  for (let i = 1; i < path.length; i++) {
    if (!path.down[i]) continue
    const x0 = path.x[i - 1]
    const y0 = path.y[i - 1]
    const dx = path.x[i] - x0
    const dy = path.y[i] - y0
    const press = 1 + pen.pressure * Math.sin((2 * Math.PI * i) / pen.wave + pen.phase)
    const reach = pen.radius * press + pen.edge / 2
    const strength = Math.min(1, 0.6 + 0.45 * press)
    const top = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach))
    const bottom = Math.min(SIZE - 1, Math.floor(Math.max(y0, y0 + dy) + reach))
    const left = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach))
    const right = Math.min(SIZE - 1, Math.floor(Math.max(x0, x0 + dx) + reach))
    const scale = 1 / Math.max(dx * dx + dy * dy, 1e-12)
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const px = column - x0
        const py = row - y0
        const t = Math.min(Math.max((px * dx + py * dy) * scale, 0), 1)
        const ex = px - t * dx
        const ey = py - t * dy
        const cover = strength * Math.min((reach - Math.sqrt(ex * ex + ey * ey)) / pen.edge, 1)
        const at = row * SIZE + column
        if (cover > ink[at]) ink[at] = cover
      }
    }
  }
}

/** Move coordinates so that their mean misses the image's centre by `miss`, but stays `margin` inside the frame. */
function centre(values: Float64Array, length: number, miss: number, margin: number): void {
  let sum = 0
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < length; i++) {
    sum += values[i]
    low = Math.min(low, values[i])
    high = Math.max(high, values[i])
  }
  const shift = (SIZE - 1) / 2 - sum / length + miss
  const inside = Math.min(Math.max(shift, margin - low), SIZE - 1 - margin - high)
  for (let i = 0; i < length; i++) values[i] += inside
}

const normalIn = (random: Philox, mean: number, sigma: number, low: number, high: number) =>
  Math.min(Math.max(mean + sigma * random.normal(), low), high)
const between = (random: Philox, low: number, high: number) => low + (high - low) * random.uniform32()

/**
 * Digits 0 … 9 in the style of handwriting, 28 × 28, anti-aliased, dark-on-light inverted as MNIST (0 paper, 255 ink),
 * fitted to about 20 pixels and centred by mass as MNIST is. Image i depends on (seed, i) only, so a smaller set is the
 * beginning of a larger one; labels are drawn uniformly.
 * @param options.count  images, 1 … 1,000,000
 * @param options.seed   integer ≥ 0
 * @throws HandgradError if count or seed is out of range
 */
export function syntheticDigits(options: { count: number; seed: number }): Digits {
  checkOptions('syntheticDigits', options, ['count', 'seed'])
  const { count, seed } = options
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000) {
    fail('syntheticDigits', `count is ${describe(count)}`, 'use an integer from 1 to 1000000')
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    fail('syntheticDigits', `seed is ${describe(seed)}`, 'use an integer from 0 to 2^53 - 1')
  }
  const templates = TEMPLATES.map((forms) => forms.map(readTemplate))
  const images = new Uint8Array(count * SIZE * SIZE)
  const labels = new Uint8Array(count)
  const hand: Hand = {
    points: new Float64Array(64),
    path: { x: new Float64Array(256), y: new Float64Array(256), down: new Uint8Array(256), length: 0 },
    knots: new Float64Array(2 * KNOTS * KNOTS),
    ink: new Float64Array(SIZE * SIZE),
  }
  for (let i = 0; i < count; i++) {
    const random = new Philox(seed, i * WORDS, STREAM)
    const label = random.int(10)
    const forms = templates[label]
    labels[i] = label
    drawDigit(forms[random.int(forms.length)], random, hand, images.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE))
  }
  return { images, labels, count, rows: SIZE, cols: SIZE, classes: 10, source: `synthetic digits, seed ${seed}` }
}

/** Buffers that every digit is drawn in, so that none is made per image. */
interface Hand {
  readonly points: Float64Array
  readonly path: Path
  readonly knots: Float64Array
  readonly ink: Float64Array
}

/**
 * One digit of a form, drawn by `random`. Each step takes its random numbers in this order: the order is the data set.
 */
function drawDigit(form: Template, random: Philox, { points, path, knots, ink }: Hand, image: Uint8Array): void {
  const wander = between(random, 1, 3.3)
  for (let k = 0; k < form.points.length; k++) points[k] = form.points[k] + wander * random.normal()
  tracePath({ points, runs: form.runs }, path)
  slantPath(path, random)
  bendPath(path, between(random, 0.5, 3.5), random, knots)
  const pen = drawPen(random)
  const reach = pen.radius * (1 + pen.pressure) + pen.edge / 2
  centre(path.x, path.length, normalIn(random, 0, 0.5, -2, 2), reach)
  centre(path.y, path.length, normalIn(random, 0, 0.5, -2, 2), reach)
  inkPath(path, pen, ink)
  const grain = between(random, 0, 0.2)
  for (let p = 0; p < ink.length; p++) {
    if (ink[p] > 0) image[p] = Math.round(255 * ink[p] * (1 - grain * random.uniform32()))
  }
}

/** Affine: [x; y] ← R(angle) · shear · scale · ([x; y] − box centre), the box about 20 pixels high. */
function slantPath(path: Path, random: Philox): void {
  const angle = normalIn(random, 0, 0.09, -0.3, 0.3)
  const slant = normalIn(random, -0.1, 0.14, -0.5, 0.35)
  const height = normalIn(random, 0.2, 0.012, 0.165, 0.235)
  const width = height * normalIn(random, 0.95, 0.11, 0.6, 1.25)
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  for (let k = 0; k < path.length; k++) {
    const y = height * (path.y[k] - 50)
    const x = width * (path.x[k] - 50) + slant * y
    path.x[k] = cos * x - sin * y + SIZE / 2
    path.y[k] = sin * x + cos * y + SIZE / 2
  }
}

const drawPen = (random: Philox): Pen => ({
  radius: normalIn(random, 1.25, 0.3, 0.6, 2.2),
  edge: between(random, 0.9, 1.8),
  pressure: between(random, 0, 0.3),
  wave: between(random, 12, 40),
  phase: between(random, 0, 2 * Math.PI),
})
