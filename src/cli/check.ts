/**
 * @file `handgrad check my.wgsl`: runs a kernel of one's own in the interpreter, with or without a GPU, and says what
 * is wrong with it, by line. What buffers are given is read in given.ts.
 */
import { fail } from '../core/errors.ts'
import { type Alone, type AloneResult, alone } from '../interpreter/alone.ts'
import { numbersOf } from '../interpreter/contents.ts'
import { FACTS } from '../interpreter/facts.ts'
import { hintText } from '../interpreter/hints.ts'
import type { Memory } from '../interpreter/program.ts'
import { nameOf } from '../io/given.ts'
import { count } from '../text/progress.ts'
import { WgslError } from '../wgsl/index.ts'
import { constantsOf, givenFor } from './given.ts'
import { Marked, printFaults } from './marked.ts'
import { oneOf, parseOptions, wholeNumber } from './options.ts'
import { textOf } from './textfile.ts'

export const checkOptions = {
  entry: { value: 'NAME', help: 'the entry point', standard: 'the only one' },
  bind: {
    value: 'X=FILL:SHAPE',
    many: true,
    help: 'a buffer by its name: rand, randn, zeros, ones, iota, randint:N, fill:X, out (never written), numbers, X=1,2,3, those of a struct in the order of its fields, or X=FILE.npy',
  },
  param: { value: 'NAME=N', many: true, help: "a uniform's field, or a name for expressions; vectors have commas" },
  const: { value: 'NAME=N', many: true, help: 'an override' },
  groups: { value: 'N', help: 'workgroups, such as n/LANES: up to three with commas, quotients rounded up' },
  facts: {
    value: 'NAME',
    help: `the adapter that it stands for: ${Object.keys(FACTS).join(', ')}`,
    standard: 'gpu, with subgroups gpu32',
  },
  limit: { value: 'N', help: 'steps that a thread may take, and threads that there may be', standard: '10000000' },
  hints: { help: 'say what may cost time, too: barriers that nothing needed, bank conflicts, uncoalesced accesses' },
  print: { value: 'X[:N]', many: true, help: 'show the first N numbers of a buffer afterwards', standard: '8' },
  help: { help: 'show this' },
} as const

/** Bytes of a text that are read: far more than anybody writes. */
const LONGEST = 2 ** 24
const LIMIT = '10000000'
const SHOWN = '8'

/** Run the command; exit code 1 if anything is wrong with the kernel. */
export async function check(args: readonly string[]): Promise<void> {
  const [file, ...rest] = args
  if (file === undefined || file.startsWith('--')) fail('check', 'which file?', 'such as handgrad check my.wgsl')
  const given = parseOptions('check', checkOptions, rest)
  const text = await textOf('check', file, LONGEST)
  const marked = new Marked(text)
  const facts = given.facts === undefined ? undefined : oneOf('check', 'facts', given.facts, FACTS)
  const limit = wholeNumber('check', 'limit', given.limit ?? LIMIT, 1)
  try {
    const kernel = alone('check', [{ file: nameOf(file), text }], given.entry, {
      facts,
      constants: constantsOf(given.const),
    })
    const { memory, groups } = await givenFor(kernel, given)
    const asked = (given.print ?? []).map((one) => printed(one, kernel, memory))
    show(kernel, kernel.run({ groups, memory, limit, hints: given.hints !== undefined }), marked)
    for (const print of asked) console.log(print())
  } catch (error) {
    if (!(error instanceof WgslError)) throw error
    const { place, message } = error
    console.log(`${message}\n${marked.at(place.line, place.column)}`)
    process.exitCode = 1
  }
}

function show({ entry, program }: Alone, { faults, hints, threads, accesses }: AloneResult, marked: Marked): void {
  printFaults(faults, marked)
  for (const hint of hints) console.log(`hint: ${hintText(hint)}\n${marked.place(hint)}\n`)
  const groups = threads / program.workgroup.reduce((a, b) => a * b, 1)
  const ran = `${count(threads)} threads in ${count(groups)} ${groups === 1 ? 'workgroup' : 'workgroups'}`
  const found = faults.length === 0 ? 'no faults' : faults.length === 1 ? '1 fault' : `${faults.length} faults`
  console.log(`${entry}: ${found}: ${ran}, ${count(accesses)} accesses checked`)
  if (faults.length > 0) process.exitCode = 1
}

/** What shows the first numbers of a buffer, when it has run. */
function printed(text: string, { bindings }: Alone, memory: ReadonlyMap<string, Memory>): () => string {
  const [name, most = SHOWN] = text.split(':')
  const binding = bindings.find((one) => one.name === name)
  const known = bindings.map((one) => one.name).join(', ')
  if (!binding) return fail('check', `--print ${text}: ${name} is not bound`, `it is one of ${known}`)
  const wanted = wholeNumber('check', 'print', most, 1)
  return () => {
    // givenFor makes one for each binding.
    const numbers = numbersOf(binding.type, memory.get(name) as Memory, wanted)
    return `${name} = ${numbers.map((x) => (x === undefined ? '?' : String(Math.fround(x) === x ? Number(x.toPrecision(6)) : x))).join(', ')}`
  }
}
