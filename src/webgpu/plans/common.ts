/** @file What plans share: counts of workgroups, size classes, and what adapters are good at. */
import { type Facts, LANES, Live, type ParamValue, type Plan } from '../../core/kernel.ts'

/** A `vec4` param of a kernel. */
export type Vec4 = readonly number[]

/** The value of a param, which may be live. */
export const numberOf = (value: ParamValue): number => (value instanceof Live ? value.value : (value as number))

/** Workgroups for one thread per element. */
export const perElement = (count: number): number => Math.ceil(count / LANES)

/** Workgroups for one thread per four elements. */
export const perVec4 = (count: number): number => Math.ceil(count / (4 * LANES))

/**
 * Elements from which four per thread pay on a software adapter. Below, one per thread is as fast and compiles in half
 * the time: each access to memory that a shader contains costs such an adapter 10 ms of compilation.
 */
export const MANY = 8192
export const manyElements = (count: number, { software }: Facts): boolean => !software || count >= MANY

/**
 * vec4s that a thread of a simple kernel takes, one after the other: on a software adapter to begin a thread costs as
 * much as a vec4; a GPU's neighbours want neighbouring vec4s.
 */
export const runOf = ({ software }: Facts): 1 | 4 => (software ? 4 : 1)

/** For variants that pay on a software adapter alone, and there from as many elements on. */
export const manyOnSoftware = (count: number, { software }: Facts): boolean => software && count >= MANY

/** Each size rounded up to a power of two, such as `64x1024`. */
export const sizeClass = (...sizes: readonly number[]): string =>
  sizes.map((size) => 2 ** Math.ceil(Math.log2(Math.max(1, size)))).join('x')

export interface Rows {
  rows: number
  cols: number
  offset: number
}

/** A thread for each element of `rows` × `cols`, by the one entry point of a kernel. */
export const cellPlan = (entry: string): Plan => ({
  variants: {
    element: {
      dispatch: ({ rows, cols }: { rows: number; cols: number }) => ({ entry, groups: perElement(rows * cols) }),
    },
  },
})

/** The class of a kernel that works by rows. */
export const classOfRows = ({ rows, cols }: Pick<Rows, 'rows' | 'cols'>): string => sizeClass(rows, cols)

/** A workgroup for each row, on GPUs with rows that keep one busy; else a thread. */
export const groupPerRow = ({ cols }: Rows, { software }: Facts): boolean => !software && cols >= 64
