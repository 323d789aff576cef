/** @file The page of a recording in Chromium: slider, keys, clicks, narrow and wide, light and dark. */
import { afterEach, expect, test } from 'vitest'
import { cdp } from 'vitest/browser'
import { device, inspect, noGrad, tensor } from '../../src/index.ts'

/** A step of 12 moments: five forward, five backward with those of w and b, two updates. */
async function recorded(): Promise<inspect.Recording> {
  const on = { device: await device('cpu'), requiresGrad: true }
  const w = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    on,
  )
  const b = tensor(-4, on)
  const step = (): void => {
    w.mul(b).add(b).square().sum().div(8).backward()
    noGrad(() => {
      for (const p of [w, b]) p.sub_(p.grad.mul(0.5))
    })
  }
  return inspect.record(step, { names: { w, b } })
}

const frames: HTMLIFrameElement[] = []
afterEach(() => {
  for (const frame of frames.splice(0)) frame.remove()
})

/** The page in a frame of this width. */
async function opened(html: string, width: number) {
  const frame = document.createElement('iframe')
  frames.push(frame)
  Object.assign(frame.style, { width: `${width}px`, height: '800px', border: '0' })
  frame.srcdoc = html
  document.body.append(frame)
  await new Promise((resolve) => (frame.onload = resolve))
  const page = frame.contentDocument as Document
  const at = <T extends HTMLElement = HTMLElement>(id: string) => page.getElementById(id) as T
  const press = (key: string, target: EventTarget = page.body) =>
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  const visible = () =>
    [...page.querySelectorAll('#graph svg text')]
      .filter((text) => getComputedStyle(text).visibility === 'visible')
      .map((text) => text.textContent)
  return { page, at, press, visible, slider: at<HTMLInputElement>('at') }
}

test('keys step, jump and play; the slider says where it stands', async () => {
  const recording = await recorded()
  const last = recording.frames.length
  const { at, press, slider } = await opened(recording.toHTML(), 1200)
  const where = () => [slider.value, slider.getAttribute('aria-valuetext'), at('count').textContent]
  expect(where()).toEqual(['0', `start, 0 of ${last}`, `start, 0 of ${last}`])
  press('ArrowRight')
  expect(where()).toEqual(['1', `forward, 1 of ${last}: #2 = w · b`, `forward, 1 of ${last}`])
  press('ArrowLeft')
  press('ArrowLeft')
  expect(slider.value).toBe('0')
  press('End')
  expect(where()).toEqual([`${last}`, `update, ${last} of ${last}: w ← w − 0.5 · ∂L/∂w`, `update, ${last} of ${last}`])
  press('ArrowRight')
  expect(slider.value).toBe(`${last}`)
  press('Home')
  expect(slider.value).toBe('0')
  // Space plays from the start, and pauses; a key that means something else is let through.
  expect(press('x')).toBe(true)
  expect(press(' ')).toBe(false)
  expect([at('play').getAttribute('aria-label'), at('panel').getAttribute('aria-live')]).toEqual(['pause', 'off'])
  await expect.poll(() => slider.value, { timeout: 5000 }).toBe('1')
  press(' ')
  expect([at('play').getAttribute('aria-label'), at('panel').getAttribute('aria-live')]).toEqual(['play', 'polite'])
  at('next').click()
  at('next').click()
  at('back').click()
  expect(slider.value).toBe('2')
})

