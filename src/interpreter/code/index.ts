/**
 * @file Makes programs: finds the entry point, evaluates what a pipeline knows, generates code when it is first run.
 */
import type { Module } from '../../wgsl/index.ts'
import { sizeOf } from '../../wgsl/layout.ts'
import type { FunctionDeclaration } from '../../wgsl/tree.ts'
import type { Type } from '../../wgsl/types.ts'
import type { BindingInfo, MakeProgram, Program, ProgramOptions, Run } from '../program.ts'
import { Runner } from '../run.ts'
import { Generator } from './generator.ts'
import { arrayCounts, evaluate, overrideValues } from './overrides.ts'
import { generate, type Handlers } from './text.ts'
import { waitingFunctions } from './walk.ts'

export const makeProgram: MakeProgram = (module, name, { constants = {}, contract }: ProgramOptions = {}): Program => {
  const entry = findEntry(module, name)
  const overrides = overrideValues(module, entry, constants)
  const counts = arrayCounts(module, entry, overrides)
  const [x, y, z] = (entry.workgroupSize ?? []).map((one) =>
    one === 1 ? 1 : Number(evaluate(module, entry, overrides, one)),
  )
  const waiting = waitingFunctions(module)
  const runners = new Map<string, Runner>()
  const runnerFor = ({ checked, trace }: Run): Runner => {
    const key = `${checked} ${trace !== undefined}`
    const found = runners.get(key)
    if (found) return found
    const code = { checked, tracing: trace !== undefined, contract }
    const make = (handlers: Handlers) => generate(module, entry, code, overrides, counts, waiting, handlers)
    const made = new Runner(module.source, [x, y, z], make)
    runners.set(key, made)
    return made
  }
  return {
    entry: name,
    workgroup: [x, y, z],
    workgroupBytes: workgroupBytes(module, entry, counts),
    bindings: bindingsOf(entry),
    get accesses() {
      return [...runners.values()].reduce((sum, { accesses }) => sum + accesses, 0)
    },
    get flops() {
      return [...runners.values()].reduce((sum, { flops }) => sum + flops, 0)
    },
    run: (run) => runnerFor(run).run(run),
  }
}

function findEntry(module: Module, name: string): FunctionDeclaration {
  const all = module.declarations.filter(
    (one): one is FunctionDeclaration => one.kind === 'function' && one.workgroupSize !== undefined,
  )
  const found = all.find((one) => one.name === name)
  if (found) return found
  const names = all.map((one) => one.name).join(', ')
  throw module.source.error(0, `there is no entry point ${name}`, names ? `there are ${names}` : 'write one')
}

const bindingsOf = ({ uses }: FunctionDeclaration): BindingInfo[] =>
  [...(uses ?? [])].flatMap(({ name, binding, space, access, type }) =>
    binding === undefined || (space !== 'storage' && space !== 'uniform')
      ? []
      : [{ name, binding, space, writable: access === 'read_write', minBytes: sizeOf(type as Type) }],
  )

function workgroupBytes(module: Module, entry: FunctionDeclaration, counts: ReadonlyMap<string, number>): number {
  const g = new Generator(
    module,
    { checked: false, tracing: false, contract: undefined },
    new Map(),
    new Set(),
    new Set(),
  )
  for (const [text, count] of counts) g.counts.set(text, count)
  const all = [...(entry.uses ?? [])].filter(({ space }) => space === 'workgroup')
  return all.reduce((sum, variable) => sum + Math.ceil(g.bytesOf(variable) / 16) * 16, 0)
}
