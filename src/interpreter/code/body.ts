/** @file A function as it is being written: what its names stand for, what all expressions and statements need. */
import type { Param, Variable } from '../../wgsl/tree.ts'
import type { Generator, Instance, Root } from './generator.ts'
import type { Place, Register } from './places.ts'
import { isCount, type Part } from './value.ts'
import { Writer } from './writer.ts'

export class Body {
  readonly g: Generator
  readonly w: Writer
  readonly instance: Instance
  readonly checked: boolean
  /** Variables and values of the function that are registers. */
  readonly registers = new Map<Variable | Param, readonly Register[]>()
  /** What pointers point to. */
  readonly pointers = new Map<Variable | Param, Place>()
  /** Variables whose address is taken, or that are too large for registers. */
  readonly inMemory: ReadonlySet<Variable>
  /** Labels of the loops and switches around. */
  readonly breaks: string[] = []
  readonly continues: string[] = []

  constructor(g: Generator, instance: Instance, inMemory: ReadonlySet<Variable>) {
    this.g = g
    this.w = new Writer(g.counter)
    this.instance = instance
    this.checked = g.code.checked
    this.inMemory = inMemory
  }

  /** An index below a count: what is not is told, and the last element taken in its place, as WebGPU may do. */
  inside(index: Part, count: string, at: number, root: Root | undefined): string {
    const { w, g } = this
    this.decides(index, at)
    const { js } = index
    if (isCount(js) && isCount(count) && Number(js) < Number(count)) return js
    const i = w.name(js)
    const outside = this.checked ? `outside(${g.site(at, root)}, ${i}, ${count})` : `Math.min(${i} >>> 0, ${count} - 1)`
    return w.fresh(`${i} >>> 0 < ${count} ? ${i} : ${outside}`)
  }

  /** A value that makes an address, or says which way to go, is defined. */
  decides({ bad }: Part, at: number): void {
    if (bad !== '0') this.w.line(`if (${bad}) tainted(${this.g.site(at)}, ${bad}, -1)`)
  }

  /** Registers for the parts of a value, named anew. */
  newRegisters(of: Variable | Param, count: number): readonly Register[] {
    const { w } = this
    const bad = this.g.isTainted(of)
    const made = Array.from({ length: count }, () => ({ js: w.variable(), bad: bad ? w.variable() : '0' }))
    this.registers.set(of, made)
    return made
  }

  /** Sets registers to parts; what may be undefined is noted. */
  assign(of: Variable | Param, registers: readonly Register[], parts: readonly Part[]): void {
    if (this.checked) this.g.taint(of, parts)
    registers.forEach(({ js, bad }, i) => {
      this.w.line(`${js} = ${parts[i].js}`)
      if (bad !== '0') this.w.line(`${bad} = ${parts[i].bad}`)
    })
  }
}
