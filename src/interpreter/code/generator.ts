/**
 * @file What all functions of one generated program share: memory, overrides, the places that faults name, the
 * functions still to be written. A function is written once for each list of variables that its pointers point into, so
 * that every access names its variable; functions do not recurse in WGSL, so these lists end.
 */

import type { Module } from '../../wgsl/index.ts'
import { alignOf, sizeOf, strideOf } from '../../wgsl/layout.ts'
import type { Constant, Expression, FunctionDeclaration, Identifier, Param, Variable } from '../../wgsl/tree.ts'
import type { Type } from '../../wgsl/types.ts'
import { scalarsOf } from './scalars.ts'
import type { Part } from './value.ts'
import type { Counter } from './writer.ts'

/** A variable's memory: its own buffer, or a part of what workgroup or thread have. */
export interface Root {
  /** Views and shadows have this name and one letter more. */
  readonly id: string
  readonly variable: Variable
  /** Where it begins in the buffer that `id` names, in units; in thread memory after where the thread's begins. */
  readonly base: number
  /** More than one thread writes there. */
  readonly shared: boolean
  /** Fresh data may be undefined: buffers. */
  readonly external: boolean
}

/** Where something happens that may be a fault. */
export interface Site {
  readonly at: number
  readonly root?: Root
  /** A barrier of `workgroupUniformLoad`. */
  readonly loads?: boolean
}

/** A function, of one list of pointed-to variables. */
export interface Instance {
  readonly name: string
  readonly target: FunctionDeclaration
  /** For each parameter what it points into; undefined for values. */
  readonly roots: readonly (Root | undefined)[]
}

/** What is known of a program when it is made, before any code is. */
export interface Pipeline {
  readonly module: Module
  readonly entry: FunctionDeclaration
  readonly overrides: ReadonlyMap<Variable, Constant>
  /** Counts of arrays that overrides give, by their texts. */
  readonly counts: ReadonlyMap<string, number>
  /** Functions in which threads wait for each other. */
  readonly waiting: ReadonlySet<FunctionDeclaration>
}

export interface Code {
  /** Look for faults. */
  readonly checked: boolean
  readonly tracing: boolean
  /** Seed of contractions; undefined: none. */
  readonly contract: number | undefined
}

/** What undefined data may be in: grows until it no longer does, then the program is as it must be. */
export type Tainted = Set<Variable | Param | FunctionDeclaration>

export class Generator {
  readonly pipeline: Pipeline
  readonly code: Code
  readonly tainted: Tainted
  /** Bytes of a unit, in which places in memory are counted: 2 where there is f16, else 4. */
  readonly unit: 2 | 4
  readonly counter: Counter = { next: 1, lines: 0 }
  /** Number 0 is none. */
  readonly sites: Site[] = [{ at: 0 }]
  readonly instances = new Map<string, Instance>()
  readonly roots = new Map<Variable, Root>()
  /** Units of workgroup memory and of a thread's memory. */
  workgroupUnits = 0
  threadUnits = 0
  /** Lists of constants, which are indexed when a thread runs. */
  readonly tables: string[] = []
  private readonly pending: Instance[] = []

  constructor(pipeline: Pipeline, code: Code, tainted: Tainted) {
    this.pipeline = pipeline
    this.code = code
    this.tainted = tainted
    this.unit = pipeline.module.directives.some(({ kind, names }) => kind === 'enable' && names.includes('f16')) ? 2 : 4
  }

  units(bytes: number): number {
    return bytes / this.unit
  }

  site(at: number, root?: Root): number {
    return this.sites.push({ at, root }) - 1
  }

  /** A list of constants by its name. */
  table(parts: readonly Part[]): string {
    return `c${this.tables.push(`[${parts.map(({ js }) => js).join(',')}]`) - 1}`
  }

  /** The memory of a variable that is not in registers. */
  rootOf(variable: Variable): Root {
    const found = this.roots.get(variable) ?? this.place(variable)
    this.roots.set(variable, found)
    return found
  }

  private place(variable: Variable): Root {
    const { space, type, access } = variable as { space: string; type: Type; access: string }
    if (space === 'storage' || space === 'uniform') {
      const shared = access === 'read_write'
      return { id: `b${variable.binding}`, variable, base: 0, shared, external: space === 'storage' }
    }
    const units = Math.max(this.units(Math.ceil(bytesOf(this.pipeline, variable) / 4) * 4), 1)
    const align = Math.max(1, this.units(Math.max(4, alignOf(type))))
    const workgroup = space === 'workgroup'
    const end = workgroup ? this.workgroupUnits : this.threadUnits
    const base = Math.ceil(end / align) * align
    if (workgroup) this.workgroupUnits = base + units
    else this.threadUnits = base + units
    return { id: workgroup ? 'w' : 'f', variable, base, shared: workgroup, external: false }
  }

  instance(target: FunctionDeclaration, roots: readonly (Root | undefined)[]): Instance {
    const key = [target.name, ...roots.map((root) => (root ? `${root.id}:${root.base}` : ''))].join(' ')
    let found = this.instances.get(key)
    if (!found) {
      found = { name: `f${this.instances.size}`, target, roots }
      this.instances.set(key, found)
      this.pending.push(found)
    }
    return found
  }

  /** The next function that is called and not yet written. */
  next(): Instance | undefined {
    return this.pending.shift()
  }

  /** Notes that undefined data may get into something. @returns whether it may */
  taint(what: Variable | Param | FunctionDeclaration, parts: readonly Part[]): boolean {
    if (parts.some(({ bad }) => bad !== '0')) this.tainted.add(what)
    return this.tainted.has(what)
  }

  isTainted(what: Variable | Param | FunctionDeclaration): boolean {
    return this.code.checked && this.tainted.has(what)
  }
}

/** Bytes of a variable, of arrays that overrides count too. */
export function bytesOf(pipeline: Pipeline, { type }: Variable): number {
  if (type?.kind === 'array' && typeof type.count === 'string') return countOf(pipeline, type.count) * strideOf(type)
  return sizeOf(type as Type)
}

/** The count of an array that an expression of overrides gives, by its text. */
export function countOf({ counts }: Pipeline, text: string): number {
  const count = counts.get(text)
  if (count === undefined) throw new Error(`the count ${text} was not evaluated`)
  return count
}

/** The expression that counts an array type, as it is written: `array<f32, N>`, also behind names for types. */
export function countExpression(written: Expression | undefined): Expression | undefined {
  const e = written as Identifier | undefined
  if (e?.target?.kind === 'alias') return countExpression(e.target.written)
  return e?.template?.[1]
}

/** Parts of a type. */
export const partCount = (type: Type): number => scalarsOf(type).length
