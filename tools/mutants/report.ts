/** @file The run as a page: docs/made/mutants.md. */
import type { Mutant } from './mutant.ts'

export type Outcome = 'killed' | 'survived' | 'invalid'

export interface Verdict {
  readonly mutant: Mutant
  readonly outcome: Outcome
  readonly line: number
  /** Who noticed; of survivors: how many jobs did not. */
  readonly by: string
  /** Why nobody can notice, from explained.json. */
  readonly cause?: string
}

const tidy = (s: string): string => s.replace(/\s+/g, ' ').trim()
const short = (s: string): string => (s.length > 90 ? `${s.slice(0, 87)}…` : s)
const code = (s: string): string => `\`${short(tidy(s)).replaceAll('|', '\\|')}\``
const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`)

/** Counts of verdicts. */
export function count(verdicts: readonly Verdict[]) {
  const of = (outcome: Outcome) => verdicts.filter((v) => v.outcome === outcome)
  const [killed, survived] = [of('killed').length, of('survived')]
  const explained = survived.filter((v) => v.cause).length
  return {
    killed,
    survived: survived.length,
    explained,
    invalid: of('invalid').length,
    rate: percent(killed, killed + survived.length),
  }
}

export function page(verdicts: readonly Verdict[], facts: Readonly<Record<string, string>>): string {
  const groups = (['rule', 'shader'] as const).map((group) => ({
    title: group === 'rule' ? 'Gradient rules' : 'WGSL',
    own: verdicts.filter(({ mutant }) => mutant.group === group),
  }))
  const row = (name: string, list: readonly Verdict[]) => {
    const { killed, survived, explained, invalid, rate } = count(list)
    return `| ${name} | ${killed + survived} | ${killed} | ${survived} | ${explained} | ${invalid} | ${rate} |`
  }
  const tables = groups.flatMap(({ title, own }) => {
    const files = [...new Set(own.map(({ mutant }) => mutant.file))].sort()
    return [
      `## ${title}`,
      '',
      '| file | mutants | killed | survived | of these explained | invalid | killed |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
      ...files.map((file) =>
        row(
          file,
          own.filter(({ mutant }) => mutant.file === file),
        ),
      ),
      row('**all**', own),
      '',
    ]
  })
  const survivors = verdicts
    .filter(({ outcome }) => outcome === 'survived')
    .map(
      ({ mutant, line, by, cause }) =>
        `| ${mutant.file}:${line} | ${mutant.where} | ${code(mutant.original)} → ${code(mutant.mutated)} | ${cause ?? `unexplained (${by})`} |`,
    )
  return [
    '# Mutants',
    '',
    'Small faults put into the gradient rules and the kernels, one at a time; a test must notice each. Rules are judged by differences in',
    'float64, by the cases from PyTorch and by the rows of the op table on the CPU; kernels by the rows that launch them on WebGPU, as users',
    'have them and with every variant forced, against the CPU in float64, with guard cells, and by the tests of optimizers, random numbers and',
    'special functions. A mutant that does not compile counts as invalid, one that never ends as killed.',
    '',
    ...Object.entries(facts).map(([key, value]) => `- ${key}: ${value}`),
    '',
    ...tables,
    '## Survivors',
    '',
    ...(survivors.length > 0
      ? ['| where | in | change | cause |', '| --- | --- | --- | --- |', ...survivors]
      : ['None.']),
    '',
  ].join('\n')
}