test('the slider moves values and gradients into sight, and the update changes them', async () => {
  const recording = await recorded()
  const { page, at, visible, slider } = await opened(recording.toHTML(), 1200)
  const move = (moment: number) => {
    slider.value = String(moment)
    slider.dispatchEvent(new Event('input'))
  }
  // Only parameters have values, and nothing a gradient.
  expect(visible().filter((text) => text?.startsWith('value'))).toEqual(['value', 'value −4'])
  expect(visible().filter((text) => text?.startsWith('grad'))).toEqual([])
  move(5)
  // L = Σ (bw + b)²/8 = 16·(4 + 9 + 16 + 25)/8
  expect([at('panel').className, at('panel').innerText]).toEqual(['forward', expect.stringContaining('108')])
  expect(visible()).toContain('value 108')
  move(6)
  expect(visible().filter((text) => text?.startsWith('grad'))).toEqual(['grad 1'])
  const backward = recording.frames.findIndex(({ phase, formula }) => phase === 'backward' && formula === '∂L/∂b')
  move(backward + 1)
  // ∂L/∂b = Σ 2(bw + b)(w + 1)/8 = −54, by w · b and by + b
  expect(at('panel').innerText).toMatch(
    /gradient, the sum of 2\s+−54\s+from #3\s+∂L\/∂#3\s+−14\s+from #2\s+∂L\/∂#2 · w\s+−40/,
  )
  move(recording.frames.findIndex(({ formula }) => formula.startsWith('b ←')) + 1)
  expect(at('panel').innerText).toMatch(/before\s+−4\s+gradient\s+−54\s+after\s+23/)
  expect(visible()).toContain('value 23')
  // A box goes to its next moment, and back the old value is there.
  const box = [...page.querySelectorAll('#graph svg > g')].find((g) =>
    g.querySelector('title')?.textContent?.startsWith('L'),
  )
  box?.dispatchEvent(new MouseEvent('click', { bubbles: true }))
  expect(slider.value).toBe('5')
  expect(visible()).toContain('value −4')
  expect(box?.classList.contains('now')).toBe(true)
})

test('the box of the moment is in sight, also where the drawing is larger than its frame', async () => {
  const recording = await recorded()
  const { page, at, press } = await opened(recording.toHTML(), 390)
  for (const _ of recording.frames) {
    press('ArrowRight')
    const [box, view] = [page.querySelector('.now'), at('graph')].map((one) => (one as Element).getBoundingClientRect())
    const inside = box.left < view.right && box.right > view.left && box.top < view.bottom && box.bottom > view.top
    expect(inside, at('count').textContent ?? '').toBe(true)
  }
})

test.each([390, 1200])('at %i px nothing makes the page scroll sideways, light and dark', async (width) => {
  const { page, press } = await opened((await recorded()).toHTML(), width)
  const grounds = new Set<string>()
  try {
    for (const value of ['light', 'dark']) {
      await cdp().send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] })
      for (const key of ['Home', 'ArrowRight', 'End']) {
        press(key)
        expect(page.documentElement.scrollWidth).toBeLessThanOrEqual(width)
      }
      const { backgroundColor, color } = getComputedStyle(page.body)
      grounds.add(backgroundColor)
      expect(color).not.toBe(backgroundColor)
    }
  } finally {
    await cdp().send('Emulation.setEmulatedMedia', { features: [] })
  }
  expect(grounds.size).toBe(2)
})

test('an updated matrix stands in its own rows, and the map of a large one is that of its new values', async () => {
  const recording = await recorded()
  const { page, press } = await opened(recording.toHTML(), 1200)
  const textsOf = (name: string) =>
    [...page.querySelectorAll('#graph svg > g')]
      .filter((g) => g.querySelector('title')?.textContent?.startsWith(name))
      .flatMap((g) => [...g.querySelectorAll('text:not([style])')].map((text) => text.textContent))
  const before = textsOf('w')
  expect(before[0]).toBe('value')
  press('End')
  const after = textsOf('w')
  // w − ½·∂L/∂w, ∂L/∂w = 2(bw + b)b/8 = 4(w + 1): −w − 2.
  expect(after.map((text) => text?.replaceAll('\u00a0', ' ').trim())).toEqual(['value', '−3  −4', '−5  −6'])
  expect(after).toHaveLength(before.length)
  press('Home')
  expect(textsOf('w')).toEqual(before)

  const big = tensor(
    new Float32Array(144).map((_, i) => (i < 72 ? 1 : 2)),
    { device: await device('cpu'), requiresGrad: true },
  )
  const large = await inspect.record(
    () => {
      big.sum().backward()
      noGrad(() => big.sub_(1.5))
    },
    { names: { big } },
  )
  const shown = await opened(large.toHTML(), 1200)
  const fills = () =>
    [...shown.page.querySelectorAll('g.value path')].map(
      (path) => path.getAttribute('style')?.match(/above|below/)?.[0],
    )
  expect(new Set(fills())).toEqual(new Set(['above']))
  const place = () => (shown.page.querySelector('g.value rect') as Element).getBoundingClientRect()
  const first = place()
  shown.press('End')
  expect(new Set(fills())).toEqual(new Set(['above', 'below']))
  expect([place().left - first.left, place().top - first.top].every((v) => Math.abs(v) < 1)).toBe(true)
})
