/** @file The table of engines, docs/made/peers.md. */
import type { Environment } from '../../src/bench/environment.ts'
import { markdownTable } from '../../src/bench/report/mdtable.ts'
import { time } from '../../src/bench/report/table.ts'
import { cold, type WorkloadName } from './workloads.ts'

export type Cell =
  | {
      readonly seconds: number
      readonly range: readonly [number, number]
      readonly first: number
      readonly version: string
    }
  | { readonly why: string }

export interface Column {
  readonly engine: string
  readonly kind: string
  readonly cells: ReadonlyMap<WorkloadName, Cell>
}

export function page(
  columns: readonly Column[],
  names: readonly WorkloadName[],
  environment: Environment,
  rounds: number,
): string {
  const { adapter, processor, runtime, dawn, system, date, load, commit } = environment
  const reasons: string[] = []
  /** The footnote that says why there is no time. */
  const note = (cell: { readonly why: string } | undefined): string => {
    const why = cell?.why ?? ''
    if (!reasons.includes(why)) reasons.push(why)
    return `[^${reasons.indexOf(why) + 1}]`
  }
  const show = (cell: Cell | undefined): string => (cell && 'seconds' in cell ? time(cell.seconds) : `–${note(cell)}`)
  const where = adapter?.software
    ? `${adapter.description || adapter.device}, **a software adapter: the CPU behind WebGPU's interface**`
    : adapter?.description
  const table = (kinds: readonly string[], compared: boolean) => {
    const all = columns.filter(({ kind }) => kinds.includes(kind))
    const shown = all.filter(hasTimes)
    if (shown.length === 0) return ''
    const heads = shown.map((column) => `${column.engine}${compared ? '' : `, ${column.kind}`} ${versionOf(column)}`)
    const rows = names.map((name) => [name, ...shown.map(({ cells }) => show(cells.get(name))), ratio(all, name)])
    const others = all.flatMap(({ engine, kind, cells }) => {
      const whys = [...cells.values()].filter((cell) => 'why' in cell)
      return whys.length < cells.size ? [] : [`${engine}, ${kind}${[...new Set(whys.map(note))].join('')}`]
    })
    const without = others.length > 0 ? `\n\nWithout times: ${others.join('; ')}.` : ''
    return markdown(['', ...heads, 'best peer / ours'], rows) + without
  }
  const coldest = cold.filter((name) => names.includes(name))
  const first = columns.filter(hasTimes).map((column) => [
    `${column.engine}, ${column.kind}`,
    ...coldest.map((name) => {
      const cell = column.cells.get(name)
      return cell && 'first' in cell ? time(cell.first) : '–'
    }),
  ])
  return `# handgrad and its peers

Made by \`npm run bench:peers\` (bench/peers), not to be edited. ${date}, commit ${commit ?? '–'}; ${processor}; ${runtime}, ${system}; load before: ${load ?? '–'}.
Wall clock until all is done, each engine and workload in ${rounds === 1 ? 'a process' : `${rounds} processes`} of its own, in turn; the median of their medians. Answers are compared first
(losses of four steps, or mean, mean square and elements of a result, to a thousandth); what is wrong has no time. Sizes: bench/peers/workloads.ts.

## WebGPU, all on the same adapter

${where}; Dawn of webgpu ${dawn ?? '–'}. jax-js runs under \`jit\`; ONNX Runtime's inputs go up and its results come down with every run.

${table(['webgpu'], true)}

## Without a GPU

JavaScript (\`cpu\`), WebAssembly on one thread unless an engine starts more (\`wasm\`), PyTorch's own kernels on all cores.

${table(['cpu', 'wasm', 'cuda'], false)}
${coldest.length > 0 ? firstSteps(markdown(['', ...coldest], first)) : ''}${reasons.map((why, i) => `\n[^${i + 1}]: ${why}`).join('')}
`
}

const firstSteps = (table: string): string => `
## The first step in a fresh process

Compilation included; no cache on disk.

${table}
`

/** Whether an engine did any of the work: if not, one sentence says why. */
const hasTimes = ({ cells }: Column): boolean => [...cells.values()].some((cell) => 'seconds' in cell)

function versionOf({ cells }: Column): string {
  const one = [...cells.values()].find((cell) => 'version' in cell)
  return one && 'version' in one ? one.version : ''
}

/** How many times faster ours is than the best of the others in this table; ours is its first column. */
function ratio([ours, ...others]: readonly Column[], name: WorkloadName): string {
  const own = ours.cells.get(name)
  const times = others.flatMap(({ cells }) => {
    const cell = cells.get(name)
    return cell && 'seconds' in cell ? [cell.seconds] : []
  })
  if (!own || !('seconds' in own) || times.length === 0) return ''
  const factor = Math.min(...times) / own.seconds
  return `${factor >= 10 ? factor.toFixed(0) : factor.toFixed(2)} ×`
}

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  markdownTable(head, rows, 1).join('\n')
