/**
 * @file A launch whose blocks are beyond one binding (maxStorageBufferBindingSize, 128 MiB on many adapters) as several
 * launches, each of which binds ranges of the same buffers. What a launch touches is a nest of loops (core/nest.ts);
 * whichever axis takes most off what is bound is cut in two, until every part fits. All parts are known before the
 * first runs, so a launch that cannot be cut is refused before anything happened.
 */
import { WORD_BYTES } from '../core/contract.ts'
import { copy, pointwise } from '../core/contracts.generated.ts'
import { bytesOf, type Launch } from '../core/device.ts'
import { LimitError } from '../core/errors.ts'
import { formatOf } from '../core/half.ts'
import type { Constants, Facts, Params } from '../core/kernel.ts'
import type { Nest, Walk } from '../core/nest.ts'
import { type Resource, roundUp, type Slab, WebGPUBlock } from './buffers.ts'
import { type Candidates, choose } from './choose.ts'
import { codeOf } from './code.ts'
import { scratchOf } from './dispatch.ts'
import type { Pipelines } from './pipelines.ts'
import type { Status } from './status.ts'
import { join as joined } from './validity.ts'

/** What is needed of the device. */
export interface SplitHost {
  readonly facts: Facts
  /** Bytes of a storage buffer that are bound at once. */
  readonly maxBinding: number
  readonly scratch: (bytes: number, label: string) => WebGPUBlock
  release(block: WebGPUBlock): void
  /** A range of a buffer. */
  readonly slice: (slab: Slab, offset: number, bytes: number) => Resource
  readonly pipelines: Pipelines
  readonly status: Status
}

/** Ranges begin at multiples of this many elements: 256 bytes or more, which every adapter takes as an offset. */
const STEP = 128
const NONE: Constants = {}
/** Ranges of a buffer that are remembered from launch to launch. */
const MAX_WINDOWS = 64

/** A part of a nest. */
interface Piece {
  readonly sizes: readonly number[]
  readonly from: readonly number[]
  readonly walks: readonly (Walk | undefined)[]
  /** It has a part of a joined axis, */
  readonly joined: boolean
  /** of which more follows. */
  readonly before: boolean
}
/** What is run: a piece, two trees one after the other, or two whose results are joined. */
type Tree = Piece | { readonly halves: readonly [Tree, Tree]; readonly joins?: Piece }
type Blocks = readonly (WebGPUBlock | undefined)[]

/** A vec4 of words, in elements of 32 bits or, twice as many, of 16. */
const VEC4 = 8

/** Elements from the first that a walk touches, at a multiple of STEP, to the end of the last one's vec4. */
function rangeOf(walk: Walk, sizes: readonly number[]): { from: number; to: number } {
  if (countOf(walk, sizes) === 0) return { from: 0, to: 4 }
  const { at, steps, width = 1 } = walk
  let [from, to] = [at, at + width]
  steps.forEach((step, i) => {
    const far = step * (sizes[i] - 1)
    if (far < 0) from += far
    else to += far
  })
  return { from: STEP * Math.floor(from / STEP), to: roundUp(to, VEC4) }
}

/** The steps of places that follow each other in row-major order, over the axes along which a walk goes on. */
function denseSteps({ at, steps, width }: Walk, sizes: readonly number[]): number[] {
  const after = (i: number): Walk => ({ at, steps: steps.slice(i + 1), width })
  return steps.map((step, i) => step && countOf(after(i), sizes.slice(i + 1)))
}
/** Bytes of an element. */
const widthOf = (block: WebGPUBlock | undefined): number => (block ? bytesOf[block.dtype] : WORD_BYTES)
const packed = (walk: Walk, sizes: readonly number[]): Walk => ({ ...walk, at: 0, steps: denseSteps(walk, sizes) })
const countOf = ({ steps, width = 1 }: Walk, sizes: readonly number[]): number =>
  steps.reduce((count, step, i) => (step === 0 ? count : count * sizes[i]), width)

/** Whether a kernel can be given a range of the block itself. */
function isDirect(walk: Walk, sizes: readonly number[]): boolean {
  if (!walk.dense || countOf(walk, sizes) === 0) return true
  const steps = denseSteps(walk, sizes)
  return walk.at % STEP === 0 && steps.every((step, i) => sizes[i] === 1 || step === walk.steps[i])
}

/** Where an axis is cut: about in the middle, at a multiple of up to STEP, so that ranges begin at multiples of it. */
function middleOf(size: number): number {
  let unit = STEP
  while (unit > size / 2) unit /= 2
  return unit * Math.round(size / 2 / unit)
}

