/**
 * @file Makes programs: finds the entry point, evaluates what a pipeline knows, generates code when it is first run.
 */
import type { Module } from '../../wgsl/index.ts'
import { sizeOf } from '../../wgsl/layout.ts'
import type { FunctionDeclaration } from '../../wgsl/tree.ts'
import type { Type } from '../../wgsl/types.ts'
import type { BindingInfo, MakeProgram, Program, ProgramOptions, Run } from '../program.ts'
import { Runner } from '../run.ts'
import { bytesOf, type Pipeline } from './generator.ts'
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
  const pipeline: Pipeline = { module, entry, overrides, counts, waiting: waitingFunctions(module) }
  const runners = new Map<string, Runner>()
  const runnerFor = ({ checked, observers }: Run): Runner => {
    const tracing = observers.length > 0
    const key = `${checked} ${tracing}`
    const found = runners.get(key)
    if (found) return found
    const code = { checked, tracing, contract }
    const make = (handlers: Handlers) => generate(pipeline, code, handlers)
    const made = new Runner(module.source, [x, y, z], make)
    runners.set(key, made)
    return made
  }
  return {
    entry: name,
    workgroup: [x, y, z],
    workgroupBytes: workgroupBytes(pipeline),
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

/** The entry points of a module. */
export const entriesOf = ({ declarations }: Module): FunctionDeclaration[] =>
  declarations.filter((one) => one.kind === 'function').filter(({ workgroupSize }) => workgroupSize !== undefined)

function findEntry(module: Module, name: string): FunctionDeclaration {
  const all = entriesOf(module)
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

function workgroupBytes(pipeline: Pipeline): number {
  const all = [...(pipeline.entry.uses ?? [])].filter(({ space }) => space === 'workgroup')
  return all.reduce((sum, variable) => sum + Math.ceil(bytesOf(pipeline, variable) / 16) * 16, 0)
}
