/** @file The report of a verification: as Markdown for people, as JSON for programs. */
import type { Verdict, Wanted } from './verdict.ts'

/** Where it ran. */
export interface Place {
  /** The device's short name, such as webgpu:llvmpipe. */
  readonly device: string
  /** What the adapter says of itself; its description names the driver. */
  readonly adapter: Readonly<Record<string, string>>
  readonly software: boolean
  readonly features: readonly string[]
  readonly limits: Readonly<Record<string, number>>
  /** Of handgrad, and of what it ran on. */
  readonly versions: Readonly<Record<string, string>>
}

export interface Report {
  /** When it began, ISO 8601 in UTC. */
  readonly started: string
  /** The command. */
  readonly command: string
  readonly place: Place
  readonly quick: boolean
  readonly seconds: number
  readonly passed: number
  readonly failed: number
  readonly verdicts: readonly Verdict[]
}

/** `--op softmax --setup plain --case 3 --layout transposed` */
export const optionsOf = ({ op, setup, case: index, layout }: Wanted): string =>
  Object.entries({ op, setup, case: index, layout })
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]))
    .join(' ')

/** `0.53`, `beyond every bound` */
export const inBounds = (share: number): string =>
  share === 0 ? '0' : !Number.isFinite(share) ? '∞' : share < 0.01 ? '< 0.01' : share.toPrecision(2)

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const first = (text: string): string => text.split('\n')[0]
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

function aboutPlace({ started, command, place, quick, seconds }: Report): string[] {
  const { device, adapter, software, features, limits, versions } = place
  const pairs = Object.entries(adapter).filter(([, value]) => value !== '')
  return [
    `- Device: ${device}, ${software ? 'software: it computes on the CPU' : 'a real GPU'}`,
    ...pairs.map(([name, value]) => `- Adapter's ${name}: ${value}`),
    `- Features: ${features.join(', ') || 'none'}`,
    `- Limits: ${Object.entries(limits)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    ...Object.entries(versions).map(([name, value]) => `- ${name}: ${value}`),
    `- Begun: ${started}, took ${seconds.toFixed(0)} s${quick ? ', quick' : ''}`,
    `- Command: \`${command}\``,
  ]
}

/** What failed: one line per unit, and under it the line that repeats it. */
function failures({ verdicts, command }: Report): string[] {
  const failed = verdicts.filter(({ outcome }) => outcome !== 'passed')
  if (failed.length === 0) return ['Nothing failed.', '']
  return failed.flatMap(({ op, setup, outcome, faults, repeat }) => [
    `- **${op}**, ${setup}: ${outcome}${faults.length > 1 ? `, ${faults.length} faults` : ''}. ${faults[0]?.where ?? ''}: ${first(faults[0]?.what ?? '')}`,
    ...(repeat ? ['  ```', `  ${repeatLine(command, repeat)}`, '  ```'] : []),
  ])
}

/** The command again, or the page's address, with what narrows it. */
export function repeatLine(command: string, repeat: Wanted): string {
  if (command.startsWith('verify.html')) {
    const query = Object.entries(repeat).map(([name, value]) => [name, String(value)])
    return `verify.html?${new URLSearchParams(query)}`
  }
  const kept = command.replace(/ --(quick|out|op|setup|case|layout)\b(?:[ =](?!--)("[^"]*"|\S+))?/g, '')
  return `${kept} ${optionsOf(repeat)}`
}

/** Worst errors: an op a row, with the variants that its cases launched in any setup. */
function worstErrors({ verdicts }: Report): string[] {
  const ops = [...new Set(verdicts.map(({ op }) => op))]
  return ops.map((op) => {
    const own = verdicts.filter((verdict) => verdict.op === op)
    const variants: Record<string, number> = {}
    for (const verdict of own)
      for (const [name, share] of Object.entries(verdict.variants))
        variants[name] = Math.max(variants[name] ?? 0, share)
    const failed = own.filter(({ outcome }) => outcome !== 'passed').map(({ setup }) => setup)
    return row(
      op,
      String(own.reduce((sum, { checks }) => sum + checks, 0)),
      inBounds(Math.max(...own.map(({ worst }) => worst))),
      Object.entries(variants)
        .map(([name, share]) => `${name} ${inBounds(share)}`)
        .join(', '),
      failed.length > 0 ? `failed: ${failed.join(', ')}` : 'passed',
    )
  })
}

export function markdown(report: Report): string {
  const { place, passed, failed } = report
  return [
    `# handgrad verify: ${place.device}`,
    '',
    `**${passed} passed, ${failed} failed.**`,
    '',
    ...aboutPlace(report),
    '',
    '## What failed',
    '',
    ...failures(report),
    '## Worst errors',
    '',
    'In units of what is allowed against float64: above 1 is a fault, 0 is exact.',
    '',
    '| op | checks | worst | by variant of the kernels it launched | verdict |',
    '| --- | ---: | ---: | --- | --- |',
    ...worstErrors(report),
    '',
  ].join('\n')
}

/** JSON has no infinity: it is written as text. */
export const json = (report: Report): string =>
  `${JSON.stringify(report, (_, value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value), 1)}\n`
