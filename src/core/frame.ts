/**
 * @file Which module is running: each node of the graph remembers it, so that drawings and errors can name its place.
 * nn/call.ts, which stands above, sets it; the walk backward says which node it goes back through (walk.ts).
 */

/** A running call of a module's `forward`, and the call that it was made in. */
export interface ModuleFrame {
  readonly module: { namedModules(): Iterable<readonly [path: string, module: object]> }
  readonly outer: ModuleFrame | null
}

/** A node or leaf that the walk backward is at. */
export interface BackwardPlace {
  /** The op, by its public name; `leaf`. */
  readonly name: string
  /** The call of a module that it was made in. */
  readonly frame?: ModuleFrame | null
}

/** The innermost call that is running, and where a walk backward is; null outside of both. */
export const calling: { now: ModuleFrame | null; back: BackwardPlace | null } = { now: null, back: null }

/** The path of a call from the outermost one, as `namedModules` of the modules on the way have it. */
export function pathOf({ module, outer }: ModuleFrame): string {
  if (!outer) return ''
  const above = pathOf(outer)
  const found = [...outer.module.namedModules()].find(([, inside]) => inside === module)
  // A module that is in nobody's fields goes by its class.
  const name = found ? found[0] : module.constructor.name
  return above && name ? `${above}.${name}` : above || name
}
