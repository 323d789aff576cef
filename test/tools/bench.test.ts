/** @file `npm run bench`: benny takes the turns, mistakes are one line. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { byBenny } from '../../bench/benny.ts'
import { rounds } from '../../src/bench/rounds.ts'

test('benny takes all turns of a round, in order, and its cases may fail', async () => {
  const order: string[] = []
  const turn = (name: string) => ({
    name,
    sample: async () => {
      order.push(name)
      return 0.001
    },
  })
  const found = await rounds([turn('a'), turn('b')], { seconds: 0, least: 2, most: 2, driver: byBenny })
  expect(found.rounds).toBe(2)
  const changes = order.filter((name, i) => name !== order[i - 1])
  // The second round begins with the other.
  expect([...new Set(order)]).toEqual(['a', 'b'])
  expect(changes.slice(-2)).toEqual(['b', 'a'])
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