/**
 * Run a launch in parts.
 * @param candidates  variants of its kernel, which tell what scratch a part takes
 * @param run         runs a launch that binds no more than it may
 * @throws LimitError before anything is run, if it cannot be cut
 */
export function runInParts(
  launch: Launch,
  host: SplitHost,
  candidates: Candidates,
  run: (launch: Launch) => void,
): void {
  new Split(launch, host, candidates, run).run(codeOf(launch.kernel).plan.nests?.(launch.params, constantsOf(launch)))
}

const constantsOf = ({ constants = NONE }: Launch): Constants => constants

/** One launch, which is beyond a binding. */
class Split {
  private readonly launch: Launch
  private readonly host: SplitHost
  private readonly candidates: Candidates
  private readonly runPart: (launch: Launch) => void

  constructor(launch: Launch, host: SplitHost, candidates: Candidates, run: (launch: Launch) => void) {
    this.launch = launch
    this.host = host
    this.candidates = candidates
    this.runPart = run
  }

  run(nests: readonly Nest[] | undefined): void {
    const { launch } = this
    const blocks = launch.blocks as Blocks
    for (const block of blocks) this.forgetMany(block?.slab.windows)
    const plans = (nests ?? [WHOLE]).map((nest) => {
      const own: Blocks = nest.blocks?.map((i) => blocks[i]) ?? blocks
      const walks = own.map((block, i) => block && (nest.walks[i] ?? { at: 0, steps: [], width: block.length }))
      const from = nest.sizes.map(() => 0)
      return { nest, own, tree: this.cut(nest, { sizes: nest.sizes, from, walks, joined: false, before: false }) }
    })
    launch.kernel.bindings.forEach(({ role }, i) => {
      const block = blocks[i]
      // What is written in full has no past.
      if (block && (role === 'out' || (role === 'inout' && launch.whole))) {
        block.error = block.verdicts = undefined
        block.writtenIn = 0
      }
    })
    for (const { nest, own, tree } of plans) this.runTree(nest, tree, own)
  }

  /** Bytes that a piece binds at once, by binding, and at the end of scratch. */
  private bytesOf(nest: Nest, piece: Piece): number[] {
    const blocks = this.launch.blocks as Blocks
    const bound = piece.walks.map((walk, i) => {
      if (!walk) return 0
      const { from, to } = rangeOf(walk, piece.sizes)
      return widthOf(blocks[nest.blocks?.[i] ?? i]) * (to - from)
    })
    const { facts } = this.host
    const [params, constants] = [this.paramsOf(nest, piece), this.constantsOf(nest, piece)]
    const { variant } = choose(this.candidates, params, facts, constants)
    return [...bound, scratchOf([variant.dispatch(params, facts, constants)].flat())]
  }

  /** Bytes beyond a binding, of all that a piece binds. */
  private costOf(nest: Nest, piece: Piece): number {
    const { maxBinding } = this.host
    return this.bytesOf(nest, piece).reduce((sum, bytes) => sum + Math.max(0, bytes - maxBinding), 0)
  }

  private cut(nest: Nest, piece: Piece, own = this.costOf(nest, piece)): Tree {
    if (own === 0) return piece
    let least = own
    let best: { halves: readonly [Piece, Piece]; costs: readonly number[]; joins: boolean } | undefined
    piece.sizes.forEach((size, axis) => {
      const joins = nest.join !== undefined && axis >= nest.join.axis
      if (size < 2 || (joins && nest.join?.code === undefined)) return
      const halves = halvesOf(piece, axis, joins)
      const costs = halves.map((half) => this.costOf(nest, half))
      const cost = Math.max(...costs)
      if (cost < least) [least, best] = [cost, { halves, costs, joins }]
    })
    if (!best) throw this.refusal(nest, piece)
    const { halves, costs, joins } = best
    const [left, right] = halves.map((half, i) => this.cut(nest, half, costs[i]))
    return { halves: [left, right], ...(joins && { joins: piece }) }
  }

  private refusal(nest: Nest, piece: Piece): LimitError {
    const { kernel, label } = this.launch
    const bytes = this.bytesOf(nest, piece)
    const worst = bytes.indexOf(Math.max(...bytes))
    const what = worst < piece.walks.length ? `of ${kernel.bindings[worst].name} ` : 'of scratch '
    const limit = `the adapter binds ${this.host.maxBinding} (maxStorageBufferBindingSize)`
    const cannot = nest === WHOLE ? `${kernel.name} does not run in parts and binds` : `${kernel.name} binds`
    const todo = 'use smaller batches, or split the tensor and call it on each part'
    return new LimitError(label, `${cannot} ${bytes[worst]} bytes ${what}at once, ${limit}`, todo)
  }

