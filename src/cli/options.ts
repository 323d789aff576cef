/**
 * @file The command line's options: a table that is parsed, checked and printed as help. No option is ignored silently.
 */
import { fail, nearest, shown } from '../core/errors.ts'
import { wrapped } from '../text/terminal.ts'

/** One option of a command. */
export interface Option {
  /** What follows it in the help, such as DIR; none for a switch. */
  readonly value?: string
  /** Its value where none follows it; without this one must. */
  readonly bare?: string
  /** It may be given several times. */
  readonly many?: boolean
  readonly help: string
  /** Text in its place when it is not given. */
  readonly standard?: string
}
export type Options = Readonly<Record<string, Option>>

/** Options given, by name; a switch that is given is 'true', and what may be given several times is a list. */
export type Given<O extends Options> = {
  readonly [K in keyof O]?: O[K] extends { readonly many: true } ? readonly string[] : string
}

/**
 * Read `--name value`, `--name=value` and `--switch`.
 * @throws HandgradError for an unknown option, a missing value, an argument that belongs to no option
 */
export function parseOptions<O extends Options>(command: string, known: O, args: readonly string[]): Given<O> {
  const given: Record<string, string | string[]> = {}
  for (let i = 0; i < args.length; i++) {
    if (!args[i].startsWith('--'))
      fail(
        command,
        `'${shown(args[i])}' is not an option`,
        `options begin with --; handgrad ${command} --help lists them`,
      )
    const [name, ...rest] = args[i].slice(2).split('=')
    const option = Object.hasOwn(known, name) ? known[name] : unknown(command, name, Object.keys(known))
    if (Object.hasOwn(given, name) && !option.many) fail(command, `--${name} is given twice`)
    if (!option.value) {
      if (rest.length > 0) fail(command, `--${name} takes no value`)
      given[name] = 'true'
      continue
    }
    const follows = rest.length === 0 && i + 1 < args.length && !args[i + 1].startsWith('--')
    const value = rest.length > 0 ? rest.join('=') : follows ? args[++i] : option.bare
    if (!value) fail(command, `--${name} needs a value, ${option.value}`)
    if (option.many) given[name] = [...(given[name] ?? []), value]
    else given[name] = value
  }
  return given as Given<O>
}

function unknown(command: string, name: string, known: readonly string[]): never {
  const near = nearest(name, known)
  const hint = near ? `did you mean --${near}?` : `handgrad ${command} --help lists them`
  return fail(command, `unknown option --${shown(name)}`, hint)
}

/** What to type to run a command with arguments, as it was started. */
export function commandLine(command: string, args: readonly string[]): string {
  const { npm_lifecycle_event: script, HANDGRAD_COMMAND: program = 'npx handgrad' } = process.env
  const start = command === 'train' && script === 'start' ? 'npm start --' : `${program} ${command}`
  return [start, ...args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg))].join(' ')
}

/** The help text of a table of options, in lines of at most `columns`. */
export function helpOf(options: Options, columns = 80): string {
  const rows = Object.entries(options).map(([name, { value, help, standard }]) => {
    const text = standard === undefined ? help : `${help} (default ${standard})`
    return [`  --${name}${value ? ` ${value}` : ''}`, text]
  })
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  const indent = ' '.repeat(width)
  return rows
    .map(([left, right]) =>
      wrapped(right, columns - width)
        .split('\n')
        .map((line, i) => (i === 0 ? left.padEnd(width) : indent) + line)
        .join('\n'),
    )
    .join('\n')
}

/** One of the names of a table. */
export function oneOf<T extends object>(command: string, name: string, text: string, table: T): keyof T & string {
  if (Object.hasOwn(table, text)) return text as keyof T & string
  const known = Object.keys(table)
  const near = nearest(text, known)
  const hint = `${near ? `did you mean ${near}? ` : ''}it is one of ${known.join(', ')}`
  return fail(command, `--${name} is '${shown(text)}'`, hint)
}

/** A whole number from `least` up. */
export function wholeNumber(command: string, name: string, text: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value) || value < least)
    fail(command, `--${name} is '${shown(text)}'`, `give a whole number from ${least} up`)
  return value
}

/** A number above 0. */
export function positive(command: string, name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) fail(command, `--${name} is '${shown(text)}'`, 'give a number above 0')
  return value
}
