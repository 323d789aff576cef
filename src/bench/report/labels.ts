/** @file Labels that never overlap: each takes the first of its places that is free, and none where all are taken. */

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Where a text may stand: its baseline's start, middle or end. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'middle' | 'end'
}

/** Height of a line of text, in the units of a drawing; its letters are FONT high (look.ts). */
export const FONT = 11
const LINE = 14
/** Between the points that stand for a line: less than a label is high. */
const STEP = 5

/** A width that no usual font exceeds on average: digits and capitals are about 0.6 of the letters' height wide. */
export const widthOf = (text: string): number => 0.62 * FONT * text.length

export function boxOf(text: string, { x, y, anchor }: Place): Box {
  const width = widthOf(text)
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2
  return { x: left, y: y - FONT, width, height: LINE }
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

export class Labels {
  private readonly taken: Box[] = []
  /** What a label crosses only where it has no other place. */
  private readonly lines: Box[] = []
  private readonly area: Box

  /** @param area  within which labels stay */
  constructor(area: Box) {
    this.area = area
  }

  /** Keep labels away from a point. */
  avoid(x: number, y: number, radius: number): void {
    this.taken.push({ x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius })
  }

  /** Keep labels off a straight line, where they have another place. */
  line(x0: number, y0: number, x1: number, y1: number): void {
    const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / STEP))
    for (let i = 0; i <= steps; i++)
      this.lines.push({ x: x0 + (i / steps) * (x1 - x0), y: y0 + (i / steps) * (y1 - y0), width: 1, height: 1 })
  }

  /** @returns undefined where no place is free */
  put(text: string, places: readonly Place[]): Place | undefined {
    const { area } = this
    const free = places.filter((place) => {
      const box = boxOf(text, place)
      const inside =
        box.x >= area.x &&
        box.y >= area.y &&
        box.x + box.width <= area.x + area.width &&
        box.y + box.height <= area.y + area.height
      return inside && !this.taken.some((one) => overlap(one, box))
    })
    const found =
      free.find((place) => !this.lines.some((one) => overlap(one, boxOf(text, place)))) ??
      (free[0] as Place | undefined)
    if (found) this.taken.push(boxOf(text, found))
    return found
  }
}

/** Around a point: right, left, above. Below it a label would be read as that of the next point down. */
export const around = (x: number, y: number, radius: number): Place[] => [
  { x: x + radius + 3, y: y + 4, anchor: 'start' },
  { x: x - radius - 3, y: y + 4, anchor: 'end' },
  { x, y: y - radius - 4, anchor: 'middle' },
]