  private runTree(nest: Nest, tree: Tree, blocks: Blocks): void {
    if (!('halves' in tree)) return this.runPiece(nest, tree, blocks)
    const { halves, joins } = tree
    if (!joins) {
      for (const half of halves) this.runTree(nest, half, blocks)
      return
    }
    const { label } = this.launch
    const walk = joins.walks[0] as Walk
    const size = countOf(walk, joins.sizes)
    this.lend(3, size, ([a, b, y]) => {
      this.runTree(nest, halves[0], [a, ...blocks.slice(1)])
      this.runTree(nest, halves[1], [b, ...blocks.slice(1)])
      const params = { size, d1: 1, d2: size, scalar: 0, a: [0, 0, 0, 1], b: [0, 0, 0, 1], c: [0, 0, 0, 0] }
      const apply = (OP: number, ...blocks: WebGPUBlock[]) =>
        this.runPart({ kernel: pointwise, blocks, params, constants: { OP, SCALAR: 0, INT: 0 }, label })
      const last = joins.joined ? undefined : nest.join?.last
      apply(nest.join?.code as number, y, a, b)
      if (last) apply(last.code, a, y)
      this.move(joins, walk, blocks[0] as WebGPUBlock, last ? a : y, true)
    })
  }

  /** Bind ranges; what a kernel cannot be given so is packed into scratch before, or unpacked from there after. */
  private runPiece(nest: Nest, piece: Piece, blocks: Blocks): void {
    const { launch, host } = this
    const { bindings } = launch.kernel
    const staged = piece.walks.map((walk) => walk !== undefined && !isDirect(walk, piece.sizes))
    const lent: WebGPUBlock[] = []
    try {
      const own = piece.walks.map((walk, i) => {
        const block = blocks[i]
        if (!walk || !block) return undefined
        if (!staged[i]) return block
        const scratch = host.scratch(WORD_BYTES * countOf(walk, piece.sizes), launch.label)
        lent.push(scratch)
        const { role } = bindings[i]
        if (role === 'in' || walk.kept || (role === 'inout' && !launch.whole))
          this.move(piece, walk, block, scratch, false)
        return scratch
      })
      // Only now: what is packed by launches of its own may have forgotten ranges.
      const views = own.map((block, i) => {
        const walk = piece.walks[i] as Walk
        return block && this.view(block, staged[i] ? packed(walk, piece.sizes) : walk, piece.sizes)
      })
      const params = this.paramsOf(nest, piece)
      host.status.place = nest.places?.reduce((sum, step, i) => sum + step * piece.from[i], 0) ?? 0
      try {
        this.runPart({ ...launch, blocks: views, params, constants: this.constantsOf(nest, piece) })
      } finally {
        host.status.place = 0
      }
      views.forEach((view, i) => {
        const to = own[i]
        if (!view || !to || bindings[i].role === 'in') return
        settle(to, view)
        if (staged[i]) this.move(piece, piece.walks[i] as Walk, blocks[i] as WebGPUBlock, to, true)
      })
    } finally {
      for (const block of lent) host.release(block)
    }
  }

  private paramsOf(nest: Nest, { sizes, from, walks }: Piece): Params {
    const at = walks.map((walk) => {
      if (!walk || !isDirect(walk, sizes)) return 0
      return walk.at - rangeOf(walk, sizes).from
    })
    return { ...this.launch.params, ...nest.params({ sizes, from, at }) }
  }

  private constantsOf({ join }: Nest, { joined, before }: Piece): Constants {
    return { ...constantsOf(this.launch), ...(joined && join?.last?.without), ...(before && join?.before) }
  }

  /** A range of a block, as a block; the block itself where it fits. */
  private view(block: WebGPUBlock, walk: Walk, sizes: readonly number[]): WebGPUBlock {
    const { slab, dtype, label } = block
    const { from, to } = rangeOf(walk, sizes)
    if (from === 0 && slab.bytes <= this.host.maxBinding) return block
    const width = bytesOf[dtype]
    const bytes = Math.min(width * to, slab.bytes) - width * from
    const view = new WebGPUBlock(dtype, to - from, label, this.window(slab, width * from, bytes))
    return Object.assign(view, { error: block.error, verdicts: block.verdicts, writtenIn: block.writtenIn })
  }

