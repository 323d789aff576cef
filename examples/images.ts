/** @file Small grey images of the examples: in the terminal, and as SVG. */
import { escaped } from './chart.ts'

/** Rows of values, light and dark by size. */
export type Picture = readonly (readonly number[])[]

/** A picture in five shades, 0 its least value and 4 its largest. */
function shades(picture: Picture): number[][] {
  const [low, high] = [Math.min(...picture.flat()), Math.max(...picture.flat())]
  return picture.map((row) => row.map((v) => Math.min(4, Math.floor((5 * (v - low)) / (high - low || 1)))))
}

/** Pictures of one height side by side, two characters for a pixel. */
export function picturesText(pictures: readonly Picture[]): string {
  const texts = pictures.map((one) => shades(one).map((row) => row.map((v) => ' ░▒▓█'[v].repeat(2)).join('')))
  return texts[0]
    .map((_, r) =>
      texts
        .map((lines) => lines[r])
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Rows of pictures as SVG: for each of five shades one path of short strokes. */
export function picturesSVG(title: string, rows: readonly (readonly Picture[])[]): string {
  const one = (picture: Picture, x: number, y: number): string => {
    const shade = shades(picture)
    const paths = [0, 1, 2, 3, 4].map((wanted) => {
      const strokes = shade.flatMap((row, r) => row.map((v, c) => (v === wanted ? `M${c} ${r}.5h1` : '')))
      return `<path d="${strokes.join('')}" stroke="hsl(220 40% ${8 + 21 * wanted}%)"/>`
    })
    return `<g transform="translate(${100 * x} ${100 * y}) scale(${92 / picture.length})">${paths.join('\n')}</g>`
  }
  const body = rows.flatMap((row, y) => row.map((picture, x) => one(picture, x, y)))
  const [width, height] = [100 * Math.max(...rows.map((row) => row.length)) - 8, 100 * rows.length - 8]
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges"`
  const named = `role="img" aria-label="${escaped(title)}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${named}>\n${body.join('\n')}\n</svg>\n`
}

/** Grey images of `side` × `side` values 0 … 1, `across` in a row: as text, two lines of pixels in one, and SVG. */
export function tiles(title: string, images: readonly number[][], side: number, across: number) {
  const down = Math.ceil(images.length / across)
  const letter = (v: number): string => ' .:+#@'[Math.min(5, Math.floor(3 * v))]
  const lines = Array.from({ length: (down * side) / 2 }, (_, line) => {
    const first = Math.floor((2 * line) / side) * across
    const y = ((2 * line) % side) * side
    const row = images.slice(first, first + across)
    return row.flatMap((image) => image.slice(y, y + side).map((v, x) => letter(v + image[y + side + x])))
  })
  // One path for each of four shades.
  const shades = [0.25, 0.5, 0.75, 1].map((shade) => {
    const squares = images.flatMap((image, i) => {
      const [left, top] = [(i % across) * side, Math.floor(i / across) * side]
      const at = image.flatMap((v, k) => (v > shade - 0.125 && v <= shade + 0.125 ? [k] : []))
      return at.map((k) => `M${left + (k % side)} ${top + Math.floor(k / side)}h1v1h-1z`)
    })
    return `<path fill="#60a5fa" fill-opacity="${shade}" d="${squares.join('')}"/>`
  })
  const [width, height] = [across * side, down * side]
  const head = `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(title)}" width="${4 * width}" height="${4 * height}"`
  const back = '<rect width="100%" height="100%" fill="#0f172a"/>'
  const svg = `${head} viewBox="0 0 ${width} ${height}">${back}${shades.join('')}</svg>\n`
  return { text: lines.map((line) => line.join('').trimEnd()).join('\n'), svg }
}
