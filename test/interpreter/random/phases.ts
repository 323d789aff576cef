/**
 * @file What threads of a workgroup do together: cells that all read after a barrier, atomics whose order does not
 * show.
 */
import { condition } from './bools.ts'
import {
  at,
  braced,
  type Context,
  declare,
  fresh,
  i32,
  partsOf,
  plain,
  type Type,
  typeText,
  u32,
  write,
} from './context.ts'
import { expression, runtime } from './expressions.ts'
import { index } from './places.ts'
import { anyType, statements } from './statements.ts'

/** Lines of the module that a phase needs, and the phase itself in the function that all threads go through. */
export interface Phase {
  declare(c: Context): void
  write(c: Context): void
}

/** Each thread writes its cell, and reads those of others after a barrier. */
export function exchange(c: Context, name: string, threads: number): Phase {
  const type = c.draw.chance(0.8) ? c.draw.pick(plain) : anyType(c)
  const looped = c.draw.chance(0.25)
  const once = (c: Context): void => {
    write(c, `${name}[l] = ${expression(c, type, 2).text};`)
    write(c, 'workgroupBarrier();')
    const value = fresh(c, false)
    write(c, `let ${value} = ${name}[${at(runtime(c, u32, 1), 1)} % ${threads}];`)
    declare(c, { text: value, type, is: 'value', weight: 2 })
    statements(c, 1)
    write(c, `h = fold(h, ${text(value, type, c)});`)
    write(c, 'workgroupBarrier();')
  }
  return {
    declare: (c) => write(c, `var<workgroup> ${name}: array<${typeText(c, type)}, ${threads}>;`),
    write(c) {
      if (!looped) return once(c)
      const counter = fresh(c, false)
      c.loops += 2
      c.around.push('continuing') // no break, no continue: all threads come to the barriers
      braced(c, `for (var ${counter} = 0; ${counter} < 2; ${counter}++) `, () => once(c))
      c.around.pop()
      c.loops -= 2
    },
  }
}

/** A scalar of a value as u32. */
function text(value: string, type: Type, c: Context): string {
  let [path, of] = [value, type]
  while (of.kind !== 'scalar') {
    if (of.kind === 'struct') {
      const member = c.draw.pick(of.members)
      ;[path, of] = [`${path}.${member.name}`, member.type]
    } else if (of.kind === 'matrix') [path, of] = [`${path}[1]`, partsOf(of)[0]]
    else if (of.kind === 'vector') [path, of] = [`${path}.y`, of.of]
    else if (of.kind === 'array') [path, of] = [`${path}[1]`, of.of]
    else break
  }
  return asWord(path, of)
}

/** A scalar as u32, with a quarter of an f32. */
export function asWord(text: string, type: Type): string {
  if (type.kind !== 'scalar') return text
  return (
    { u32: text, i32: `bitcast<u32>(${text})`, bool: `u32(${text})` }[type.name as string] ?? `u32(i32(${text} * 4.0))`
  )
}

const orders = ['Add', 'Sub', 'Max', 'Min', 'And', 'Or', 'Xor']

/** Atomics of one kind, on cells that all share; nothing is read before a barrier. */
export function counting(c: Context, name: string, cells: number): Phase {
  const type = c.draw.pick([i32, u32])
  return {
    declare: (c) => write(c, `var<workgroup> ${name}: array<atomic<${type.name}>, ${cells}>;`),
    write(c) {
      common(c, name, type, cells)
      write(c, 'workgroupBarrier();')
      write(c, `h = fold(h, ${asWord(`atomicLoad(&${name}[${c.draw.below(cells)}])`, type)});`)
    },
  }
}

/** Some atomic operations that give the same in any order. */
export function common(c: Context, name: string, type: Type, cells: number): void {
  const order = c.draw.pick(orders)
  const one = (): void => write(c, `atomic${order}(&${name}[${index(c, cells, 1)}], ${expression(c, type, 1).text});`)
  one()
  if (c.draw.chance(0.5)) braced(c, `if (${condition(c, 1).text}) `, one)
}

/** Atomics on a cell that is the thread's own, whose old values are known. */
export function own(c: Context, name: string, threads: number): Phase {
  const type = c.draw.pick([i32, u32])
  const cell = `&${name}[l]`
  return {
    declare: (c) => write(c, `var<workgroup> ${name}: array<atomic<${type.name}>, ${threads}>;`),
    write(c) {
      const value = (): string => expression(c, type, 1).text
      write(c, `atomicStore(${cell}, ${value()});`)
      const old = fresh(c, false)
      write(c, `let ${old} = atomic${c.draw.pick([...orders, 'Exchange'])}(${cell}, ${value()});`)
      declare(c, { text: old, type, is: 'value', weight: 2 })
      const [wanted, next, tried, seen] = [0, 1, 2, 3].map(() => fresh(c, false))
      // The weak exchange may fail where it need not, so nothing in the loop may be seen more than once.
      write(c, `let ${wanted} = ${c.draw.chance(0.7) ? `atomicLoad(${cell})` : value()};`)
      write(c, `let ${next} = ${value()};`)
      write(c, `var ${seen}: ${type.name};`)
      braced(c, 'loop ', () => {
        write(c, `let ${tried} = atomicCompareExchangeWeak(${cell}, ${wanted}, ${next});`)
        write(c, `${seen} = ${tried}.old_value;`)
        write(c, `if (${tried}.exchanged || ${seen} != ${wanted}) { break; }`)
      })
      declare(c, { text: seen, type, is: 'value' })
      write(c, `h = fold(h, ${asWord(`atomicLoad(${cell})`, type)});`)
    },
  }
}

/** One thread writes what all load; it is the same for all, so what is done by it may hold a barrier. */
export function told(c: Context, name: string): Phase {
  const type = c.draw.pick([i32, u32])
  return {
    declare: (c) => write(c, `var<workgroup> ${name}: ${type.name};`),
    write(c) {
      braced(c, `if (l == ${c.draw.below(2)}u) `, () => write(c, `${name} = ${expression(c, type, 2).text};`))
      const value = fresh(c, false)
      write(c, `let ${value} = workgroupUniformLoad(&${name});`)
      declare(c, { text: value, type, is: 'value', kept: true, weight: 3 })
      braced(c, `if (${value} > ${c.draw.below(9)}) `, () => {
        write(c, 'storageBarrier();')
        c.around.push('continuing')
        statements(c, 1)
        c.around.pop()
      })
    },
  }
}
