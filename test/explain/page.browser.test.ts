/** @file An explanation's page in a browser: a launch is played, lines are linked, at any width, light and dark. */
import { beforeAll, expect, test } from 'vitest'
import { explain } from '../../src/explain/index.ts'
import { opened } from '../support/opened.ts'
import { violations } from '../support/violations.ts'
import { ops, rand } from './names.ts'

let html = ''
beforeAll(async () => {
  html = (await explain(ops.softmax, rand([1, 64]), { facts: 'gpu32', backward: true })).toHTML()
})

test('a launch is played step by step', async () => {
  const { document } = await opened(html, 1000, 'light')
  const [player] = document.querySelectorAll('.player')
  const click = (name: string) => player.querySelector<HTMLElement>(`.${name}`)?.click()
  const said = () => player.querySelector('output')?.textContent
  const lit = (kind: string) => player.querySelectorAll(`rect.${kind}`).length
  const count = Number(player.querySelector('input')?.max)
  expect(said()).toMatch(`${count} steps.`)
  click('next')
  expect(said()).toMatch(`1 of ${count}: 64 threads read x, 4 B each, at softmax.wgsl:`)
  expect([lit('on'), lit('read'), lit('write')]).toEqual([64, 64, 0])
  const now = [...document.querySelectorAll('.now')].map(({ textContent }) => textContent)
  expect(now.filter((text) => text?.includes('x[begin + c]'))).toHaveLength(1)
  expect(now.filter((text) => text?.includes('expSum(powers, x'))).toHaveLength(1)
  for (let i = 1; i < count; i++) click('next')
  expect(said()).toMatch(`${count} of ${count}: 64 threads write y`)
  expect([lit('on'), lit('write')]).toEqual([64, 64])
  click('back')
  expect(said()).toMatch(`${count - 1} of ${count}`)
})

test('a click on a line shows those that do the same', async () => {
  const { document } = await opened(html, 1000, 'light')
  const [line] = document.querySelectorAll<HTMLElement>('.code.wgsl [data-links]')
  line.click()
  const same = [...document.querySelectorAll('.same')]
  expect(same.length).toBeGreaterThan(2)
  expect(same.every((one) => one.textContent?.includes('LOG'))).toBe(true)
})

test.each([
  [360, 'dark'],
  [1000, 'light'],
] as const)('it fits %d pixels, %s, and axe finds nothing', async (width, scheme) => {
  const view = await opened(html, width, scheme)
  view.document.querySelector<HTMLElement>('.next')?.click()
  view.document.querySelector<HTMLElement>('[data-links]')?.click()
  expect(view.document.documentElement.scrollWidth).toBeLessThanOrEqual(width)
  expect(await violations(view)).toEqual([])
})
