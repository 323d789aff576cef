/**
 * @file What every example shares: its command line (`--device --seed --steps --help`, and options of its own), a
 * progress bar, and where its charts go. In a clone of the repository `--device webgpu` finds a software adapter where
 * the machine has no driver (scripts/adapter.mjs, which is not in the package).
 */
import { accessSync, constants, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Device, HandgradError, manualSeed, device as open } from 'handgrad'
import { type Chart, chartSVG, chartText } from './chart.ts'

/**
 * Options of a program: what each is when it is not given, and a line of `--help`. One that begins at a whole number
 * takes whole numbers, unless it says that it is real: `temperature: [1, 'how freely', 'real']`.
 */
type Options = Readonly<Record<string, readonly [value: number | string, help: string, kind?: 'real']>>
type Values<O extends Options> = { [K in keyof O]: O[K][0] extends number ? number : string }

/** What a program gets. */
interface Tools {
  readonly device: Device
  /** Of the random numbers; manualSeed(seed) has been called. */
  readonly seed: number
  /** The folder of pictures. */
  readonly out: string
  /** Draw the bar: `done` of `total` steps, and a figure or two. */
  progress(done: number, total: number, details?: string): void
  /** The chart in the terminal and as NAME.svg; returns the SVG. */
  show(chart: Chart, name?: string): string
  /** Write a picture or page into the folder; returns where it is. */
  save(name: string, text: string): string
}

const common = {
  seed: [1, 'of the random numbers'],
  out: ['runs', 'the folder of what it writes'],
} as const satisfies Options

/** What is wrong with the command line. */
class Usage extends Error {}

/** `--name VALUE` of the command line over what stands in the program. */
export function parsed(options: Options, args: readonly string[]): Record<string, number | string> {
  const known = Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ args: [...args], options: known })
  return Object.fromEntries(
    Object.entries(options).map(([name, [value, , kind]]) => {
      const given = values[name] as string | undefined
      if (given === undefined || typeof value === 'string') return [name, given ?? value]
      const number = Number(given || Number.NaN)
      if (!(number >= 0)) throw new Usage(`--${name} is '${given}' (give a number from 0 up)`)
      if (kind !== 'real' && Number.isInteger(value) && !Number.isInteger(number))
        throw new Usage(`--${name} is '${given}' (give a whole number)`)
      return [name, number]
    }),
  )
}

export function help(name: string, about: string, options: Options): string {
  const rows = Object.entries(options).map(
    ([option, [value, text]]) => `  --${option.padEnd(10)} ${text}${value === '' ? '' : `; default ${value}`}`,
  )
  return [about, '', `  npx tsx examples/${name} [options]`, '', ...rows, '  --help'].join('\n')
}

/** A program as a function of a device and options, for tests; `options` are those of its command line. */
interface Play<Given, R> {
  (device: Device, given?: Given): Promise<R>
  readonly options: Options
}

/**
 * A program of the examples, which starts if it is the file that was started: the last statement of its file.
 * @param about    what it shows, in a line or two
 * @param options  `{ steps: [1000, 'of gradient descent'] }`, and what else it takes
 */
export function program<O extends Options, R>(
  url: string,
  about: string,
  options: O,
  main: (tools: Tools & Values<O>) => Promise<R>,
): Play<Partial<Values<O> & { seed: number; out: string }>, R> {
  const name = basename(fileURLToPath(url), '.ts')
  const all: Options = {
    ...options,
    ...Object.fromEntries(Object.entries(common).filter(([key]) => !(key in options))),
  }
  const play = (device: Device, given: Partial<Values<O> & { seed: number; out: string }> = {}): Promise<R> => {
    const values = { ...Object.fromEntries(Object.entries(all).map(([key, [value]]) => [key, value])), ...given }
    const { seed, out } = values as { seed: number; out: string }
    manualSeed(seed)
    const save = (file: string, text: string): string => {
      mkdirSync(out, { recursive: true })
      writeFileSync(join(out, file), text)
      return join(out, file)
    }
    const show = (chart: Chart, file = name): string => {
      const svg = chartSVG(chart)
      console.log(`\n${chartText(chart)}\n(${save(`${file}.svg`, svg)})`)
      return svg
    }
    // The options' types are what Values<O> says: `parsed` and `Partial` let no others in.
    return main({ ...values, device, seed, out, progress: bar(name), show, save } as Tools & Values<O>)
  }
  const command: Options = { device: ['cpu', 'cpu, webgpu or auto'], ...all }
  start(url, command, about, (device, values) =>
    play(device, values as Partial<Values<O> & { seed: number; out: string }>),
  )
  return Object.assign(play, { options: command })
}

async function start(
  url: string,
  options: Options,
  about: string,
  main: (device: Device, values: Record<string, number | string>) => Promise<unknown>,
): Promise<void> {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return
  quietAtEnd()
  const args = process.argv.slice(2)
  // `deploy/serve.ts` of one in a folder
  const name = url.slice(new URL('.', import.meta.url).href.length)
  if (args.includes('--help')) return console.log(help(name, about, options))
  try {
    const { device: kind, ...values } = parsed(options, args)
    if ('out' in values) checkFolder(String(values.out))
    const software = new URL('../scripts/adapter.mjs', import.meta.url)
    // Whatever is missing, device() says it, with what to install.
    if (kind === 'webgpu' && existsSync(software)) await (await import(software.href)).prepareAdapter().catch(() => {})
    const device = await open(kind as 'cpu' | 'webgpu' | 'auto')
    await main(device, values)
    if (device.kind === 'webgpu') device.destroy()
  } catch (error) {
    // What the user can mend is a line; anything else is a fault of the program, with its stack.
    const { code, message } = error as Error & { code?: string }
    const usage = error instanceof Usage || code?.startsWith('ERR_PARSE_ARGS')
    if (!(error instanceof HandgradError) && !usage) throw error
    console.error(usage ? `${message}; try --help` : message)
    process.exitCode = 1
  }
}

/** A reader that has enough, such as `head`, closes the pipe: that ends the program, and is not a fault of it. */
function quietAtEnd(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
}

/** Before the program runs, not when its first picture is done. */
function checkFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true })
    accessSync(out, constants.W_OK)
  } catch (error) {
    throw new Usage(`--out is '${out}', ${(error as { code?: string }).code} (give a folder that can be written to)`)
  }
}

/** A bar that rewrites its line on a terminal; elsewhere a line every ten seconds. */
function bar(title: string): Tools['progress'] {
  const live = process.stderr.isTTY === true && !process.env.CI
  const pause = live ? 100 : 10_000
  let last = live ? 0 : performance.now()
  return (done, total, details = '') => {
    const now = performance.now()
    if (now - last < pause && !(live && done === total)) return
    last = now
    const full = Math.round((24 * done) / total)
    const line = `${title} ${'█'.repeat(full)}${'░'.repeat(24 - full)} ${done}/${total}  ${details}`
    process.stderr.write(
      live
        ? `\r${line.slice(0, (process.stderr.columns ?? 80) - 1)}\x1b[K${done === total ? '\r\x1b[K' : ''}`
        : `${line}\n`,
    )
  }
}
