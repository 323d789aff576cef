/** @file `npm run bench`: benny takes the turns, mistakes are one line. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { byBenny } from '../../bench/benny.ts'
import { rounds } from '../../src/bench/rounds.ts'

test('benny takes all turns of a round, never two at once, and a case may fail', async () => {
  const order: string[] = []
  let running = 0
  const turn = (name: string) => ({
    name,
    sample: async () => {
      expect(++running, 'samples at once').toBe(1)
      order.push(name)
      await new Promise((resolve) => setTimeout(resolve, 2))
      running--
      return 0.001
    },
  })
  const found = await rounds([turn('a'), turn('b')], { seconds: 0, least: 2, most: 2, driver: byBenny })
  expect(found.rounds).toBe(2)
  const second = order.slice(order.length / 2)
  for (const name of ['a', 'b']) expect(second).toContain(name)
  // The second round begins with the other.
  expect([order[0], second[0]]).toEqual(['a', 'b'])
  const broken = { name: 'c', sample: () => Promise.reject(new Error('lost')) }
  await expect(rounds([broken], { seconds: 0, least: 1, driver: byBenny })).rejects.toThrow(/lost/)
})

test('the program says what is unknown in a line, without a stack', () => {
  const file = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ['--import', 'tsx', file, ...args], { encoding: 'utf8', stdio: 'pipe' })
  expect(run('--help')).toContain('--seconds S')
  let error: unknown
  try {
    run('foo', '--device', 'cpu')
  } catch (caught) {
    error = caught
  }
  expect(error).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^bench: --suite is 'foo' \(.*\)\n$/),
  })
})