  /** A range of a buffer as a buffer, which the bind groups of the next step find again. */
  private window(slab: Slab, offset: number, bytes: number): Slab {
    const windows = (slab.windows ??= new Map())
    const key = `${offset} ${bytes}`
    const known = windows.get(key)
    if (known) return known
    const { id, binding, groups } = this.host.slice(slab, offset, bytes)
    const made: Slab = {
      ...{ id, binding, groups, bytes, buffer: slab.buffer, refused: slab.refused },
      // The host's writes wait for what uses any part of a buffer.
      get usedIn() {
        return slab.usedIn
      },
      set usedIn(serial) {
        slab.usedIn = serial
      },
    }
    windows.set(key, made)
    return made
  }

  /** Forget the ranges of a buffer where they are many: before a launch, whose parts hold none yet. */
  private forgetMany(windows: Slab['windows']): void {
    if (!windows || windows.size < MAX_WINDOWS) return
    for (const old of windows.values()) this.host.pipelines.forget(old)
    windows.clear()
  }

  /** Copy what a piece walks over between a block and scratch, in which it lies in order. */
  private move({ sizes }: Piece, walk: Walk, block: WebGPUBlock, scratch: WebGPUBlock, out: boolean): void {
    const { width = 1 } = walk
    const axes = [...sizes, width].map((size, i) => ({
      size,
      step: walk.steps[i] ?? 1,
      dense: denseSteps(walk, sizes)[i] ?? 1,
    }))
    const kept = axes.filter(({ size, step }) => size > 1 && step !== 0)
    const fours = (name: string, values: readonly number[], pad: number) => {
      const all = [...new Array<number>(8 - values.length).fill(pad), ...values]
      return { [`${name}_lo`]: all.slice(0, 4), [`${name}_hi`]: all.slice(4) }
    }
    const [there, here] = [kept.map(({ step }) => step), kept.map(({ dense }) => dense)]
    const params = {
      size: countOf(walk, sizes),
      flat: 0,
      dst_offset: out ? walk.at : 0,
      src_offset: out ? 0 : walk.at,
      ...fours(
        'shape',
        kept.map(({ size }) => size),
        1,
      ),
      ...fours('dst', out ? there : here, 0),
      ...fours('src', out ? here : there, 0),
    }
    const blocks = out ? [block, scratch] : [scratch, block]
    // Bits of 16 stay what they are, in scratch too.
    const format = formatOf(block.dtype)
    const constants = { FROM: format, TO: format, WHOLE: 0 }
    this.runPart({ kernel: copy, blocks, params, constants, label: this.launch.label, whole: !out })
  }

  private lend(count: number, length: number, use: (blocks: WebGPUBlock[]) => void): void {
    const { host, launch } = this
    const blocks: WebGPUBlock[] = []
    try {
      while (blocks.length < count) blocks.push(host.scratch(WORD_BYTES * length, launch.label))
      use(blocks)
    } finally {
      for (const block of blocks) host.release(block)
    }
  }
}

/** A kernel that says nothing of what it touches: every block as a whole. */
const WHOLE: Nest = { sizes: [], walks: [], params: () => ({}) }

/** Both parts of a piece; of a joined axis each has results of its own, in order. */
function halvesOf(piece: Piece, axis: number, joins: boolean): readonly [Piece, Piece] {
  const middle = middleOf(piece.sizes[axis])
  const sized = (size: number) => piece.sizes.with(axis, size)
  const fresh = (walks: Piece['walks'], sizes: readonly number[]) =>
    joins ? [packed(walks[0] as Walk, sizes), ...walks.slice(1)] : walks
  const [first, rest] = [sized(middle), sized(piece.sizes[axis] - middle)]
  const moved = piece.walks.map((walk) => walk && { ...walk, at: walk.at + (walk.steps[axis] ?? 0) * middle })
  const from = piece.from.with(axis, piece.from[axis] + middle)
  const joined = piece.joined || joins
  return [
    { ...piece, sizes: first, walks: fresh(piece.walks, first), joined, before: piece.before || joins },
    { ...piece, sizes: rest, from, walks: fresh(moved, rest), joined },
  ]
}

/** What became of a part becomes of the block. */
function settle(block: WebGPUBlock, part: WebGPUBlock): void {
  if (block === part) return
  block.error ??= part.error
  if (part.verdicts) block.verdicts = joined(block.verdicts, part.verdicts)
  block.writtenIn = part.writtenIn
  block.writer = part.writer
}
