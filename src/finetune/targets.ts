/**
 * @file Which layers of a model get adapters: names and patterns, read as PEFT reads them. What is wrong with them is
 * said before anything is made.
 */
import { isHalf } from '../core/device.ts'
import { describe, fail, nearest } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { listed } from '../io/given.ts'
import { quote } from '../io/header.ts'
import { Conv1D } from '../models/index.ts'
import { Linear } from '../nn/linear.ts'
import type { Module } from '../nn/module.ts'

/** A layer that can have an adapter. */
export type Adaptable = Linear | Conv1D

/** Which layers are meant, as adapter_config.json has it. */
export interface Targets {
  /** Ends of paths; one string: a regular expression of whole paths, or 'all-linear'. */
  readonly targets: string | readonly string[]
  /** Numbers of blocks; null: all. */
  readonly layers: readonly number[] | null
  /** What stands before the number of a block in a path; null: anything. */
  readonly layersPattern: readonly string[] | null
  /** Layers that are not meant, as `targets`; null: none. */
  readonly exclude: string | readonly string[] | null
}

export const ALL = 'all-linear'
/** Heads, which 'all-linear' leaves out, as PEFT does. */
const HEADS = ['lm_head', 'score']

const isAdaptable = (module: Module): module is Adaptable => module instanceof Linear || module instanceof Conv1D
const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
const endsWith = (path: string, end: string): boolean => path === end || path.endsWith(`.${end}`)

/** Longer patterns, or more repetitions in one, could search for hours. */
const [LONGEST, MOST_REPEATS] = [1000, 6]

