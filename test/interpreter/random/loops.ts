/** @file Random loops: for, while, loop with continuing. Each has a counter that nobody else writes. */
import { condition } from './bools.ts'
import { braced, type Context, declare, fresh, type Name, u32, write } from './context.ts'
import { runtime } from './expressions.ts'
import { statements } from './statements.ts'

export function loop(c: Context): void {
  const { draw } = c
  const counter = fresh(c, false)
  const name: Name = { text: counter, type: u32, is: 'variable', kept: true }
  // Adapters write out loops whose end is constant, which takes them long.
  const end = draw.chance(0.3) ? `${draw.between(1, 2)}u` : `(${runtime(c, u32, 0).text} & ${draw.pick([1, 3])}) + 1`
  c.loops++
  draw.pick([inHeader, inHeader, inBody, inContinuing])(c, name, end)
  c.loops--
}

function body(c: Context, count: number): void {
  c.around.push('loop')
  statements(c, count)
  c.around.pop()
}

function inHeader(c: Context, counter: Name, end: string): void {
  const { text } = counter
  const step = c.draw.pick([`${text}++`, `${text} += 1u`, `${text} = ${text} + 1`])
  c.scopes.push([counter])
  braced(c, `for (var ${text} = 0u; ${text} < ${end}; ${step}) `, () => body(c, c.draw.between(1, 3)))
  c.scopes.pop()
}

function inBody(c: Context, counter: Name, end: string): void {
  const { text } = counter
  write(c, `var ${text} = 0u;`)
  declare(c, counter)
  const head = c.draw.pick([`while (${text} < ${end}) `, `for (; ${text} < ${end};) `, `while ${text} != ${end} `])
  braced(c, head.includes('!=') ? `while ${text} < 4 && ${text} != ${end} ` : head, () => {
    write(c, `${text}++;`)
    body(c, c.draw.between(1, 2))
  })
}

function inContinuing(c: Context, counter: Name, end: string): void {
  const { text } = counter
  write(c, `var ${text} = 0u;`)
  declare(c, counter)
  const outer = c.scopes.map((scope) => [...scope])
  // What is declared in the body is seen in `continuing`, which was not made for it.
  const hides = c.hides
  c.hides = false
  braced(c, 'loop ', () => {
    const leaves = c.draw.chance(0.5)
    if (leaves) braced(c, `if (${text} >= ${end}) `, () => write(c, 'break;'))
    body(c, c.draw.between(1, 2))
    const scopes = c.scopes
    c.scopes = outer
    braced(c, 'continuing ', () => {
      c.around.push('continuing')
      if (c.draw.chance(0.4)) statements(c, 1)
      c.around.pop()
      write(c, `${text} += 1u;`)
      if (!leaves || c.draw.chance(0.3)) write(c, `break if ${text} >= ${end} || (${condition(c, 1).text});`)
    })
    c.scopes = scopes
  })
  c.hides = hides
}
