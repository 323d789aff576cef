/**
 * @file An entry point of any WGSL, without a kernel of the engine around it: made ready, then run on memory of one's
 * own, in two orders.
 */
import { fail, KernelError, nearest } from '../core/errors.ts'
import type { Facts } from '../core/kernel.ts'
import { compile, type Module, type SourceFile, type types } from '../wgsl/index.ts'
import type { FunctionDeclaration, Variable } from '../wgsl/tree.ts'
import { entriesOf, makeProgram } from './code/index.ts'
import { overrideValues } from './code/overrides.ts'
import { kindsOf } from './contents.ts'
import { type FactsName, factsFrom } from './facts.ts'
import { type Fault, Faults } from './faults.ts'
import { type Hint, Hints } from './hints.ts'
import type { BindingInfo, Memory, Program } from './program.ts'
import { type Made, madeOf } from './programs.ts'
import { checkSize } from './sizes.ts'
import { runTwice } from './twice.ts'

export interface AloneOptions {
  /** The adapter that it stands for. Default: `gpu`, or `gpu32` if the text enables subgroups. */
  readonly facts?: FactsName | Partial<Facts>
  /** Overrides by name. */
  readonly constants?: Readonly<Record<string, number>>
}

/** A variable that a buffer is bound to. */
export interface AloneBinding extends BindingInfo {
  readonly type: types.Type
}

/** How it is run. */
export interface AloneRun {
  readonly groups: readonly [number, number, number]
  /** By the names of bindings, all of them; what a binding may write is changed. */
  readonly memory: ReadonlyMap<string, Memory>
  /** Steps that a thread may take, and threads that there may be. */
  readonly limit: number
  /** Watch for what costs time, too. */
  readonly hints?: boolean
}

export interface Alone {
  readonly module: Module
  readonly entry: string
  readonly facts: Facts
  readonly program: Program
  readonly bindings: readonly AloneBinding[]
  /** Values of overrides, by name. */
  readonly overrides: Readonly<Record<string, number>>
  /** @throws LimitError if it is too large, KernelError without a memory or with too small a one */
  run(run: AloneRun): AloneResult
}

export interface AloneResult {
  readonly faults: readonly Fault[]
  /** None where nobody asked for them. */
  readonly hints: readonly Hint[]
  readonly threads: number
  /** Accesses of storage and workgroup memory that were checked. */
  readonly accesses: number
}

/**
 * Make an entry point ready.
 * @param op     names the caller in errors
 * @param entry  may be left out where there is one only
 * @throws WgslError if the text is refused; HandgradError without such an entry point, override or facts
 */
export function alone(
  op: string,
  files: readonly SourceFile[],
  entry: string | undefined,
  { facts: named, constants = {} }: AloneOptions,
): Alone {
  const module = compile(files)
  const { file } = files[files.length - 1]
  const declared = entryOf(op, module, file, entry)
  const facts = factsFrom(named ?? (enables(module, 'subgroups') ? 'gpu32' : 'gpu'))
  if (enables(module, 'subgroups') && !facts.features.has('subgroups'))
    fail(
      op,
      `${file} enables subgroups, which ${typeof named === 'string' ? named : 'the adapter'} lacks`,
      'take the facts gpu4, gpu8, gpu16, gpu32 or gpu64',
    )
  const given = constantsOf(op, module, file, constants)
  const program = makeProgram(module, declared.name, { constants: given })
  const made = madeOf(module, declared.name, program)
  const bindings = bindingsOf(op, file, declared, program.bindings)
  return {
    module,
    entry: declared.name,
    facts,
    program,
    bindings,
    overrides: Object.fromEntries(
      [...overrideValues(module, declared, given)].map(([{ name }, value]) => [name, Number(value)]),
    ),
    run: (run) => runAlone(op, made, bindings, facts, run),
  }
}

function runAlone(
  op: string,
  made: Made,
  bindings: readonly AloneBinding[],
  facts: Facts,
  { groups, memory, limit, hints: asked = false }: AloneRun,
): AloneResult {
  const { program, file } = made
  checkSize(program, groups, { facts, limit }, op, 'run fewer workgroups, or give a higher limit')
  const bound = new Map(
    bindings.map(({ name, binding, type, minBytes }) => {
      const given = memory.get(name)
      if (!given) throw new KernelError(op, `${program.entry} uses ${name}, which is not bound`, 'bind a buffer to it')
      if (given.bytes < minBytes)
        throw new KernelError(
          op,
          `${name} takes ${minBytes} bytes at least, its buffer has ${given.bytes}`,
          'bind a larger buffer, or declare an array without a length',
        )
      return [binding, { memory: given, floats: [...kindsOf(type)].join() === 'f32', status: false }]
    }),
  )
  const faults = new Faults()
  const hints = new Hints()
  const { entry } = program
  hints.begin({ kernel: file, entry, label: op })
  const shared = { groups, limit, subgroupSize: facts.subgroupSize || 1, observers: asked ? [hints] : [] }
  runTwice(made, bound, shared, 0, (finding) => faults.note({ ...finding, kernel: file, entry, label: op }))
  const threads = [...groups, ...program.workgroup].reduce((a, b) => a * b, 1)
  return { faults: faults.list(), hints: hints.list(), threads, accesses: program.accesses }
}

const enables = ({ directives }: Module, feature: string): boolean =>
  directives.some(({ kind, names }) => kind === 'enable' && names.includes(feature))

function entryOf(op: string, module: Module, file: string, name: string | undefined): FunctionDeclaration {
  const entries = entriesOf(module)
  const names = entries.map((one) => one.name)
  if (entries.length === 0) fail(op, `${file} has no entry point`, 'it begins with @compute @workgroup_size(…)')
  if (name === undefined && entries.length > 1)
    fail(op, `${file} has ${entries.length} entry points`, `--entry is one of ${names.join(', ')}`)
  const found = name === undefined ? entries[0] : entries.find((one) => one.name === name)
  const near = name && nearest(name, names)
  const hint = near ? `did you mean ${near}? ` : ''
  return found ?? fail(op, `${file} has no entry point ${name}`, `${hint}it has ${names.join(', ')}`)
}

/** Constants by what a pipeline calls them: the number of `@id`, or the name. */
function constantsOf(
  op: string,
  { declarations }: Module,
  file: string,
  given: Readonly<Record<string, number>>,
): Record<string, number> {
  const overrides = declarations.filter((one): one is Variable => one.kind === 'variable' && one.form === 'override')
  const names = overrides.map(({ name }) => name)
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const found = overrides.find((one) => one.name === name)
      const near = nearest(name, names)
      if (!found)
        fail(
          op,
          `${file} has no override ${name}`,
          near ? `did you mean ${near}?` : `it has ${names.join(', ') || 'none'}`,
        )
      return [found.id === undefined ? name : String(found.id), value]
    }),
  )
}

/** The bindings with their types. */
function bindingsOf(
  op: string,
  file: string,
  { uses }: FunctionDeclaration,
  bindings: readonly BindingInfo[],
): AloneBinding[] {
  for (const { name, group = 0 } of uses ?? [])
    if (group !== 0) fail(op, `${file}: ${name} is in group ${group}`, 'put all bindings into @group(0)')
  const variables = [...(uses ?? [])]
  return [...bindings]
    .sort((a, b) => a.binding - b.binding)
    .map((info) => {
      const variable = variables.find(({ name }) => name === info.name)
      return { ...info, type: variable?.type as types.Type } // the check gives every variable its type
    })
}
