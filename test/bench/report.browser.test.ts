/**
 * @file The page of benchmarks as a browser shows it, at three widths, light and dark: nothing is wider than the page,
 * no label is over another, points say what they are to the mouse and to the keys.
 */
import { expect, test } from 'vitest'
import { toHtml } from '../../src/bench/report/page.ts'
import { chromium, opened } from '../support/opened.ts'
import { sample } from './sample.ts'

const overlap = (a: DOMRect, b: DOMRect): boolean =>
  a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5

const sights = [360, 800, 1280].flatMap((width) => ['light', 'dark'].map((scheme) => [width, scheme] as const))

test.each(sights)('%i pixels, %s', async (width, scheme) => {
  const view = await opened(toHtml(sample()), width, scheme)
  const { document: shown } = view
  const all = <T extends Element = HTMLElement>(selector: string): T[] => [...shown.querySelectorAll<T>(selector)]
  for (const part of all<HTMLDetailsElement>('details')) part.open = true
  expect(shown.documentElement.scrollWidth).toBeLessThanOrEqual(width)
  expect(view.getComputedStyle(shown.body).backgroundColor).toBe(
    scheme === 'dark' ? 'rgb(11, 17, 32)' : 'rgb(248, 250, 252)',
  )

  const plots = all<SVGElement>('svg.plot').filter((plot) => plot.getClientRects().length > 0)
  expect(plots).toHaveLength(5)
  for (const plot of plots) {
    const texts = [...plot.querySelectorAll('text')]
    const boxes = texts.map((text) => text.getBoundingClientRect())
    const pairs = boxes.flatMap((a, i) =>
      boxes.flatMap((b, k) => (k > i && overlap(a, b) ? [`${texts[i].textContent} over ${texts[k].textContent}`] : [])),
    )
    expect(pairs).toEqual([])
    expect(texts.length).toBeGreaterThan(6)
    const edge = plot.getBoundingClientRect()
    expect(boxes.filter(({ left, right }) => left < edge.left - 1 || right > edge.right + 1)).toEqual([])
    // Letters, in pixels.
    const scale = texts[0].getScreenCTM()?.a ?? 0
    expect(Number.parseFloat(view.getComputedStyle(texts[0]).fontSize) * scale).toBeGreaterThan(8.9)
  }
  // What is cut off scrolls, by keys too, and says what it is.
  const wide = all('main *').filter((element) => {
    const { overflowX } = view.getComputedStyle(element)
    return overflowX !== 'visible' && element.scrollWidth > element.clientWidth
  })
  expect(wide.filter((box) => !(box.matches('.scrolled') && box.tabIndex === 0 && box.ariaLabel))).toEqual([])
  expect(all('th').filter((head) => !head.getAttribute('scope'))).toEqual([])
})

test('a point is told of by mouse and by keys; a chart is one stop of the tab key', async () => {
  const view = await opened(toHtml(sample()), 1280, 'light')
  const { document: shown } = view
  const [plot] = shown.querySelectorAll('svg.plot.wide')
  const points = [...plot.querySelectorAll('a')]
  const tip = shown.querySelector<HTMLElement>('#tip')
  expect([points.length, points.filter((point) => point.getAttribute('tabindex') === '0').length]).toEqual([52, 1])
  const press = (key: string) =>
    shown.activeElement?.dispatchEvent(new view.KeyboardEvent('keydown', { key, bubbles: true }))
  points[17].focus()
  expect(tip?.hidden).toBe(false)
  expect(tip?.textContent).toContain('matmul: NN 256×256×256, shared, rotated')
  expect(tip?.textContent).toContain('shaders/matmul.wgsl')
  expect(points.filter((point) => point.getAttribute('tabindex') === '0')).toEqual([points[17]])
  // From left to right, and from the top down.
  press('Home')
  expect(shown.activeElement?.getAttribute('aria-label')).toContain('softmax')
  press('End')
  expect(shown.activeElement?.getAttribute('aria-label')).toContain('NN 1024×1024×1024, naive')
  press('ArrowLeft')
  expect(shown.activeElement).not.toBe(points[38])
  press('Escape')
  expect(tip?.hidden).toBe(true)
  points[3].dispatchEvent(new view.PointerEvent('pointerenter'))
  expect(tip?.textContent).toContain('NN 64×64×64, subgroup, rotated')
  points[3].dispatchEvent(new view.PointerEvent('pointerleave'))
  expect(tip?.hidden).toBe(true)
})

test('a suite that is taken out is gone from its chart alone', async () => {
  const view = await opened(toHtml(sample()), 1280, 'light')
  const [box, movement] = view.document.querySelectorAll('.chartbox')
  const seen = (chart: Element) =>
    [...chart.querySelectorAll('svg.wide a')].filter((a) => a.getClientRects().length > 0)
  expect([seen(box).length, seen(movement).length]).toEqual([52, 6])
  box.querySelector<HTMLInputElement>('.show0')?.click()
  expect([seen(box).length, seen(movement).length]).toEqual([12, 6])
  const reached = [...box.querySelectorAll('svg.wide a[tabindex="0"]')]
  expect(reached.map((a) => a.getAttribute('aria-label')?.slice(0, 7))).toEqual(['softmax'])
})

test('on paper all parts are open and nothing is cut off', async () => {
  const view = await opened(toHtml(sample()), 700, 'dark')
  view.dispatchEvent(new Event('beforeprint'))
  await chromium().send('Emulation.setEmulatedMedia', { media: 'print', features: [] })
  expect(view.document.querySelectorAll('details:not([open])')).toHaveLength(0)
  const boxes = [...view.document.querySelectorAll('.scrolled')]
  expect(boxes.filter((box) => view.getComputedStyle(box).overflowX !== 'visible')).toEqual([])
  expect(view.getComputedStyle(view.document.body).backgroundColor).toBe('rgb(248, 250, 252)')
  await chromium().send('Emulation.setEmulatedMedia', { media: '', features: [] })
})
