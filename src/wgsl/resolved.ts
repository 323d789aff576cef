/** @file What is found for an operator, a builtin function or a constructor; what is thrown where it has no value. */
import type { Constant } from './tree.ts'
import type { Type } from './types.ts'

/** One meaning of an operator, builtin function or constructor, for arguments of certain types. */
export interface Resolved {
  readonly result: Type
  /** What each argument is converted to. */
  readonly params: readonly Type[]
  /**
   * Its value from those of its arguments, which are constants of the params; throws `Invalid` where the specification
   * has a shader-creation error. Absent: never a const-expression.
   */
  readonly evaluate?: (args: readonly Constant[]) => Constant
  /**
   * Of a call that is not a const-expression itself: looks at those arguments that are (constants of the params; the
   * others undefined) and throws `Invalid`: division by a constant 0, `clamp` between constants low > high, …
   */
  readonly check?: (args: readonly (Constant | undefined)[]) => void
  /** The call may not be a statement of its own: its value must be used. */
  readonly mustUse?: boolean
  /** Needs `enable NAME`. */
  readonly needs?: 'f16' | 'subgroups'
  /** It stands only where all threads of a workgroup or a subgroup are together: barriers and subgroup functions. */
  readonly uniform?: 'workgroup' | 'subgroup'
  /** It has effects or reads what only a running thread has: refused in const-expressions and of overrides. */
  readonly runtime?: boolean
}

/** What is wrong with the values of a const-expression; whoever knows the place makes a `WgslError` of it. */
export class Invalid extends Error {
  override readonly name = 'Invalid'
}
