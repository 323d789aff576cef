/** @file A launch in words and numbers: its kernel, the choice of a variant, and its dispatches as they ran. */
import { type Block, bytesOf } from '../core/device.ts'
import type { Dispatch, Facts, Kernel } from '../core/kernel.ts'
import { codeOf } from '../webgpu/code.ts'
import type { BindingUse, CallExplanation, DispatchExplanation, LaunchExplanation } from './data.ts'
import { linksOf, twinOf } from './links.ts'
import { callsOf, codesOf, listingOf } from './listing.ts'
import { shaders } from './sources.generated.ts'
import { stepsOf } from './steps.ts'
import { type Dispatched, type Given, type Launched, memoryOf, numbersOf } from './watch.ts'

/** @param source  of the op that launched it */
export function explainLaunch(launched: Launched, source: CallExplanation['source'], facts: Facts): LaunchExplanation {
  const { launch, choice, dispatched } = launched
  const { kernel, label } = launch
  const twin = twinOf(kernel, launch.constants ?? {})
  // A grid of nothing is not run.
  const planned = choice.dispatches.filter(({ groups }) => ![groups].flat().includes(0))
  const dispatches = dispatched.map((one, i) => {
    const found = dispatchOf(launched, one, planned[i])
    return { ...found, links: linksOf(kernel, found, twin.lines, source.lines) }
  })
  const file = dispatches[0]?.place.file ?? codeOf(kernel).modules[0].source.file
  return {
    kernel: kernel.name,
    about: Object.hasOwn(shaders, file) ? shaders[file].about : '',
    file,
    label,
    variant: choice.variant,
    refused: choice.refused.map((one) => ({ ...one, condition: conditionOf(launched, one.variant, facts) })),
    dispatches,
    twin,
  }
}

function dispatchOf(
  launched: Launched,
  { program, constants, groups, memory, counts, flops }: Dispatched,
  planned: Dispatch | undefined,
): Omit<DispatchExplanation, 'links'> {
  const { kernel } = launched.launch
  const { entry, workgroup, workgroupBytes } = program
  const listing = listingOf(kernel, entry, constants, counts)
  const threads = [...groups, ...workgroup].reduce((a, b) => a * b, 1)
  const { moved } = counts
  return {
    entry,
    place: { file: listing.file, line: listing.line },
    overrides: constants,
    codes: codesOf(kernel, constants),
    params: paramsOf(kernel, launched.params, numbersOf(planned?.params ?? {})),
    bindings: bindingsOf(launched, { program, memory }),
    groups: [...groups],
    workgroup: [...workgroup],
    threads,
    workgroupBytes,
    touched: counts.touched(),
    outputs: counts.outputs,
    ...(flops !== undefined && { flops, ...(moved > 0 && { flopPerByte: flops / moved }) }),
    wgsl: listing.lines,
    calls: callsOf(listing),
    ...(counts.accesses?.length && { steps: stepsOf(counts.accesses, workgroup, groups, program.bindings) }),
  }
}

/** What the plan asks of a variant that it refused. */
function conditionOf({ launch, params }: Launched, variant: string, facts: Facts): string {
  const { kernel, constants = {} } = launch
  const { fits, better } = codeOf(kernel).plan.variants[variant]
  const asked = fits && !fits(params, facts, constants) ? fits : better
  return asked ? String(asked).replace(/\s+/g, ' ') : ''
}

/** Those of the contract, without the number that the device gives itself. */
const paramsOf = ({ params }: Kernel, shared: Given, own: Given): DispatchExplanation['params'] =>
  Object.fromEntries(
    params.flatMap(({ name }) => {
      const value = own[name] ?? shared[name]
      return value === undefined || name === 'launch_id' ? [] : [[name, value]]
    }),
  )

/** What each variable of the entry point is bound to. */
function bindingsOf({ launch }: Launched, { program, memory }: Pick<Dispatched, 'program' | 'memory'>): BindingUse[] {
  const { kernel } = launch
  const blocks = new Map(launch.blocks.flatMap((block) => (block ? [[memoryOf(block), block] as const] : [])))
  return program.bindings.map(({ name, binding }) => {
    const bound = memory.get(binding)
    const block: Block | undefined = blocks.get(bound)
    if (block) {
      const { dtype, length } = block
      return { name, binding, holds: 'tensor', dtype, length, bytes: length * bytesOf[dtype] }
    }
    const holds = binding === 0 ? 'params' : binding === kernel.status ? 'status' : 'scratch'
    return { name, binding, holds, bytes: bound?.bytes ?? 0 }
  })
}
