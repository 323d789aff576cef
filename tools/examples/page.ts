/** @file docs/made/examples.md: what each program of examples/ reached in its full size, a row for each device. */

/** What one program came to on one device. */
export interface Ran {
  readonly program: string
  readonly device: string
  readonly result: string
  /** Goals that were missed. */
  readonly missed: readonly string[]
  readonly seconds: number
  /** Its options besides `--device`. */
  readonly options: string
}

const columns = ['program', 'device', 'result', 'goals', 'seconds', 'options']

const cellsOf = ({ program, device, result, missed, seconds, options }: Ran): string[] => {
  const goals = missed.length > 0 ? `missed: ${missed.join('; ')}` : 'reached'
  return [program, device, result, goals, seconds.toFixed(0), options && `\`${options}\``].map((cell) =>
    cell.replaceAll('|', '\\|').replaceAll('\n', ' '),
  )
}

/** The page with these rows in the place of earlier ones of the same programs on the same devices. */
export function withRuns(text: string, ran: readonly Ran[]): string {
  const fresh = ran.map(cellsOf)
  const old = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| program |') && !line.startsWith('| --- |'))
    .map((line) => line.slice(2, -2).split(' | '))
    .filter((cells) => !fresh.some((row) => row[0] === cells[0] && row[1] === cells[1]))
  const table = [...old, ...fresh].map((cells) => cells.join(' | ')).sort()
  return `# The examples in their full size

Made by \`npm run examples -- --data DIR\`, which runs each program from the packed package; not to be edited. \`DIR\` holds the
data: mnist, names, tinyshakespeare, iris. The goals of each stand in \`test/examples/cases\`; those of the small sizes are
tested with every change. Seconds are by the wall's clock, of machines that had other work, too.

${[columns.join(' | '), columns.map(() => '---').join(' | '), ...table].map((line) => `| ${line} |`).join('\n')}
`
}
