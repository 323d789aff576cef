/** @file What `explain` gives: plain data, numbers and texts only. */
import type { DType } from '../core/device.ts'
import type { Shape } from '../core/shape.ts'

/** Where something stands in this repository. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** A tensor by name. */
export interface Named {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
}

/** A value that backward will read. */
export interface SavedValue extends Named {
  /** Of the storage that is kept alive, whatever part of it the value is. */
  readonly bytes: number
  /** The inputs whose gradients read it. */
  readonly readBy: readonly string[]
}

/** What is bound to a binding of a dispatch. */
export interface BindingUse {
  readonly name: string
  readonly binding: number
  readonly holds: 'params' | 'tensor' | 'scratch' | 'status'
  /** Of a tensor. */
  readonly dtype?: DType
  /** Elements of a tensor. */
  readonly length?: number
  readonly bytes: number
}

/** How often a dispatch touched memory, by the name of a variable. */
export interface Touched {
  readonly name: string
  readonly space: 'uniform' | 'storage' | 'workgroup'
  readonly reads: number
  readonly writes: number
  readonly atomics: number
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Bytes of what is bound that were read, and written, at least once. */
  readonly distinctRead: number
  readonly distinctWritten: number
}

/** A line of a listing. */
export interface CodeLine extends Place {
  readonly text: string
  /** `x 32` for each variable that the line read, with how often; none where nothing was counted. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/** Lines that do the same. */
export interface Link {
  /** `writes y`, `reads x`, `LOG`. */
  readonly about: string
  /** Positions in the listing, in the twin's lines, in the lines of the op's source. */
  readonly wgsl: readonly number[]
  readonly twin: readonly number[]
  readonly source: readonly number[]
}

/** Accesses that threads make at once, as if all went together. */
export interface Step {
  /** Barriers that were passed before. */
  readonly phase: number
  readonly does: 'read' | 'write' | 'atomic'
  readonly buffer: string
  readonly file: string
  readonly line: number
  /** Bytes of each access. */
  readonly bytes: number
  /** For each thread that takes part, its number in the grid and the byte where it begins. */
  readonly touches: readonly (readonly [thread: number, byte: number])[]
  /** 128-byte lines that each 32 neighbours touch, of storage; none of other memory. */
  readonly lines: readonly number[]
}

/** A dispatch of a launch. */
export interface DispatchExplanation {
  readonly entry: string
  readonly place: Place
  /** Values of overrides that the plan or the op chose; those not named have their default. */
  readonly overrides: Readonly<Record<string, number>>
  /** What `OP` or `KIND` among them stands for: `MUL`. */
  readonly codes: readonly string[]
  /** Params as this dispatch has them. */
  readonly params: Readonly<Record<string, number | readonly number[]>>
  readonly bindings: readonly BindingUse[]
  readonly groups: readonly [number, number, number]
  readonly workgroup: readonly [number, number, number]
  readonly threads: number
  readonly workgroupBytes: number
  /** Empty where it was too large to be counted. */
  readonly touched: readonly Touched[]
  /** Elements of 4 bytes that it wrote to storage, each once. */
  readonly outputs: number
  /** Operations on floats; undefined where it was too large to be counted. */
  readonly flops?: number
  /** Operations per byte of storage that is read or written at least once. */
  readonly flopPerByte?: number
  readonly wgsl: readonly CodeLine[]
  /** Functions of shaders/lib that it calls and that are not listed. */
  readonly calls: readonly (Place & { readonly name: string })[]
  readonly links: readonly Link[]
  /** Of small dispatches only. */
  readonly steps?: readonly Step[]
}

/** A variant that was not taken. */
export interface Refused {
  readonly variant: string
  readonly reason: string
  /** What its plan asks, as it is written: `fits` where that failed, else `better`; '' where it asks nothing. */
  readonly condition: string
}

/** A launch of a kernel. */
export interface LaunchExplanation {
  readonly kernel: string
  /** What the head of its file says of it; '' where nothing is known. */
  readonly about: string
  readonly file: string
  /** The op that launched it. */
  readonly label: string
  readonly variant: string
  readonly refused: readonly Refused[]
  readonly dispatches: readonly DispatchExplanation[]
  /** The CPU twin; no lines where the kernel has none. */
  readonly twin: { readonly place: Place | null; readonly lines: readonly string[] }
}

/** A call of an op, or launches outside of ops: a fill, the sum of two gradients. */
export interface CallExplanation {
  readonly op: string
  readonly inputs: readonly Named[]
  readonly outputs: readonly Named[]
  /** Dims, exponents, JS numbers among the operands. */
  readonly attrs: Readonly<Record<string, unknown>>
  /** `y = exp x / Σ exp x`; '' where it is not known. */
  readonly formula: string
  /** ∂L/∂ each input, in g = ∂L/∂y. Without a formula the rule itself. */
  readonly derivative: Readonly<Record<string, string>>
  readonly saved: readonly SavedValue[]
  /** The definition of the op; no lines where it is not known. */
  readonly source: { readonly place: Place | null; readonly lines: readonly string[] }
  readonly launches: readonly LaunchExplanation[]
  /** In a gradient: the op whose gradient it computes. */
  readonly of?: string
}

/** What `explain` found, as plain data. */
export interface Explained {
  readonly name: string
  /** What its docstring says first; '' where it has none that is known. */
  readonly about: string
  readonly place: Place | null
  /** The adapter that plans were asked for. */
  readonly facts: string
  readonly inputs: readonly Named[]
  readonly outputs: readonly Named[]
  readonly forward: readonly CallExplanation[]
  /** Empty where it was not asked for. */
  readonly backward: readonly CallExplanation[]
  /** What the reader must know of how it was run. */
  readonly notes: readonly string[]
}
