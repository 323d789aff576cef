/**
 * @file The page as a browser shows it: on a phone and on a screen, light and dark. Nothing is wider than the page, all
 * images are there and described, texts stand out, tables and what scrolls say what they are.
 */
import { beforeAll, expect, test } from 'vitest'
import { everything } from '../support/judged.ts'
import { chromium, opened } from '../support/opened.ts'

type Colour = readonly [r: number, g: number, b: number, a: number]

let page = ''
beforeAll(async () => {
  page = await everything()
})

const pen = new OffscreenCanvas(1, 1).getContext('2d', {
  willReadFrequently: true,
}) as OffscreenCanvasRenderingContext2D

/** Any CSS colour on another, as the browser mixes them. */
function over(colour: string, [r, g, b]: Colour): Colour {
  pen.fillStyle = `rgb(${r} ${g} ${b})`
  pen.fillRect(0, 0, 1, 1)
  pen.fillStyle = colour
  pen.fillRect(0, 0, 1, 1)
  // A pixel is four bytes, of which TypeScript's type does not tell.
  return [...pen.getImageData(0, 0, 1, 1).data] as unknown as Colour
}

/** Contrast by WCAG 2.2: (L₁ + 0.05) / (L₂ + 0.05) of relative luminances. */
function contrast(a: Colour, b: Colour): number {
  const [dark, light] = [a, b]
    .map(([...rgba]) => {
      const [r, g, blue] = rgba.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * blue
    })
    .sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

/** What texts of the page stand out by too little. */
function faint(view: Window & typeof globalThis): string[] {
  const ground = (element: Element | null): Colour =>
    element ? over(view.getComputedStyle(element).backgroundColor, ground(element.parentElement)) : [255, 255, 255, 255]
  const all = [...view.document.body.querySelectorAll('*')].filter((element) => {
    const drawn = element.closest('svg')
    const own = [...element.childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim())
    return own && (!drawn || (drawn.matches('.chart') && element.matches('text')))
  })
  expect(all.length).toBeGreaterThan(200)
  return all.flatMap((element) => {
    const { color, fill } = view.getComputedStyle(element)
    const under = ground(element)
    const ratio = contrast(over(element.matches('text') ? fill : color, under), under)
    return ratio < 4.5 ? [`${element.outerHTML.slice(0, 80)}: ${ratio.toFixed(2)}`] : []
  })
}

const sights = [390, 1200].flatMap((width) => ['light', 'dark'].map((scheme) => [width, scheme] as const))

test.each(sights)('%i pixels, %s', async (width, scheme) => {
  const view = await opened(page, width, scheme)
  const { document: shown } = view
  const all = <T extends Element = HTMLElement>(selector: string): T[] => [...shown.querySelectorAll<T>(selector)]
  expect(view.innerWidth).toBe(width)
  expect(shown.documentElement.scrollWidth).toBeLessThanOrEqual(width)
  const background = view.getComputedStyle(shown.body).backgroundColor
  expect(background).toBe(scheme === 'dark' ? 'rgb(11, 17, 32)' : 'rgb(248, 250, 252)')

  const images = all<HTMLImageElement>('img')
  expect(images.length).toBe(20 + 20 + 32)
  expect(images.filter((image) => !(image.complete && image.naturalWidth > 0 && image.alt))).toEqual([])
  // Nothing turns light and dark of an image around.
  expect(images.filter((image) => view.getComputedStyle(image).filter !== 'none')).toEqual([])
  expect(faint(view)).toEqual([])

  // What is cut off scrolls, by keys too, and says what it is.
  const wide = all('main *').filter((element) => {
    const { overflowX } = view.getComputedStyle(element)
    return overflowX !== 'visible' && element.scrollWidth > element.clientWidth
  })
  // The graph, which has the inputs of a layer beside each other, is wider than its box at both widths.
  expect(wide.some((element) => element.matches('.graph'))).toBe(true)
  const silent = all('.scrolled').filter((box) => !(box.tabIndex === 0 && box.getAttribute('aria-label') && box.role))
  expect([...wide.filter((box) => !box.matches('.scrolled')), ...silent]).toEqual([])
  // Letters of curves, in pixels.
  const text = all<SVGTextElement>('svg.chart text')[0]
  const scale = text.getScreenCTM()?.a ?? 0
  expect(Number.parseFloat(view.getComputedStyle(text).fontSize) * scale).toBeGreaterThan(9.5)

  expect([shown.title, shown.documentElement.lang, all('h1').length, all('main').length]).toEqual([
    'All & more',
    'en',
    1,
    1,
  ])
  expect(all('th').filter((head) => !head.getAttribute('scope'))).toEqual([])
  expect(all('svg').filter((svg) => !svg.getAttribute('aria-label') || svg.role !== 'img')).toEqual([])
  const ids = all('[id]').map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(all('.matrix thead th').map((head) => head.textContent)[1]).toBe('<b>one</b>')
})

test('on paper nothing is cut off, and colours are those of a light screen', async () => {
  const session = chromium()
  const view = await opened(page, 700, 'dark')
  await session.send('Emulation.setEmulatedMedia', {
    media: 'print',
    features: [{ name: 'prefers-color-scheme', value: 'dark' }],
  })
  const boxes = [...view.document.querySelectorAll<HTMLElement>('.scrolled')]
  expect(
    boxes.filter(
      (box) => view.getComputedStyle(box).maxHeight !== 'none' || view.getComputedStyle(box).overflowY !== 'visible',
    ),
  ).toEqual([])
  expect(view.getComputedStyle(view.document.body).backgroundColor).toBe('rgb(248, 250, 252)')
  await session.send('Emulation.setEmulatedMedia', { media: '', features: [] })
})
