/** @file Signs of series: eight colours, and another shape for each further eight. */

export const COLOURS = 8

export const colourOf = (i: number): string => `--s${i % COLOURS}`

const SHAPES = ['circle', 'square', 'diamond', 'triangle'] as const
export type Shape = (typeof SHAPES)[number]
export const shapeOf = (i: number): Shape => SHAPES[Math.floor(i / COLOURS) % SHAPES.length]

const round = (v: number): number => Math.round(v * 10) / 10

export function dot(x: number, y: number, r: number, shape: Shape, hollow = false): string {
  const look = hollow ? ' class="hollow"' : ''
  if (shape === 'circle') return `<circle${look} cx="${x}" cy="${y}" r="${r}"/>`
  const corners = { square: [45, 135, 225, 315], diamond: [0, 90, 180, 270], triangle: [270, 30, 150] }[shape]
  const size = shape === 'diamond' ? 1.2 : 1.25
  const at = corners.map((angle) => {
    const t = (angle * Math.PI) / 180
    return `${round(x + size * r * Math.cos(t))} ${round(y + size * r * Math.sin(t))}`
  })
  return `<path${look} d="M${at.join('L')}Z"/>`
}
