/**
 * @file Files that mean harm are refused by a typed error within 100 ms and 50 MiB; 10,000 by `npm run soak hostile`.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { clean, fuzz, hostile, judge, readers } from '../support/hostile.ts'

afterAll(clean)

describe('files that mean harm', () => {
  it('are refused by every reader, soon and without memory', async () => {
    expect(hostile.length).toBeGreaterThanOrEqual(60)
    expect(new Set(hostile.map(([reader]) => reader)).size).toBeGreaterThan(9)
    const wrong: string[] = []
    for (const [reader, what, bytes] of hostile) {
      const said = await judge(reader, bytes, true)
      if (said) wrong.push(`${what}: ${said}`)
    }
    expect(wrong).toEqual([])
  })

  it('with some bytes changed are read or refused', async () => {
    const { wrong, refused } = await fuzz(1000, 1)
    expect(wrong).toEqual([])
    expect(refused).toBeGreaterThan(400)
    expect(Object.keys(readers).length).toBeGreaterThan(10)
  })
})
