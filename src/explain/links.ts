/** @file Lines of a listing and of the CPU twin that do the same, found by the names of bindings and constants. */
import type { Constants, Kernel } from '../core/kernel.ts'
import type { CodeLine, DispatchExplanation, LaunchExplanation, Link } from './data.ts'
import { codesOf } from './listing.ts'
import { twins } from './sources.generated.ts'

/** The CPU twin's text, with the line of its table that an op code takes. */
export function twinOf(kernel: Kernel, constants: Constants): LaunchExplanation['twin'] {
  const { name, cpu, code } = kernel
  const known = code || !Object.hasOwn(twins, name) ? undefined : twins[name]
  const taken = codesOf(kernel, constants).flatMap((code) => {
    const body = known?.codes[code]
    return body === undefined ? [] : [`${code}: ${body}`]
  })
  // Without its source a twin is what the engine has of it.
  const text = known?.text ?? (cpu ? String(cpu) : '')
  return {
    place: known ? { file: known.file, line: known.line } : null,
    lines: text ? [...text.split('\n'), ...taken] : [],
  }
}

/** What variables are called in the twin: it names them in the order of its blocks. */
function twinNames({ bindings }: Kernel, head: string): Map<number, string> {
  const names =
    head
      .match(/\(\[([^\]]*)\]/)?.[1]
      .split(',')
      .map((one) => one.trim()) ?? []
  return new Map(bindings.map(({ name, binding }, i) => [binding, /^\w+$/.test(names[i] ?? '') ? names[i] : name]))
}

const positions = (lines: readonly string[], is: (line: string, i: number) => boolean): number[] =>
  lines.flatMap((line, i) => (is(line, i) ? [i] : []))

/** The links of a dispatch. @param source  lines of the op's definition */
export function linksOf(
  kernel: Kernel,
  { wgsl, bindings }: Pick<DispatchExplanation, 'wgsl' | 'bindings'>,
  twin: readonly string[],
  source: readonly string[],
): Link[] {
  const names = twinNames(kernel, twin[0] ?? '')
  const links: Link[] = []
  const put = (about: string, ...[a, b, c]: (readonly number[])[]) => {
    if (a.length > 0 && (b.length > 0 || c.length > 0)) links.push({ about, wgsl: a, twin: b, source: c })
  }
  for (const { name, binding, holds } of bindings) {
    const other = names.get(binding)
    if (holds !== 'tensor' || other === undefined) continue
    const stores = new RegExp(`\\b${other}(\\[[^=]*\\])?\\s*[-+*/|&]?=(?![=>])|\\b${other}\\.(fill|set)\\(`)
    const writing = positions(twin, (line, i) => i > 0 && stores.test(line))
    const loads = new RegExp(`\\b${other}\\b(?!\\s*\\.(fill|set)\\()`)
    const reading = positions(twin, (line, i) => i > 0 && loads.test(line.replace(stores, '')))
    const { does, touches } = linesThat(wgsl, name)
    put(`writes ${name}`, does, writing, [])
    put(`reads ${name}`, touches, reading, [])
  }
  const words = new Set([...wgsl.flatMap(({ text }) => text.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? [])])
  for (const word of words) {
    const has = (line: string) => new RegExp(`\\b${word}\\b`).test(line)
    const listed = wgsl.map(({ text }) => text)
    put(
      word,
      positions(listed, has),
      positions(twin, (line, i) => i > 0 && has(line)),
      positions(source, has),
    )
  }
  const launching = positions(source, (line) => line.includes(`kernels.${kernel.name}`) || /^\s*launch\b/.test(line))
  const entry = positions(
    wgsl.map(({ text }) => text),
    (line) => line.includes('@compute'),
  )
  put(`launches ${kernel.name}`, entry, [], launching)
  return links
}

/** Lines that write a variable and that read it: as counted, or where nothing was, by their text. */
function linesThat(wgsl: readonly CodeLine[], name: string): { does: number[]; touches: number[] } {
  const named = (list: readonly string[]) => list.some((text) => text.split(' ')[0] === name)
  const counted = wgsl.some(({ reads, writes }) => reads.length + writes.length > 0)
  const at = (is: (line: CodeLine) => boolean) => wgsl.flatMap((line, i) => (is(line) ? [i] : []))
  if (counted) return { does: at(({ writes }) => named(writes)), touches: at(({ reads }) => named(reads)) }
  const stores = new RegExp(`\\b${name}\\[.*\\]\\S*\\s*[-+*/|&]?=(?!=)`)
  return {
    does: at(({ text }) => stores.test(text)),
    touches: at(({ text }) => new RegExp(`\\b${name}\\[`).test(text.replace(new RegExp(`${stores.source}`), ''))),
  }
}
