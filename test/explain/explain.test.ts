/** @file `explain` tells of the dispatches that a spy saw, for every op of the table; and of what it was asked. */
import { describe, expect, test } from 'vitest'
import { tap } from '../../src/core/tap.ts'
import { explain } from '../../src/explain/index.ts'
import { makeProgram } from '../../src/interpreter/code/index.ts'
import { InterpreterDevice } from '../../src/interpreter/device.ts'
import type { Run } from '../../src/interpreter/program.ts'
import { Programs } from '../../src/interpreter/programs.ts'
import { eachKernel } from '../table/cover.ts'
import { opNames } from '../table/run.ts'
import { calledOf, explained, inputsOf, type Line, run } from './cases.ts'

/** A device whose dispatches are noted by a spy of this test. */
function spied(facts: 'gpu' | 'gpu32' | 'software') {
  let dispatched: string[] = []
  let lines: Line[] = []
  const programs = new Programs((module, entry, options) => {
    const program = makeProgram(module, entry, options)
    const run = (given: Run) => {
      if (given.checked) dispatched.push(`${entry} ${given.groups}`)
      return program.run(given)
    }
    return Object.create(program, { run: { value: run } })
  })
  const device = new InterpreterDevice(programs, { facts })
  tap(device, {
    run: (next, launch) => {
      const before = device.counts()
      dispatched = []
      next(launch)
      const [taken] = Object.entries(device.counts()).filter(([name, n]) => n > (before[name] ?? 0))
      lines.push(...dispatched.map((one) => `${taken[0]} ${one}`))
    },
  })
  const seen = () => {
    const all = lines
    lines = []
    return all
  }
  return { device, seen }
}

describe.each([
  ['gpu32', opNames],
  ['software', eachKernel],
] as const)('the dispatches of a first case on %s', (facts, names) => {
  const { device, seen } = spied(facts)
  test.each(names)('%s', async (op) => {
    const ran = await run(op, device, seen)
    const told = await explain(calledOf(op), ...inputsOf(op, device), { facts, backward: true })
    expect(explained(told)).toEqual(ran)
    expect(told.notes.filter((note) => note.includes('found by'))).toEqual([])
  })
})