/** A test of whole paths by a regular expression, which may have come with a file from elsewhere. */
function expression(op: string, name: string, source: string): (path: string) => boolean {
  const wrong = (what: string): never => fail(op, `${name} ${quote(source)} ${what}`, 'give a list of layers')
  const bare = source.replace(/\\[^AZ]/g, '').replace(/\[[^\]]*\]/g, '')
  if (source.length > LONGEST) wrong(`has ${source.length} characters, and at most ${LONGEST} are read`)
  if (/\)[*+{]/.test(bare)) wrong('repeats a group, which may search for ever')
  if ((bare.match(/[*+{]/g) ?? []).length > MOST_REPEATS) wrong(`has more than ${MOST_REPEATS} repetitions`)
  if (/\\[AZ]|\(\?[^:=!<]/.test(bare)) wrong("has a form that only Python's expressions have")
  try {
    const whole = new RegExp(`^(?:${source})$`, 's')
    return (path) => whole.test(path)
  } catch {
    return wrong('is not a regular expression')
  }
}

/** A test of paths by a pattern or by ends. */
const matcher = (op: string, name: string, given: string | readonly string[]): ((path: string) => boolean) =>
  typeof given === 'string' ? expression(op, name, given) : (path) => given.some((end) => endsWith(path, end))

/** A name in a regular expression as it is. */
const literal = (name: string): string => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** The number of the block that a path is in, as PEFT finds it: behind a name that is not the first. */
function blockOf(path: string, patterns: Targets['layersPattern']): number | undefined {
  for (const name of patterns?.map(literal) ?? ['[^.]*']) {
    const found = path.match(new RegExp(`^.*\\.${name}\\.(\\d+)\\.`))
    if (found) return Number(found[1])
  }
  return undefined
}

/** Names of the state dict by tensor: one that has several is tied. */
function namesOf(model: Module): Map<Tensor, string[]> {
  const names = new Map<Tensor, string[]>()
  for (const [name, x] of Object.entries(model.stateDict())) names.set(x, [...(names.get(x) ?? []), name])
  return names
}

/** The table that logits are products with, where the model has no head of its own. */
function tiedTable(model: Module): Tensor | null {
  // Both are fields of every language model.
  const { lm_head, config } = model as { lm_head?: unknown; config?: { tie_word_embeddings?: unknown } }
  if (lm_head !== null || config?.tie_word_embeddings !== true) return null
  const found = model.namedParameters().find(([name]) => /(^|\.)(wte|embed_tokens)\.weight$/.test(name))
  return found?.[1] ?? null
}

/** What a weight is tied to, of a module at `path`; undefined: to nothing. */
function tiedTo(model: Module): (path: string, module: Module) => string | undefined {
  const [names, table] = [namesOf(model), tiedTable(model)]
  return (path, module) => {
    for (const x of module.parameters()) {
      const other = names.get(x)?.find((name) => !name.startsWith(`${path}.`))
      if (other) return other
      if (x === table) return 'the logits'
    }
    return undefined
  }
}

const todoTied = 'a change of one would change the other: choose others'

/**
 * The layers that targets mean, by path.
 * @param isWhole  whether each end of a list has to mean a layer
 * @throws HandgradError if they mean none, a tied weight, or what is not Linear nor Conv1D
 */
export function layersOf(
  op: string,
  model: Module,
  { targets, layers, layersPattern, exclude }: Targets,
  saved: readonly string[],
  isWhole: boolean,
): Map<string, Adaptable> {
  const modules = model.namedModules().filter(([path]) => path !== '')
  const tied = tiedTo(model)
  const name = 'targets'
  const isAll = targets === ALL
  const means = isAll ? () => true : matcher(op, name, targets)
  const leaves = exclude === null ? () => false : matcher(op, 'exclude_modules', exclude)
  const inBlocks = (path: string): boolean => {
    const block = layers && blockOf(path, layersPattern)
    return layers === null || (block !== null && block !== undefined && layers.includes(block))
  }
  const isSaved = (path: string): boolean => saved.some((one) => path === one || path.startsWith(`${one}.`))
  const adaptable = modules.filter((entry): entry is [string, Adaptable] => isAdaptable(entry[1]))
  const known = [...new Set(adaptable.map(([path]) => lastOf(path)))]
  const none = (what: string, wanted: string): never => {
    const near = nearest(lastOf(wanted), known)
    return fail(op, `no layer ${what}`, near ? `did you mean ${near}?` : `there are ${listed(known) || 'none'}`)
  }
  if (!isAll && tiedTable(model) && means('lm_head'))
    fail(op, 'lm_head is tied to the table of tokens, and has no weight of its own', todoTied)
  if (isWhole && typeof targets !== 'string')
    for (const end of targets)
      if (!modules.some(([path]) => endsWith(path, end))) none(`has a path that ends in ${quote(end)}`, end)
  const found = new Map<string, Adaptable>()
  for (const [path, module] of modules) {
    if (!means(path) || leaves(path) || !inBlocks(path)) continue
    if (isAll) {
      if (isAdaptable(module) && !HEADS.includes(lastOf(path)) && !isSaved(path) && !tied(path, module))
        found.set(path, module)
      continue
    }
    const other = tied(path, module)
    if (other) fail(op, `${path} is tied to ${other}`, todoTied)
    if (!isAdaptable(module)) fail(op, `${path} is ${describe(module)}`, 'adapters are for Linear and Conv1D')
    if (isSaved(path)) fail(op, `${path} is a target and in ${savedName(isWhole)}`, 'name it in one of them')
    found.set(path, module)
  }
  const blocks = new Set(adaptable.flatMap(([path]) => blockOf(path, layersPattern) ?? []))
  const beyond = isWhole ? layers?.find((layer) => !blocks.has(layer)) : undefined
  if (beyond !== undefined) fail(op, `layers has ${beyond}, and no block of the model has that number`)
  if (found.size === 0) none(`is meant by ${typeof targets === 'string' ? quote(targets) : listed(targets)}`, '')
  return found
}

/** What names of modules that train as a whole are called: here, and in files. */
const savedName = (isWhole: boolean): string => (isWhole ? 'modulesToSave' : 'modules_to_save')

/**
 * The modules that train as a whole, by path.
 * @param isWhole  whether each name has to mean one: PEFT names heads of several families
 * @throws HandgradError if there is none of a name, it has no parameters, or is tied to what stands elsewhere
 */
export function savedOf(op: string, model: Module, names: readonly string[], isWhole: boolean): Map<string, Module> {
  const called = savedName(isWhole)
  const modules = model.namedModules().filter(([path]) => path !== '')
  const tied = tiedTo(model)
  const found = new Map<string, Module>()
  for (const name of names) {
    const own = modules.filter(([path]) => endsWith(path, name))
    if (own.length === 0 && isWhole) {
      const near = nearest(lastOf(name), [...new Set(modules.map(([path]) => lastOf(path)))])
      fail(op, `${called} has ${quote(name)}, and no module has such a path`, near && `did you mean ${near}?`)
    }
    for (const [path, module] of own) {
      if (module.parameters().length === 0) fail(op, `${path}, of ${called}, has no parameters`)
      const half = module.parameters().find(({ dtype }) => isHalf(dtype))
      if (half) fail(op, `${path}, of ${called}, is ${half.dtype}`, "what trains has 32 bits: .to('float32')")
      const other = tied(path, module)
      if (other) fail(op, `${path}, of ${called}, is tied to ${other}`, todoTied)
      if (![...found.keys()].some((outer) => path.startsWith(`${outer}.`))) found.set(path, module)
    }
  }
  return found
}

/** Ends that mean these layers and no others; where there are none, their whole paths. */
export function endsOf(model: Module, paths: ReadonlySet<string>): string[] {
  const ends = [...new Set([...paths].map(lastOf))].sort()
  const all = model.namedModules().filter(([path]) => ends.some((end) => endsWith(path, end)))
  return all.every(([path]) => paths.has(path)) ? ends : [...paths].sort()
}
